# A package compiled without its path
echo 'package p; func F() int { return 1 }' > p.go
echo 'package main; import "p"; func main() { println(p.F()) }' > main.go
package p p.go
package main main.go
go tool compile -importcfg all.cfg -pack -o p.a p.go
fails 'unlinkable object .from package p. - compiler requires -p flag' -importcfg all.cfg main.a
