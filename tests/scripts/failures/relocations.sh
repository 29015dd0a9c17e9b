# Relocations that cannot be applied
cat > main.go <<'E'
package main

var number = 5
var pointer = &number

//go:noinline
func keep(values ...any) {}

//go:noinline
func callee() { keep(&number) }

//go:noinline
func other() { println(1) }

func main() {
	callee()
	keep(&pointer)
	other()
}
E
package main main.go
cp main.a good.a
# bad PYTHON: with p, where pointer has its address, and c, the call of callee.
bad() {
  cp good.a main.a
  edit main.a <<E
def call(name):
    target = o.symbol(name).ref()
    return next(r for r in o.symbol("main.main").relocs() if r.type == R_CALL and r.target == target)
p = o.symbol("main.pointer").relocs()[0]
c = call("main.callee")
$1
E
}
bad 'p.offset = 1'
fails 'main.pointer: invalid relocation main.number: 1\+8 not in \[0,8\)' -importcfg all.cfg main.a
bad 'p.offset = -1'
fails 'invalid relocation' -importcfg all.cfg main.a
bad 'p.size = 3'
fails 'bad reloc size 0x3 for main.number' -importcfg all.cfg main.a
bad 'p.size = 4; p.addend = 1 << 40'
fails 'non-pc-relative relocation R_ADDR address for main.number is too big' -importcfg all.cfg main.a
for addend in '1 << 40' '-(1 << 40)'; do
  bad "c.addend = $addend"
  fails 'pc-relative relocation R_CALL address for main.callee is too big' -importcfg all.cfg main.a
done
bad 'p.size = 3; c.size = 3'
ANY_ORDER=1
fails 'bad reloc size' -importcfg all.cfg main.a
ANY_ORDER=
# A call that keeps nothing alive.
bad 'call("main.other").type |= R_WEAK'
alike -importcfg all.cfg main.a
