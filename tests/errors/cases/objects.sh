# Objects whose parts do not fit together.
std
go_file main.go <<'GO'
package main

import "runtime"

var number = 5
var text = "hello"

//go:noinline
func show(n int, s string) { println(n, s) }

func main() {
	show(number, text)
	runtime.GC()
}
GO
compile main main.go
cp main.a good.a
restore() { cp good.a main.a; }

# A built-in function that this runtime does not have (it is there with the race detector only).
edit main.a <<'PY'
for r in o.symbol("main.main").relocs() + o.symbol("main.show").relocs():
    if r.target[0] == PKG_BUILTIN:
        r.target = (PKG_BUILTIN, 199)
PY
run_both -importcfg importcfg main.a
builtin=$(grep -o 'builtin "[^"]*"' stock.err || true)
same 1 -importcfg importcfg main.a
says "reference to undefined builtin"

# A package that is not linked.
restore
edit main.a <<'PY'
p = next(p for p in o.packages() if o.string(p) == "runtime")
o.data[p:p + 8] = o.data[o.symbol("main.show").at:][:8]
PY
same 1 -importcfg importcfg main.a
says "reference to nonexistent package main.show"

restore
edit main.a <<'PY'
o.symbol("main.main").abi = 7
PY
agree -importcfg importcfg main.a

# A relocation that names symbol 1,000,000 of this package; auxiliary symbols, too.
restore
edit main.a <<'PY'
o.symbol("main.main").relocs()[0].target = (PKG_SELF, 1000000)
PY
like 2 "main.a(_go_.o): malformed object: symbol" -importcfg importcfg main.a
restore
edit main.a <<'PY'
o.symbol("main.main").auxs()[0].target = (PKG_NONE, 1000000)
PY
like 2 "main.a(_go_.o): malformed object: symbol" -importcfg importcfg main.a
# The tables of where relocations begin, names beyond the object, kinds that do not exist.
restore
edit main.a <<'PY'
o.u32(o.block("relocidx") + 4, 0xfffffff0)
PY
like 2 "main.a(_go_.o): malformed object" -importcfg importcfg main.a
restore
edit main.a <<'PY'
o.u32(o.symbol("main.show").at, 0x7fffffff)
PY
like 2 "main.a(_go_.o): malformed object" -importcfg importcfg main.a
restore
edit main.a <<'PY'
o.symbol("main.number").kind = 77
PY
like 2 "main.a(_go_.o): malformed object" -importcfg importcfg main.a

# A cycle in the order of initialisation.
go_file init.go <<'GO'
package main

import "os"

var n = len(os.Args)

func init() { n++ }

func main() { println(n) }
GO
std os
compile main init.go
edit main.a <<'PY'
task = o.symbol("main..inittask")
next(r for r in task.relocs() if r.type == R_INITORDER).target = task.ref()
PY
same 2 -importcfg importcfg main.a
says "inittask for main..inittask is not schedulable 1"

# Packages that import each other.
go_file p.go <<'GO'
package p

func P() {}
GO
go_file q.go <<'GO'
package q

import "p"

func Q() { p.P() }
GO
go_file pq.go <<'GO'
package main

import "q"

func main() { q.Q() }
GO
compile p p.go
compile q q.go
compile main pq.go
cp p.a old.a
go_file p.go <<'GO'
package p

import "q"

func P() { q.Q() }
GO
go tool compile -p p -importcfg importcfg -pack -o p.a p.go
same 2 -importcfg importcfg main.a
says "fingerprint mismatch"
# With fingerprints that agree.
for f in p q main; do
  edit $f.a <<'PY'
o.data[o.base + 8:o.base + 16] = b"samesame"
for at in range(o.block("autolib"), o.block("pkgidx"), 16):
    if o.string(at) in ("p", "q"):
        o.data[at + 8:at + 16] = b"samesame"
PY
done
like 2 "found import cycle while visiting" -importcfg importcfg main.a
