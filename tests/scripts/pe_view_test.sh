# windows, amd64 and arm64: nm, dump, verify, size and diff of PE images, against go tool nm, go tool objdump, go version and llvm-readobj
# (where it is installed); a place of each kind changed is named by diff; damaged images never crash a command.
go mod init hello > /dev/null 2>&1
cat > main.go <<'GO'
package main

import (
	"fmt"
	"os/user"
	"reflect"
)

type number int

func (n number) String() string { return fmt.Sprintf("number %d", int(n)) }

var table = map[string]fmt.Stringer{"one": number(1), "two": number(2)}

func main() {
	u, err := user.Current()
	fmt.Println(table["one"], table["two"], reflect.TypeOf(table), u, err)
}
GO
fail() { echo "$*" >&2; exit 1; }
export GOOS=windows
nm=$(GOOS='' go tool -n nm)
objdump=$(GOOS='' go tool -n objdump)
cat > check.py <<'PY'
"""check.py IMAGE GOARCH STRIPPED: dump.json and size.json of the image against its schema, and other readers."""
import json, os, re, shutil, subprocess, sys
import jsonschema

image, goarch, stripped = sys.argv[1], sys.argv[2], sys.argv[3] == "yes"
docs = os.path.join(os.environ["REPOSITORY"], "docs")
[m] = json.load(open("dump.json"))
jsonschema.validate([m], json.load(open(docs + "/dump.schema.json")))
assert m["format"] == "pe" and m["header"]["machine"] == goarch, m["header"]
assert m["header"]["entry_symbol"] == "_rt0_%s_windows" % goarch, m["header"]
assert m["buildinfo"]["path"] == "hello" and {"key": "GOOS", "value": "windows"} in m["buildinfo"]["settings"]
[main] = json.load(open("main.json"))
jsonschema.validate([main], json.load(open(docs + "/dump.schema.json")))
[function] = main["functab"]
assert function["name"] == "main.main" and function["file"].endswith("main.go") and function["start_line"] == 15, function
assert any(i["name"] == "go:itab.main.number,fmt.Stringer" for i in m["itabs"]), m["itabs"][:2]
if stripped:
    assert not main.get("dwarf") and not main.get("frames")
else:
    [unit], [frame] = main["dwarf"], [f for f in main["frames"] if f["entry"] == "FDE"]
    assert unit["name"] == "main" and frame["begin"] == function["address"] and frame["end"] - frame["begin"] <= function["size"], frame
size = json.load(open("size.json"))
jsonschema.validate(size, json.load(open(docs + "/size.schema.json")))
assert size["total"] == os.stat(image).st_size == sum(r["bytes"] for r in size["rows"])
rows = {r["name"]: r["bytes"] for r in size["rows"]}
assert rows["runtime"] > 100000 and rows["main"] > 100, rows
if shutil.which("llvm-readobj"):
    theirs = subprocess.run(["llvm-readobj", "--file-headers", "--sections", image], check=True, capture_output=True, text=True).stdout
    def number(name, text=theirs):
        return int(re.search(r"\b%s: (0x[0-9A-Fa-f]+|\d+)" % name, text)[1], 0)
    fields = {h["name"]: {f["name"]: f["value"] for f in h["fields"]} for h in m["native"]}
    optional = fields["optional header"]
    for ours, name in (("AddressOfEntryPoint", "AddressOfEntryPoint"), ("ImageBase", "ImageBase"), ("SizeOfImage", "SizeOfImage"),
                       ("SizeOfHeaders", "SizeOfHeaders"), ("SizeOfCode", "SizeOfCode"), ("SizeOfStackReserve", "SizeOfStackReserve")):
        assert optional[ours] == number(name), (ours, optional[ours], number(name))
    assert fields["data directory import"]["VirtualAddress"] == number("ImportTableRVA")
    assert fields["data directory base relocation"]["Size"] == number("BaseRelocationTableSize")
    sections = [(re.search(r"Name: (\S+)", s)[1], number("VirtualAddress", s), number("RawDataSize", s), number("PointerToRawData", s))
                for s in theirs.split("Section {")[1:]]
    ours = [(h["name"].split(" ", 1)[1], *({f["name"]: f["value"] for f in h["fields"]}[k]
             for k in ("VirtualAddress", "SizeOfRawData", "PointerToRawData"))) for h in m["native"] if h["name"].startswith("section ")]
    assert ours == sections, (ours, sections)
else:
    print("llvm-readobj is not here: headers are not compared")
PY
for GOARCH in amd64 arm64; do
  export GOARCH
  for mode in exe pie; do
    for flags in "" "-s -w"; do
      image=$GOARCH.$mode${flags:+.stripped}
      go build -buildmode=$mode -ldflags="$flags" -o "$image" .
      status=0; wanted=0
      "$nm" -size "$image" > wanted.txt 2> wanted.err || wanted=$?
      "$DOVETAIL" nm -size "$image" > ours.txt 2> ours.err || status=$?
      cmp wanted.txt ours.txt && cmp wanted.err ours.err && [ $status = $wanted ] || fail "$image: nm is not go tool nm's"
      "$DOVETAIL" verify "$image" > verify.txt || fail "$image: $(cat verify.txt)"
      "$DOVETAIL" dump --json --header --native --segments --buildinfo --itabs "$image" > dump.json
      "$DOVETAIL" dump --json --functab --types --dwarf --symbol=main.main "$image" > main.json
      "$DOVETAIL" dump --types --symbol=type:main.number "$image" | grep 'type:main.number' > /dev/null || fail "$image: no type main.number"
      "$DOVETAIL" size --json --by=package --top=0 "$image" > size.json
      python3 check.py "$image" $GOARCH "$([ -z "$flags" ] && echo no || echo yes)"
      "$DOVETAIL" size "$image" | grep -w .gopclntab > /dev/null
      "$DOVETAIL" dump --disassemble=main.main "$image" > code.txt
      grep 'runtime.morestack_noctxt' code.txt > /dev/null || fail "$image: code of main.main without its call of morestack"
      [ -z "$flags" ] || continue  # it wants symbols
      cp "$image" $GOARCH
      for function in main.main fmt.Fprintln; do
        "$DOVETAIL" dump --json --disassemble=$function $GOARCH > code.json
        python3 "$REPOSITORY/tests/scripts/dump_checks.py" code "$objdump" $GOARCH $function < code.json || fail "$image: $function is not go tool objdump's"
      done
    done
  done
done
# What diff says of one change, by section, symbol and field.
cat > patch.py <<'PY'
"""patch.py SECTION OFFSET BYTE: `amd64.pie` as `other` with one byte of a section changed (a section of the view, or
"file")."""
import json, subprocess, os, sys

section, offset, value = sys.argv[1], int(sys.argv[2], 0), int(sys.argv[3], 0)
data = bytearray(open("amd64.pie", "rb").read())
if section != "file":
    [m] = json.loads(subprocess.run([os.environ["DOVETAIL"], "dump", "--json", "--segments", "amd64.pie"], check=True, capture_output=True).stdout)
    offset += next(s["offset"] for s in m["sections"] if s["name"] == section)
assert data[offset] != value
data[offset] = value
open("other", "wb").write(data)
PY
names() { # SECTION OFFSET BYTE PATTERN
  python3 patch.py "$1" "$2" "$3"
  status=0
  "$DOVETAIL" diff amd64.pie other > report || status=$?
  [ $status = 1 ] || fail "diff of a changed $1: status $status"
  grep -E -- "$4" report > /dev/null || { cat report; fail "diff of a changed $1 does not say $4"; }
}
names file 0x88 1 '^\(headers\): file header: TimeDateStamp: A=0 B=0x1$'
names file 0xf0 7 '^\(headers\): optional header: [A-Z]'
names .symtab 44 9 '^\.symtab: \[[0-9]+\] '
names .reloc 8 0xff '^\.reloc: .*relocated place only in B'
names .pdata 16 0xff '^\.pdata: \[1\] [^ ]+: EndAddress: A='
names .pdata 8 0xff '^\.pdata: \[0\] [^ ]+: UnwindInfoAddress: A='
names .idata 16 1 '^\.idata: \[[0-9]+\] [^ ]*!.*: address at: A='
names .go.module 8 1 '^\.go\.module: runtime\.firstmoduledata.*moduledata\.funcnametab\.ptr'
names .itablink 0 0xfc '^\.itablink: \[0\]: itab only in A: A=go:itab\.'
names .text 0x5000 0xcc '^\.text: [a-z].*\(0x[0-9a-f]+\): '
names .gopclntab 8 1 '^\.gopclntab/header: header: nfunc'
"$DOVETAIL" diff amd64.pie arm64.pie > report && fail "diff finds nothing between amd64 and arm64"
# Damaged images are findings, or errors: never crashes.
cat > damage.py <<'PY'
import random

data = open("amd64.pie", "rb").read()
for seed in range(24):
    r, b = random.Random(seed), bytearray(data)
    for _ in range(r.randrange(1, 30)):
        at = r.randrange(r.choice([0x600, 0x600, len(b)]))
        b[at] = r.randrange(256)
    open("damaged.%d" % seed, "wb").write(b[: r.choice([len(b), len(b), r.randrange(len(b)), 60 + r.randrange(0x600)])])
PY
python3 damage.py
for file in damaged.*; do
  for command in 'nm' 'dump --all' 'size --by=symbol' 'verify' 'diff amd64.pie'; do
    status=0
    # shellcheck disable=SC2086
    "$DOVETAIL" $command "$file" > out.txt 2> err.txt || status=$?
    [ $status -le 2 ] || fail "$file: $command: exit status $status"
  done
done
echo "pe view: 8 images, 11 patches, 24 damaged ones"
