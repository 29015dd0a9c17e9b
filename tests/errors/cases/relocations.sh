# Relocations that cannot be applied.
std
go_file main.go <<'GO'
package main

var number = 5
var pointer = &number

//go:noinline
func keep(values ...any) {}

//go:noinline
func callee() { keep(&number) }

func main() {
	callee()
	keep(&pointer)
}
GO
compile main main.go
cp main.a good.a

# bad 'PYTHON, with p for the pointer'"'"'s relocation and c for the call of callee'
bad() {
  cp good.a main.a
  edit main.a <<PY
p = o.symbol("main.pointer").relocs()[0]
c = next(r for r in o.symbol("main.main").relocs() if r.type & 0xff == R_CALL and r.target == o.symbol("main.callee").ref())
$1
PY
}

bad 'p.offset = 1'
same 2 -importcfg importcfg main.a
says "main.pointer: invalid relocation main.number: 1+8 not in [0,8)"
bad 'p.offset = -1'
same 2 -importcfg importcfg main.a
bad 'p.size = 3'
same 2 -importcfg importcfg main.a
says "bad reloc size 0x3 for main.number"
bad 'p.size = 4; p.addend = 1 << 40'
same 2 -importcfg importcfg main.a
says "is too big"
bad 'c.addend = 1 << 40'
same 2 -importcfg importcfg main.a
says "is too big"
bad 'c.addend = -(1 << 40)'
same 2 -importcfg importcfg main.a
# Kinds that this platform does not have, that nobody has, and that need a section.
for kind in 2 3 8 10 26 47 90 104 200 0x7fff; do
  bad "p.type = $kind"
  run_both -importcfg importcfg main.a
  if grep -q '^panic' stock.err; then
    like 2 "main.pointer" -importcfg importcfg main.a
  else
    agree -importcfg importcfg main.a
  fi
done
bad 'p.type |= R_WEAK'
agree -importcfg importcfg main.a
bad 'c.type |= R_WEAK'
agree -importcfg importcfg main.a
for kind in 5 0x8005 6 13 14 15 16; do
  bad "p.type = $kind; p.size = 4"
  agree -importcfg importcfg main.a
done
# Two bad ones in one symbol, and the same target twice.
bad 'p.target = (PKG_SELF, o.symbol("main.number").index); p.offset = 4; c.size = 2'
same_set 2 -importcfg importcfg main.a
