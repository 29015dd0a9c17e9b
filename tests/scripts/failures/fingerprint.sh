# fingerprint mismatch
echo 'package lib; func F() int { return 1 }' > lib.go
package lib lib.go
echo 'package main; import "lib"; func main() { println(lib.F()) }' > main.go
package main main.go
echo 'package lib; func F() int { return 2 }; func G() string { return "changed" }' > lib.go
package lib lib.go
fails 'fingerprint mismatch: lib has [0-9a-f]+, import from main expecting [0-9a-f]+' -importcfg all.cfg main.a
