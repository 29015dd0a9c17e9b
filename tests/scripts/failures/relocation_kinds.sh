# Kinds of relocation that are not for this place, not for this machine, or not at all
cat > main.go <<'E'
package main

var number = 5
var pointer = &number

//go:noinline
func keep(values ...any) {}

func main() { keep(&pointer) }
E
package main main.go
cp main.a good.a
for kind in 2 3 8 10 47 90 104 200 256 0x7fff 0x8001; do
  cp good.a main.a
  echo "o.symbol('main.pointer').relocs()[0].type = $kind" | edit main.a
  alike -importcfg all.cfg main.a || { echo "kind $kind" >&2; exit 1; }
done
# A method's, alone: stock panics.
cp good.a main.a
echo "o.symbol('main.pointer').relocs()[0].type = 26" | edit main.a
fails_apart 'main.a\(_go_.o\): malformed object: ' -importcfg all.cfg main.a
for kind in 5 0x8005 6 13 14 15 16; do
  cp good.a main.a
  echo "p = o.symbol('main.pointer').relocs()[0]; p.type = $kind; p.size = 4" | edit main.a
  alike -importcfg all.cfg main.a || { echo "kind $kind, 4 bytes" >&2; exit 1; }
done
