# P: invalid reference to S, defined in std without a push linkname
cat > main.go <<'E'
package main

import (
	"fmt"
	_ "unsafe"
)

//go:linkname parsenum fmt.parsenum
func parsenum(s string, start, end int) (num int, isnum bool, newi int)
func main() { fmt.Println(parsenum("1", 0, 1)) }
E
echo > empty.s
package main main.go empty.s
fails 'main: invalid reference to fmt.parsenum' -importcfg all.cfg main.a
links '' -checklinkname=false -importcfg all.cfg main.a
