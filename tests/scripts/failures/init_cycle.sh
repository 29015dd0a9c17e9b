# A package that has to be initialised before itself
cat > main.go <<'E'
package main

import "fmt"

var n = fmt.Sprint(1)

func main() { println(n) }
E
package main main.go
edit main.a <<'E'
task = o.symbol("main..inittask")
next(r for r in task.relocs() if r.type == R_INITORDER).target = task.ref()
E
fails 'inittask for main..inittask is not schedulable 1' -importcfg all.cfg main.a
