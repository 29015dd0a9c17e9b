# -X on what is no string
cat > main.go <<'E'
package main

var number = 3
var text string
func main() { println(number, text) }
E
package main main.go
fails 'cannot set with -X: not a var of type string' -X main.number=4 -importcfg all.cfg main.a
links '' -X main.text=words -importcfg all.cfg main.a
links '' -X main.absent=words -importcfg all.cfg main.a
fails . -X main.text -importcfg all.cfg main.a
fails . -X =words -importcfg all.cfg main.a
