# Text and data too far apart for the relocations between them
echo 'package main; func main() {}' > main.go
package main main.go
ANY_ORDER=1
fails 'too big' -e -D 0x200000000 -importcfg all.cfg main.a
