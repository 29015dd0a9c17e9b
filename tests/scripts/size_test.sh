# dovetail size: the rows add up to the size of the files, whatever they are and however they are cut; sections, functions and
# packages have what other tools say.
mkdir p && cd p
printf 'module example.com/p\n\ngo 1.26\n' > go.mod
printf 'package main\n\nimport "fmt"\n\nvar table [9000]byte\n\nfunc main() { fmt.Println(len(table), work(3)) }\n\n//go:noinline\nfunc work(n int) int {\n\tfor i := range table {\n\t\tn += int(table[i])\n\t}\n\treturn n\n}\n' > main.go
go build -o image . && go build -ldflags='-s -w' -o stripped . && GOARCH=arm64 go build -o arm64 . && go build -ldflags=-compressdwarf=false -o plain .
for section in abbrev line frame info loclists rnglists addr; do
  objcopy --decompress-debug-sections --dump-section .debug_$section=section image copy
  cat section
done > expanded
export_file() { go list -export -f '{{.Export}}' "$1"; }
for package in runtime fmt net/http; do cp "$(export_file $package)" "${package//\//.}.a"; done
"$DOVETAIL" convert --to=dense runtime.a dense.a
"$DOVETAIL" convert --to=dense --compress=cold runtime.a cold.a
printf '#include "textflag.h"\nTEXT ·g(SB),NOSPLIT,$0\n\tRET\n' > g.s
go tool asm -I "$(go env GOROOT)/pkg/include" -p p -o asm.o g.s

cat > check.py <<'PYTHON'
import json, os, subprocess, sys

import jsonschema

with open(sys.argv[1]) as file:
    validator = jsonschema.Draft202012Validator(json.load(file))
CASES = [("symbol", 5)] + [(by, 0) for by in ("block", "section", "package", "symbol")]
for files in [[f] for f in sys.argv[2:]] + [sys.argv[2:]]:
    size = sum(os.path.getsize(f) for f in files)
    for by, top in CASES:
        words = ["size", f"--by={by}", f"--top={top}", "--json", *files]
        document = json.loads(subprocess.run([os.environ["DOVETAIL"], *words], check=True, stdout=subprocess.PIPE).stdout)
        validator.validate(document)
        rows = [row["bytes"] for row in document["rows"]]
        assert sum(rows) == document["total"] == size, (words, sum(rows), size)
        assert top or rows == sorted(rows, reverse=True), words
        assert not top or len(rows) == top + 1, words
        if document["expanded"]:
            assert by in ("package", "symbol") and files != ["plain"] and files != ["stripped"]
            assert sum(row["bytes"] for row in document["expanded"]["rows"]) == document["expanded"]["total"], words
        if files == ["image"] and by in ("package", "symbol"):
            assert document["expanded"]["total"] == os.path.getsize("expanded"), words
PYTHON
python3 check.py "$REPOSITORY/docs/size.schema.json" image plain stripped arm64 runtime.a fmt.a dense.a cold.a asm.o

row() { awk -v name="$1" '{n = $1; share = $2; $1 = $2 = $3 = ""; sub(/^ +/, "")} $0 == name {print n; exit}'; }
# Sections, as Go's own reader of ELF files sees them.
mkdir sections && cd sections
printf 'module sections\n\ngo 1.26\n' > go.mod
cat > main.go <<'GO'
package main

import (
	"debug/elf"
	"fmt"
	"os"
)

func main() {
	file, err := elf.Open(os.Args[1])
	if err != nil {
		panic(err)
	}
	for _, s := range file.Sections {
		if s.Type != elf.SHT_NULL && s.Type != elf.SHT_NOBITS && s.FileSize > 0 {
			fmt.Println(s.Name, s.FileSize)
		}
	}
}
GO
go run . ../image > ../sections.txt
cd ..
"$DOVETAIL" size image > blocks.txt
test "$(wc -l < sections.txt)" -gt 10
while read -r name bytes; do test "$(row "$name" < blocks.txt)" = "$bytes" || { echo "section $name: not $bytes" >&2; exit 1; }; done < sections.txt

# Functions of an image have the sizes of its symbol table and more, stripped or not (its functions end where the next begins, as
# text is padded).
"$DOVETAIL" size --by=symbol --top=0 image > symbols.txt
"$DOVETAIL" size --by=symbol --top=0 stripped > stripped.txt
for function in main.main main.work fmt.Fprintln runtime.mallocgc; do
  bytes=$(go tool nm -size image | awk -v name=$function '$4 == name {print $2}')
  test "$(row $function < symbols.txt)" -gt "$bytes"
  test "$(row $function < stripped.txt)" -ge "$(row $function < symbols.txt)"
done

# Debug information by package: units as readelf has them, expanded or not.
"$DOVETAIL" size --by=package --top=0 --json plain > plain.json
"$DOVETAIL" size --by=package --top=0 --json image > image.json
cat > units.py <<'PYTHON'
import collections, json, re, subprocess

def readelf(what, name):
    return subprocess.run(["readelf", "--debug-dump=" + what, name], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors="replace").stdout
units = collections.Counter()
bases, lines = [], {}
for unit in re.split(r"^ +Compilation Unit @ offset ", readelf("info", "plain"), flags=re.M)[1:]:
    length = int(re.search(r"Length: +(0x\w+|\d+)", unit)[1], 0) + 4
    name = re.search(r"DW_AT_name +: (?:\(.*?\): )?(\S+)", unit)[1]
    units[name] += length
    found = re.search(r"DW_AT_addr_base +: (0x\w+|\d+)", unit)
    if found:
        bases.append((int(found[1], 0), name))
    found = re.search(r"DW_AT_stmt_list +: (0x\w+|\d+)", unit)
    if found:
        lines[int(found[1], 0)] = name
for table in re.split(r"^  Offset: ", readelf("rawline", "plain"), flags=re.M)[1:]:
    units[lines[int(table.split()[0], 0)]] += int(re.search(r"Length: +(\d+)", table)[1]) + 4
rows = lambda d: {r["name"]: r["bytes"] for r in d["rows"]}
image, plain = json.load(open("image.json")), json.load(open("plain.json"))
assert plain["expanded"] is None
# .debug_addr, and frames of functions whose symbols say whose they are.
bases = sorted(bases) + [(int(re.search(r"debug_addr +PROGBITS +\w+ \w+ (\w+)", subprocess.check_output(["readelf", "-SW", "plain"], text=True))[1], 16), "")]
for (begin, name), (end, _) in zip(bases, bases[1:]):
    units[name] += end - begin
symbols = collections.defaultdict(set)
for line in open("nm.txt"):
    m = re.match(r" *(\w+) [Tt] ((?:[\w.]+/)*[\w]+)\.", line)
    if m:
        symbols[m[2]].add(int(m[1], 16))
frames = {int(m[2], 16): int(m[1], 16) + 4 for m in re.finditer(r"^\w+ (\w+) \w+ FDE cie=\w+ pc=(\w+)\.\.", readelf("frames", "image"), re.M)}
assert len(units) > 20
for name in "fmt", "os", "internal/strconv", "unicode/utf8":
    assert rows(image["expanded"])[name] == units[name] + sum(frames[a] for a in symbols[name]), name
for name, bytes in units.items():
    same = rows(plain)[name] - rows(image).get(name, 0)
    # The flags are in runtime.modinfo.
    assert abs(same - rows(image["expanded"])[name]) <= (200 if name == "runtime" else 0), (name, same)
PYTHON
go tool nm image > nm.txt
python3 units.py

# The pclntab: what one function has in it, out of the bytes.
cat > pclntab.py <<'PYTHON'
import collections, json, re, struct, subprocess, sys

image, name = sys.argv[1:3]
data = open(image, "rb").read()
section = re.search(r" \.gopclntab +PROGBITS +(\w+) (\w+) (\w+)", subprocess.run(["readelf", "-SW", image], check=True, stdout=subprocess.PIPE, text=True).stdout)
tab = data[int(section[2], 16):][:int(section[3], 16)]
count, names, pctab, funcs = (struct.unpack_from("<Q", tab, at)[0] for at in (8, 32, 56, 64))
tables, mine = collections.defaultdict(set), set()
for i in range(count):
    entry, record = struct.unpack_from("<II", tab, funcs + 8 * i)
    end = struct.unpack_from("<I", tab, funcs + 8 * i + 8)[0]
    words = struct.unpack_from("<11I", tab, funcs + record)
    called = tab[names + words[1]:tab.index(b"\0", names + words[1])].decode()
    used = words[4:7] + struct.unpack_from("<%dI" % words[7], tab, funcs + record + 44)
    for table in used:
        tables[table].add(called + str(i))
    if called == name:
        bytes = end - entry + 8 + 44 + 4 * words[7] + 4 * (words[10] >> 24) + len(name) + 1
        mine, me = set(used) - {0}, called + str(i)
for table in mine:
    if tables[table] == {me}:
        at = pctab + table
        first = True
        while first or tab[at] != 0:
            for _ in range(2):
                while tab[at] > 127:
                    at += 1
                at += 1
            first = False
        bytes += at + 1 - pctab - table
print(bytes)
PYTHON
for function in main.work fmt.Fprintln runtime.mallocgc; do
  test "$(row $function < stripped.txt)" = "$(python3 pclntab.py stripped $function)" || { echo "$function of stripped: not all of the pclntab" >&2; exit 1; }
done

# Where every function claims the whole table, the work is bounded, and the rows add up.
cat > damage.py <<'PYTHON'
import struct
data = bytearray(open("stripped", "rb").read())
at = data.index(struct.pack("<IHBB", 0xfffffff1, 0, 1, 8))
count, funcs = struct.unpack_from("<Q", data, at + 8)[0], struct.unpack_from("<Q", data, at + 64)[0]
for i in range(count):
    record = struct.unpack_from("<I", data, at + funcs + 8 * i + 4)[0]
    struct.pack_into("<I", data, at + funcs + record + 28, 0xffffff)
open("damaged", "wb").write(data)
PYTHON
python3 damage.py
for by in package symbol; do
  timeout 60 "$DOVETAIL" size --by=$by --top=0 damaged > damaged.txt
  test "$(awk '$NF == "total" {print $1}' damaged.txt)" = "$(awk '$1 ~ /^[0-9]+$/ && $NF != "total" {s += $1} END {print s}' damaged.txt)"
done

# A definition of an object has its data and more; an archive is its package's.
"$DOVETAIL" size --by=symbol --top=0 runtime.a > objects.txt
bytes=$(go tool nm -size runtime.a | awk '$NF == "runtime.mallocgc" && $(NF - 1) == "T" {s += $(NF - 2)} END {print s}')
test "$(row runtime.mallocgc < objects.txt)" -gt "$bytes"
"$DOVETAIL" size --by=package runtime.a net.http.a dense.a > packages.txt
test "$(row net/http < packages.txt)" = "$(stat -c %s net.http.a)"
test "$(row runtime < packages.txt)" = $(($(stat -c %s runtime.a) + $(stat -c %s dense.a)))

# What cannot be measured.
fails() { local status=0; "$DOVETAIL" size "$@" > out.txt 2> err.txt || status=$?; test $status = 2 && test -s err.txt && ! test -s out.txt; }
printf 'text\n' > text
head -c 100000 runtime.a > cut.a
fails; fails nosuchfile; fails text; fails --by=colour image; fails --top=x image; fails --nosuchoption image; fails cut.a
