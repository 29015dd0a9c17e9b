# A variable of the runtime, and assembly, which may name anything
cat > main.go <<'E'
package main

import _ "unsafe"

//go:linkname target runtime.allgs
var target uintptr

func main() { target++ }
E
package main main.go
fails 'invalid reference to runtime.allgs' -importcfg all.cfg main.a
cat > main.go <<'E'
package main

func f()
func main() { f() }
E
printf 'TEXT ·f(SB), 4, $0-0\n\tCALL runtime·gcStart(SB)\n\tRET\n' > f.s
package main main.go f.s
alike -importcfg all.cfg main.a
