# Debug information that does not fit together
cat > main.go <<'E'
package main

type T struct{ a, b int }

//go:noinline
func keep(t *T) { println(t.a, t.b) }

func main() {
	t := T{1, 2}
	keep(&t)
}
E
package main main.go
cp main.a good.a
bad() { # PYTHON: with info, of main.keep
  cp good.a main.a
  edit main.a <<E
info = o.at(next(x for x in o.symbol("main.keep").auxs() if x.type == AUX_DWARF_INFO).target)
$1
E
}
bad 'next(r for r in info.relocs() if r.type == R_USETYPE).target = o.symbol("main..inittask").ref()'
fails 'main..inittask: dwarf: type name doesn.t start with "type:"' -importcfg all.cfg main.a
# Stock calls a symbol that has no name by its own number of it; ours says what it is.
bad 'info.relocs()[-1].offset = 100000'
fails_apart '^debug information: invalid relocation : 100000\+4 not in' -importcfg all.cfg main.a
grep -Eq '^sym [0-9]+: invalid relocation : 100000\+4 not in' stock.err
bad 'next(r for r in info.relocs() if r.type == R_DWARFSECREF and r.size == 4).addend = 1 << 40'
fails_apart '^debug information: non-pc-relative relocation R_DWARFSECREF address for .* is too big: 0x100000' -importcfg all.cfg main.a
grep -Eq '^sym [0-9]+: non-pc-relative relocation R_DWARFSECREF address for .* is too big: 0x100000' stock.err
# Types that entries are made of
bad 'next(r for r in o.symbol("type:main.T").relocs() if r.offset == 104).offset = 4'
fails_apart '^type:main.T: malformed object: descriptor of a type' -importcfg all.cfg main.a
bad 'fields = [r for r in o.symbol("type:main.T").relocs() if r.offset >= 96]
o.data[o.at(fields[0].target).bytes_at() + 1] = 99'
fails_apart '^type:main.T: malformed object: descriptor of a type' -importcfg all.cfg main.a
# Kinds of host objects are left alone, but for what they refer to.
bad 'next(r for r in info.relocs() if r.type not in (R_USETYPE, R_DWARFSECREF)).type += 512'
links '' -importcfg all.cfg main.a
bad 'next(r for r in info.relocs() if r.type == R_DWARFSECREF and r.size == 4).type += 512'
fails_apart 'relocation target go:info.*main.T not defined' -importcfg all.cfg main.a
bad 'next(r for r in info.relocs() if r.type == R_DWARFSECREF and r.size == 4).size = 3'
fails_apart '^debug information: bad reloc size 0x3 for ' -importcfg all.cfg main.a
grep -Eq '^sym [0-9]+: bad reloc size 0x3 for ' stock.err
