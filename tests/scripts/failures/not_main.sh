# F: not package main
echo 'package other; func F() {}' > other.go
package other other.go
fails 'not package main' -importcfg all.cfg other.a
