# A target that is not defined is said once for each function that refers to it
cat > main.go <<'E'
package main

func missing(n int) int

//go:noinline
func twice(n int) int { return missing(n) + missing(n+1) }
func main() { println(twice(1), missing(2)) }
E
echo > empty.s
package main main.go empty.s
ANY_ORDER=1
fails 'main.twice: relocation target main.missing not defined' -importcfg all.cfg main.a
