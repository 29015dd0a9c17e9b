# arm64: relocations that cannot be applied, in cmd/link's words; and what is not covered there, refused
export GOARCH=arm64
go list -export -deps -f '{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}' runtime fmt > all.cfg
cat > main.go <<'E'
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
E
package main main.go
cp main.a good.a
links '' -importcfg all.cfg main.a
# bad PYTHON: with p, where pointer has its address, and c, the call of callee.
bad() {
  cp good.a main.a
  edit main.a <<E
R_CALLARM64 = 9
p = o.symbol("main.pointer").relocs()[0]
target = o.symbol("main.callee").ref()
c = next(r for r in o.symbol("main.main").relocs() if r.type == R_CALLARM64 and r.target == target)
$1
E
}
for addend in '1 << 28' '-(1 << 28)' '1 << 40'; do
  bad "c.addend = $addend"
  fails 'program too large, call relocation distance = -?[0-9]+' -importcfg all.cfg main.a
done
# R_ADDRARM64, R_ARM64_PCREL_LDST8 to 64: eight bytes, two instructions.
for kind in 3 37 38 39 40; do
  for addend in 0 1; do
    bad "p.type = $kind; p.addend = $addend"
    alike -importcfg all.cfg main.a
  done
done
fails 'offset for 64-bit load/store has unaligned value' -importcfg all.cfg main.a
for addend in '1 << 33' '-(1 << 33)'; do
  bad "p.type = 3; p.addend = $addend"
  fails 'program too large, address relocation distance = -?[0-9]+' -importcfg all.cfg main.a
done
bad 'p.type = 32'
fails 'TLS offset out of range' -importcfg all.cfg main.a
bad 'p.type = 33'
fails 'cannot handle R_ARM64_TLS_IE \(sym main.pointer\) when linking internally' -importcfg all.cfg main.a
for change in 'c.size = 1' 'c.size = 2' 'c.size = 3' 'p.type = 3; p.size = 4' 'c.addend = 2' 'c.type = 7' 'c.type = 2' 'c.type = 34' 'c.type = 104'; do
  bad "$change"
  alike -importcfg all.cfg main.a || { echo "$change" >&2; exit 1; }
done
cp good.a main.a
ANY_ORDER=1
fails 'program too large, address relocation distance' -e -D 0x200000000 -importcfg all.cfg main.a
ANY_ORDER=

# More code than a call reaches over: there are trampolines from 124 MB on.
for size in 123 140; do
  bad "o.symbol('main.callee').size = $size << 20"
  links '' -s -w -importcfg all.cfg main.a
done
rm -f a.out b.out
cp good.a main.a
edit main.a <<'E'
m = a.member("_go_.o")
at = m[1].index(b"\n!\n\0go120ld")
m[1][at:at] = b'''\n$$  // cgo\n[["cgo_import_dynamic","_","_","libc.so.6"]]\n$$\n'''
E
links '' -importcfg all.cfg main.a
