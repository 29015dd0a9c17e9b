# importcfg names a file that is not there
echo 'package lib; func F() int { return 1 }' > lib.go
package lib lib.go
echo 'package main; import "lib"; func main() { println(lib.F()) }' > main.go
package main main.go
rm lib.a
fails 'lib.a' -importcfg all.cfg main.a
