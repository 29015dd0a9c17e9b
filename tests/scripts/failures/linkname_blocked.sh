# P: invalid reference to S, a blocked linkname
cat > main.go <<'E'
package main

import _ "unsafe"

//go:linkname coroswitch runtime.coroswitch
func coroswitch(uintptr)
func main() { coroswitch(0) }
E
echo > empty.s
package main main.go empty.s
fails 'main: invalid reference to runtime.coroswitch' -importcfg all.cfg main.a
fails . -checklinkname=false -E no.entry -importcfg all.cfg main.a
