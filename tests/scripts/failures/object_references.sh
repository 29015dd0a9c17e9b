# What an object refers to and nobody has
cat > main.go <<'E'
package main

import "runtime"

//go:noinline
func show(n int) { println(n) }

func main() {
	show(1)
	runtime.GC()
}
E
package main main.go
cp main.a good.a
# A function of the race detector's runtime.
edit main.a <<'E'
for r in o.symbol("main.main").relocs() + o.symbol("main.show").relocs():
    if r.target[0] == PKG_BUILTIN:
        r.target = (PKG_BUILTIN, 199)
E
fails 'reference to undefined builtin' -importcfg all.cfg main.a
cp good.a main.a
edit main.a <<'E'
p = next(p for p in o.packages() if o.string(p) == "runtime")
o.data[p:p + 8] = o.data[o.symbol("main.show").at:][:8]
E
fails 'main: reference to nonexistent package main.show' -importcfg all.cfg main.a
cp good.a main.a
edit main.a <<'E'
o.symbol("main.main").abi = 7
E
alike -importcfg all.cfg main.a
