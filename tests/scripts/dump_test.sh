# dovetail dump against other readers: go tool nm, go tool objdump, go tool compile -S, go version -m, readelf, objdump, and
# a program that looks at its own types. JSON is as docs/dump.schema.json says; a dense copy of an object tells the same.
checks=$REPOSITORY/tests/scripts/dump_checks.py
schema=$REPOSITORY/docs/dump.schema.json
nm=$(go tool -n nm)
objdump=$(go tool -n objdump)
fail() { echo "$*" >&2; exit 1; }
dump() { "$DOVETAIL" dump "$@"; }
tells() { # PATTERN DUMP OPTIONS: a line of the text. (A pipe to grep -q would break under dump's hands.)
  dump "${@:2}" > told.txt
  grep -q "$1" told.txt
}
check() { # CHECK ARGS... -- DUMP OPTIONS: what the check says of the document
  local words=()
  while [ "$1" != -- ]; do words+=("$1"); shift; done
  shift
  dump --json "$@" > document.json
  python3 "$checks" "${words[@]}" < document.json || fail "${words[*]}: dump $*"
}

mkdir p && cd p
printf 'module example.com/p\n\ngo 1.26\n' > go.mod
cat > main.go <<'GO'
package main

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
)

type Shape interface{ Area() float64 }

type Square struct {
	Side float64 `json:"side"`
	name string
	in   [3]int32
}

func (s Square) Area() float64  { return s.Side * s.Side }
func (s *Square) Grow(by float64) { s.Side += by }

type Named map[string][]int

var table = map[string]int{"a": 1}

//go:noinline
func work(n int) (total int) {
	for i := 0; i < n; i++ {
		total += small(i)
	}
	defer fmt.Println("done", total)
	return total
}

func small(i int) int {
	if i > 100 {
		panic(errors.New("too big"))
	}
	return i*3 + table["a"]
}

func tell(v any) {
	t := reflect.TypeOf(v)
	words := []string{t.String(), t.Kind().String(), fmt.Sprint(t.Size()), fmt.Sprint(t.Align())}
	if t.Kind() == reflect.Struct {
		for i := 0; i < t.NumField(); i++ {
			words = append(words, t.Field(i).Name)
		}
		for i := 0; i < t.NumField(); i++ {
			words = append(words, fmt.Sprint(t.Field(i).Offset))
		}
	}
	for i := 0; i < t.NumMethod(); i++ {
		words = append(words, t.Method(i).Name)
	}
	fmt.Println(strings.Join(words, "\t"))
}

func main() {
	if len(os.Args) > 1 {
		var s Shape = &Square{2, "x", [3]int32{}}
		fmt.Println(work(len(os.Args)), s.Area())
	}
	tell(Square{})
	tell(&Square{})
	tell(Named{})
	tell(struct{ A, B byte }{})
	tell("")
}
GO
go build -o program .
go build -ldflags=-s -o stripped .
GOARCH=arm64 go build -o arm64 .
GOEXPERIMENT=nodwarf5 go build -o dwarf4 .
go list -export -deps -f '{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}' . > importcfg
go tool compile -S -p main -importcfg importcfg -o main.o main.go > listing.txt
archive() { sed -n "s|^packagefile $1=||p" importcfg; }
for package in runtime errors internal/abi; do cp "$(archive $package)" "${package//\//.}.a"; done
objects=(main.o runtime.a errors.a internal.abi.a)
for object in "${objects[@]}"; do "$DOVETAIL" convert --to=dense "$object" "dense.$object"; done
"$DOVETAIL" convert --to=dense --compress=cold runtime.a cold.a

# Objects.
for object in "${objects[@]}"; do
  check symbols "$nm" "$object" -- --defs --refs "$object"
  sections="imports files defs refs relocs aux funcs types"
  if [ $object != runtime.a ]; then sections+=" dwarf"; fi
  for section in $sections; do
    dump --$section "$object" | grep '^ ' > goobj.txt
    test -s goobj.txt || fail "dump --$section $object says nothing"
    dump --$section "dense.$object" | grep '^ ' | cmp - goobj.txt || fail "dump --$section $object: the dense copy differs"
  done
done
dump --relocs cold.a | grep '^ ' > cold.txt
dump --relocs runtime.a | grep '^ ' | cmp - cold.txt
check relocations listing.txt -- --relocs main.o
for function in main.work main.main 'main.(*Square).Grow'; do
  for file in main.o dense.main.o; do check code "$objdump" main.o "$function" -- --disassemble="$function" $file; done
done
# Names that only another object knows: of what was inlined from it.
tells ' errors\.#[0-9]*  called from' --funcs --symbol=main.work main.o || fail 'a name without its package'
tells ' errors\.New  called from' --funcs --symbol=main.work main.o dense.errors.a || fail 'a name by its package'
# An edge for each target and type of the relocations, and no other.
dump --edges --json dense.main.o > edges.json
dump --relocs --json dense.main.o | python3 -c '
import json, sys
relocs = {s["number"]: s["relocations"] for s in json.load(sys.stdin)[0]["relocations"]}
for s in json.load(open("edges.json"))[0]["edges"]:
    ours = [(e["type"], e["target"], e["target_number"], e["weak"]) for e in s["edges"]]
    theirs = list(dict.fromkeys((r["type"], r["target"], r["target_number"], r["weak"]) for r in relocs.get(s["number"], [])))
    assert set(ours) == set(theirs), (s["symbol"], ours, theirs)
'

# Images.
for image in program arm64; do
  check headers $image -- --segments $image
  check functab "$nm" $image -- --functab $image
  check links "$nm" $image -- --itabs --typelinks $image
  check buildinfo $image -- --buildinfo $image
  check code "$objdump" $image main.work -- --disassemble=main.work $image
  check code "$objdump" $image fmt.Println -- --disassemble=fmt.Println $image
done
check types ./program -- --types program
check types ./program -- --types stripped
# What a stripped image has no symbols for comes from the runtime's tables.
dump --functab program | grep '^ ' > functab.txt
dump --functab stripped | grep '^ ' | cmp - functab.txt
dump --disassemble=main.work program | grep '^ ' > code.txt
dump --disassemble=main.work stripped | grep '^ ' > code-stripped.txt
cut -c-90 code.txt | cmp - <(cut -c-90 code-stripped.txt)
grep -q 'callq .* runtime.mapaccess1_faststr$' code-stripped.txt
# The text of lines: from the file that the line table names, of std from GOROOT, and nothing where there is none.
goroot=$(go env GOROOT)
for file in main.o dense.main.o program; do
  check source 'main.(*Square).Grow' main.go=main.go -- --disassemble='main.(*Square).Grow' $file
done
(unset GOROOT && check source fmt.Println /fmt/print.go="$goroot/src/fmt/print.go" -- --disassemble=fmt.Println program)
go build -trimpath -o trimmed .
check source fmt.Println fmt/print.go="$goroot/src/fmt/print.go" -- --disassemble=fmt.Println trimmed
check source 'main.(*Square).Grow' -- --disassemble='main.(*Square).Grow' trimmed
mkdir example.com && ln -s .. example.com/p
check source 'main.(*Square).Grow' p/main.go=main.go -- --disassemble='main.(*Square).Grow' trimmed
rm -r example.com
check source 'main.(*Square).Grow' -- --no-source --disassemble='main.(*Square).Grow' program
mv main.go moved && check source 'main.(*Square).Grow' -- --disassemble='main.(*Square).Grow' program && mv moved main.go
tells '^ *; func (s \*Square) Grow(by float64) { s.Side += by }$' --disassemble='main.(*Square).Grow' program || fail 'no text of a line'
# Function information is the object's, put where the linker put it.
steps() { sed -n 's/^ *\(pc[^ ]*\( [A-Za-z]*\)\{0,1\}\)  *0x0-/\1 /p' | grep -v '^pcfile\|^pcinline\|InlTree'; }
dump --funcs --symbol=main.work program | steps > linked.txt
go list -export -f '{{.Export}}' . | xargs "$DOVETAIL" dump --funcs --symbol=main.work | steps | cmp - linked.txt
test "$(wc -l < linked.txt)" -ge 4
tells ' typelinks.len ' --moduledata program

# Debug information, of both versions; of objects the same entries as in the image.
check entries,lines,lists,frames program -- --dwarf program
mv document.json image.json
check entries,lines,lists dwarf4 -- --dwarf dwarf4
mv document.json image4.json
check frames arm64 -- --dwarf arm64
go list -export -f '{{.Export}}' . | xargs "$DOVETAIL" dump --dwarf --json > piece.json
python3 "$checks" pieces,list_pieces image.json < piece.json || fail "pieces"
GOEXPERIMENT=nodwarf5 go list -export -f '{{.Export}}' . | xargs "$DOVETAIL" dump --dwarf --json > piece4.json
python3 "$checks" pieces,list_pieces image4.json < piece4.json || fail "pieces of version 4"
dump --dwarf --symbol=main.work program > chosen.txt
test "$(grep -c DW_TAG_subprogram chosen.txt)" = 1
grep -q '^ *\[0x[0-9a-f]*, 0x[0-9a-f]*)  DW_OP_' chosen.txt
test "$(grep -c '  FDE  main.work  ' chosen.txt)" = 1

# JSON.
everything="header imports files defs refs relocs edges aux funcs types dwarf segments moduledata functab typelinks itabs buildinfo"
check schema "$schema" -- --all --disassemble=main.work dense.main.o main.o errors.a > keys.txt
check schema "$schema" -- --section=${everything// /,} --symbol=main.work --disassemble=main.work program >> keys.txt
check schema "$schema" -- --types --itabs --typelinks --header --moduledata stripped arm64 >> keys.txt
for key in header imports packages files definitions references relocations edges aux functions types dwarf frames segments sections \
    buildinfo moduledata functab typelinks itabs disassembly; do
  grep -q "\b$key\b" keys.txt || fail "no document has $key"
done
test "$(dump --json --typelinks errors.a | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["format"])')" = goobj

# A host object beside Go's in an archive is passed over.
cp errors.a mixed.a
cp "$(go env GOROOT)/src/runtime/race/internal/amd64v1/race_linux.syso" race.syso
go tool pack r mixed.a race.syso
tells ' runtime.newobject$' --disassemble=errors.New mixed.a || fail 'no code in an archive with a host object'
tells '^mixed.a  race.syso  elf' --dwarf --segments mixed.a || fail 'no host object'

# What cannot be done.
status() { # EXPECTED ARGS...
  local want=$1 got=0
  shift
  dump "$@" > out.txt 2> err.txt || got=$?
  test $got = "$want" || fail "dump $*: exit status $got, wanted $want"
  test "$want" = 0 || grep -q '^dovetail dump: ' err.txt || fail "dump $*: no message"
}
status 0 main.o
status 0 --help
status 1 --disassemble=no.such main.o program
status 1 --symbol=no.such --relocs main.o
status 1 --symbol=no.such --dwarf main.o program
status 0 --symbol=main.work --dwarf main.o
status 2
status 2 --nosuch main.o
status 2 --section=header,nosuch main.o
status 2 --disassemble
status 2 --syntax=vax main.o
status 2 nosuchfile
status 2 listing.txt
head -c 5000 runtime.a > cut.a
status 2 cut.a
# The second block begins behind the end.
python3 -c '
import sys
data = bytearray(open("errors.a", "rb").read())
at = data.index(b"\0go120ld") + 24
data[at : at + 4] = b"\xff\xff\xff\x7f"
open("damaged.a", "wb").write(data)
'
status 2 damaged.a
grep -q 'damaged.a(_go_.o): .*offset' err.txt || fail "no place in: $(cat err.txt)"
# Every itab is in one place, the beginning of the code, and its interface has 65,535 methods: no more of them are told than the
# file has room for.
python3 -c '
import struct
data = bytearray(open("program", "rb").read())
at, size, count, names = (struct.unpack_from(f, data, o)[0] for f, o in (("<Q", 40), ("<H", 58), ("<H", 60), ("<H", 62)))
sections = [struct.unpack_from("<IIQQQQ", data, at + size * i) for i in range(count)]
name = lambda s: data[sections[names][4] + s[0] :].split(b"\0", 1)[0]
offset = lambda address: next(s[4] + address - s[3] for s in sections if s[1] != 8 and s[3] and s[3] <= address < s[3] + s[5])
links = next(s for s in sections if name(s) == b".itablink")
first = struct.unpack_from("<Q", data, links[4])[0]
interface = struct.unpack_from("<Q", data, offset(first))[0]
text = next(s for s in sections if name(s) == b".text")
for entry in range(links[4], links[4] + links[5], 8):
    struct.pack_into("<Q", data, entry, text[3])
struct.pack_into("<Q", data, text[4], interface)
struct.pack_into("<Q", data, offset(interface) + 64, 65535)
open("piled.out", "wb").write(data)
print(links[5] // 8, len(data) // 8)
' > piled.txt
read -r itabs room < piled.txt
lines=$("$DOVETAIL" dump --itabs piled.out | wc -l)
test $((itabs * 60000)) -gt $((room + itabs + 10)) && test "$lines" -gt "$itabs" || fail "$itabs itabs, $lines lines: no test"
test "$lines" -le $((room + itabs + 10)) || fail "itabs in one place: $lines lines, room for $room words"
tells 'mov *rbp, rsp' --disassemble=main.work --syntax=intel program || fail 'no Intel syntax'
echo "dump: ${#objects[@]} objects in 2 formats, 4 images"
