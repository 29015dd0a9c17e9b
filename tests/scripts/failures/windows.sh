# windows: images with every kind of section, and what goes wrong there, in cmd/link's words
export GOOS=windows
cat > main.go <<'E1'
package main

import "fmt"

func main() { fmt.Println("hello") }
E1
# target ARCH: from here on, links are for windows/ARCH.
target() {
  export GOARCH=$1
  go list -export -deps -f '{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}' runtime fmt > all.cfg
  package main main.go
  cp main.a good.a
}
for arch in amd64 arm64; do
  target $arch
  for flags in "" "-buildmode=pie -s -w" "-buildmode=pie -H windowsgui -buildid=a/b" "-w=false -s -randlayout=7 -B none -compressdwarf=false"; do
    links '' $flags -importcfg all.cfg main.a
  done
  [ $arch = amd64 ] || break
  # The format gives out addresses by its own rules.
  fails '.text.VirtualAddress = 0x1000, want 0x2000' -T 0x140002000 -importcfg all.cfg main.a
  fails '.data.VirtualAddress = ' -D 0x148000000 -importcfg all.cfg main.a
  fails '.rdata.VirtualAddress = ' -R 0x100000 -importcfg all.cfg main.a
  fails 'missing entry symbol "nix"' -E nix -importcfg all.cfg main.a
done
links '' -debugtramp=2 -importcfg all.cfg main.a
target amd64
fails 'dynamic linking required on windows; -d flag cannot be used' -d -importcfg all.cfg main.a
alike -aslr=false -importcfg all.cfg main.a
alike -c -importcfg all.cfg main.a
refused '-H linux is not supported' -H linux

# resource FILE SECTION...: an object with resource sections, where the last one's bytes follow from relocations.
resource() {
  python3 - "$@" <<'E1'
import struct, sys
name, sections = sys.argv[1], sys.argv[2:]
body, headers, at = b"", b"", 20 + 40 * len(sections)
for number, section in enumerate(sections):
    section, _, flags = section.partition("=")
    data = bytes(range(number + 1, number + 45))
    relocs = struct.pack("<IIH", 20, number, 3) + struct.pack("<IIH", 8, number, 3)
    headers += struct.pack("<8sIIIIIIHHI", section.encode(), 0, 0, len(data), at, at + len(data), 0, 2, 0, int(flags or "0x40000040", 0))
    body += data + relocs
    at += len(data) + len(relocs)
symbols = b"".join(struct.pack("<8sIhHBB", s.partition("=")[0].encode(), 4 * i, i + 1, 0, 3, 0) for i, s in enumerate(sections))
header = struct.pack("<HHIIIHH", 0x8664, len(sections), 0, at, len(sections), 0, 0)
open(name, "wb").write(header + headers + body + symbols + struct.pack("<I", 4))
E1
  cp good.a main.a
  go tool pack r main.a "$1"
}
resource r.syso .rsrc
links '' -importcfg all.cfg main.a
links '' -s -w -importcfg all.cfg main.a
resource r.syso '.rsrc$01' '.rsrc$02'
links '' -importcfg all.cfg main.a
resource r.syso '.drectve=0x00100a00' .rsrc=0xc0300040
links '' -importcfg all.cfg main.a
go tool pack r main.a r.syso
resource s.syso .rsrc
go tool pack r main.a r.syso
fails 'too many .rsrc sections' -importcfg all.cfg main.a
resource r.syso .rsrc .text=0x60000020
refused 'r.syso\): package main has a host \(C\) object'
for bytes in 19 50 90 140; do
  resource r.syso .rsrc
  head -c $bytes r.syso > s.syso
  cp good.a main.a
  go tool pack r main.a s.syso
  refused 's.syso\): (truncated header|.* outside the object)'
done

# Exports; the name of the image stands among them.
cp good.a main.a
edit main.a <<'E1'
m = a.member("_go_.o")
at = m[1].index(b"\n!\n\0go120ld")
m[1][at:at] = b'''\n$$  // cgo\n[["cgo_export_dynamic","main.main","second","ABIInternal"],["cgo_export_dynamic","main.main.func1"],["cgo_export_dynamic","main..inittask","first"]]\n$$\n'''
E1
"$stock" -o same.exe -importcfg all.cfg main.a
mv same.exe stock.exe
./link -o same.exe -importcfg all.cfg main.a
cmp same.exe stock.exe
grep -q 'same.exe' same.exe
