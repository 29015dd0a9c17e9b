# More data than an image may have
cat > main.go <<'E'
package main

var one, two [1500 << 20]byte
func main() { one[len(one)-1], two[len(two)-1] = 1, 1 }
E
package main main.go
fails 'too much data' -importcfg all.cfg main.a

# Said behind each kind of section that follows, in their order.
cat > main.go <<'E'
package main

var one, two = [4]int{1, 2, 3, 4}, [4]int{5, 6, 7, 8}

func main() { println(one[0], two[3]) }
E
package main main.go
edit main.a <<'E'
for name in ("main.one", "main.two"):
    o.symbol(name).size = 1050000000
E
fails 'too much data, last section SNOPTRDATAFIPSSTART ' -importcfg all.cfg main.a
test "$(wc -l < stock.err)" -gt 5
