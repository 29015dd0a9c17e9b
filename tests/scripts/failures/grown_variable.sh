# A variable that one package fills and another declares larger: it grows, and keeps its type and DIE
cat > a.go <<'G'
package a
import _ "unsafe"
type Odd [2]struct{ X, Y chan func(int8) }
//go:linkname V
var V = Odd{}
//go:linkname W
var W = [2]int32{7, 8}
G
cat > b.go <<'G'
package b
import _ "unsafe"
type Strange struct { A [5]map[chan int16]*[3]complex64; B [60]uint64 }
//go:linkname V a.V
var V Strange
//go:linkname W a.W
var W [16]int64
func F() int { return len(V.A) + int(V.B[1]) + int(W[0]) }
G
cat > main.go <<'G'
package main
import ("a"; "b")
func main() { println(a.V[0].X, a.W[1], b.F()) }
G
package a a.go
package b b.go
package main main.go
links '' -checklinkname=false -importcfg all.cfg main.a
alike -importcfg all.cfg main.a
cat > main.go <<'G'
package main
import ("b")
func main() { println(b.F()) }
G
package main main.go
links '' -checklinkname=false -importcfg all.cfg main.a
