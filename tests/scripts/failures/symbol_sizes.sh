# Symbols larger or smaller than they may be
cat > main.go <<'E'
package main

var array = [4]int{1, 2, 3, 4}
var zero [1500]byte

//go:noinline
func keep(values ...any) {}

func main() { keep(&array, &zero, &array, &zero, &array, &zero, &array) }
E
package main main.go
cp main.a good.a
edit main.a <<'E'
o.symbol("main.array").size = 8
E
begins 'main.array: initialize bounds \(8 < 32\)' -importcfg all.cfg main.a
cp good.a main.a
edit main.a <<'E'
o.symbol("main.zero").size = 3000000000
E
fails 'main.zero: symbol too large \(3000000000 bytes\)' -importcfg all.cfg main.a
cp good.a main.a
edit main.a <<'E'
for x in o.symbol("main.main").auxs():
    if x.type == AUX_FUNCDATA and x.target[0] in (PKG_HASHED64, PKG_HASHED):
        o.at(x.target).size = 0
E
fails_apart 'main.main.stkobj: zero size funcdata' -importcfg all.cfg main.a
grep -q 'main.main.stkobj: zero size funcdata' stock.err
