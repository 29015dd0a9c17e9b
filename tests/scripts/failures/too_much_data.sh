# More data than an image may have
cat > main.go <<'E'
package main

var one, two [1500 << 20]byte
func main() { one[len(one)-1], two[len(two)-1] = 1, 1 }
E
package main main.go
fails 'too much data' -importcfg all.cfg main.a
