# An imported package, and the runtime, that importcfg does not name
echo 'package lib; func F() int { return 1 }' > lib.go
package lib lib.go
echo 'package main; import "lib"; func main() { println(lib.F()) }' > main.go
package main main.go
grep -v '^packagefile lib=' all.cfg > less.cfg
fails 'lib' -importcfg less.cfg main.a
: > none.cfg
fails . -importcfg none.cfg main.a
