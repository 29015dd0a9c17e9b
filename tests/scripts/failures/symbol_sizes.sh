# Symbols larger, smaller or aligned in another way than they may be
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

# More than there is of it: the rest is padding, or zeros, and has no relocations.
cp good.a main.a
edit main.a <<'E'
o.symbol("main.main").size += 40 << 20
o.symbol("main.array").size += 10 << 20
E
links '' -importcfg all.cfg main.a
cp good.a main.a
edit main.a <<'E'
f = o.symbol("main.main")
next(r for r in f.relocs() if r.size == 4).offset = f.size + 32
f.size += 64
E
fails 'invalid relocation .*: [0-9]+\+4 not in \[0,' -importcfg all.cfg main.a
# Alignments: stock panics at what is no power of two, and passes over what is negative.
for damage in 'symbol("main.array").align = 24' 'symbol("main.array").align = 0x7fffffff' \
    'symbols()[o.size("symdef") // SYM_SIZE].align = 3' 'symbols()[-1 - o.size("nonpkgref") // SYM_SIZE].align = 3'; do
  cp good.a main.a
  echo "o.$damage" | edit main.a
  fails_apart 'main.a\(_go_.o\): malformed object: .*alignment' -importcfg all.cfg main.a
  grep -q 'panic: bad alignment value' stock.err
done
for align in 0x80000000 0xffffffff; do
  cp good.a main.a
  echo "o.symbol('main.array').align = $align" | edit main.a
  links '' -importcfg all.cfg main.a
done
