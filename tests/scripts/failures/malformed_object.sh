# Objects whose tables do not hold: ours says which file and what
cat > main.go <<'E'
package main

var number = 5

//go:noinline
func show(n int) { println(n) }

func main() { show(number) }
E
package main main.go
cp main.a good.a
bad() {
  cp good.a main.a
  echo "$1" | edit main.a
  fails_apart 'main.a\(_go_.o\): malformed object: ' -importcfg all.cfg main.a || { echo "$1" >&2; exit 1; }
}
bad 'o.symbol("main.main").relocs()[0].target = (PKG_SELF, 1000000)'
bad 'o.symbol("main.main").auxs()[0].target = (PKG_NONE, 1000000)'
bad 'o.u32(o.block("relocidx") + 4, 0xfffffff0)'
bad 'o.u32(o.block("auxidx") + 4, 0xfffffff0)'
bad 'o.u32(o.block("dataidx") + 4, 0xfffffff0)'
bad 'o.u32(o.symbol("main.show").at, 0x7fffffff)'
bad 'o.symbol("main.number").kind = 77'
bad 'o.u32(o.base + 20 + 4 * 3, 0xfffffff0)'
# What a function says of itself (1: its metadata, 9: its line table) is marked without being read.
for kind in 1 9; do
  table="t = o.at(next(a for a in o.symbol('main.main').auxs() if a.type == $kind).target)"
  bad "$table; o.u32(t.at, 0x7fffffff)"
  bad "$table; o.u32(o.block('dataidx') + 4 * (t.index + 1), 0xfffffff0)"
done
cp good.a main.a
edit main.a <<'E'
info = o.at(next(a for a in o.symbol('main.show').auxs() if a.type == 1).target)
o.u32(info.bytes_at() + 16, 1000)  # so many files
E
fails_apart 'main.show: malformed object: function metadata' -importcfg all.cfg main.a
