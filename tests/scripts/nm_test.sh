# dovetail nm prints what go tool nm prints, to the byte, and exits as it does: for all archives of a link, for their dense
# copies, for images and for what is neither; as JSON the same symbols.
stock=$(go tool -n nm)
same() { # what both print and how they exit, for these arguments
  local a=0 b=0
  "$stock" "$@" > a.out.txt 2> a.err.txt || a=$?
  "$DOVETAIL" nm "$@" > b.out.txt 2> b.err.txt || b=$?
  sed -i 's/^usage: dovetail nm/usage: go tool nm/; /^  --json$/,+1d' b.err.txt
  test $a = $b || { echo "nm $*: exit status $b, stock $a" >&2; exit 1; }
  cmp a.out.txt b.out.txt || { echo "nm $*: stdout differs" >&2; exit 1; }
  diff a.err.txt b.err.txt || { echo "nm $*: stderr differs" >&2; exit 1; }
}
orders=("" -n -sort=none -sort=size "-size -type -sort address")

# Every archive that a link of cmd/go needs, and its dense copy under the same name.
go list -export -deps -f '{{if .Export}}{{.ImportPath}} {{.Export}}{{end}}' cmd/go > list.txt
test "$(wc -l < list.txt)" -gt 250
mkdir goobj dense dense-cold
while read -r path export; do
  name=${path//\//.}.a
  cp "$export" "goobj/$name"
  "$DOVETAIL" convert --to=dense "goobj/$name" "dense/$name"
  if cmp -s "goobj/$name" "dense/$name"; then echo "$path: not converted" >&2; exit 1; fi
done < list.txt
for package in runtime reflect net.http; do "$DOVETAIL" convert --to=dense --compress=cold goobj/$package.a dense-cold/$package.a; done
cd goobj
archives=(*.a)
for words in "${orders[@]}"; do
  for archive in "${archives[@]}"; do
    # shellcheck disable=SC2086
    "$stock" $words "$archive" > ../stock.txt
    for format in goobj dense; do
      # shellcheck disable=SC2086
      (cd ../$format && "$DOVETAIL" nm $words "$archive") > ../ours.txt
      cmp ../stock.txt ../ours.txt || { echo "nm $words $archive ($format): differs" >&2; exit 1; }
    done
  done
  # shellcheck disable=SC2086
  "$stock" $words "${archives[@]}" > ../stock.txt
  # shellcheck disable=SC2086
  (cd ../dense && "$DOVETAIL" nm $words "${archives[@]}") > ../ours.txt
  cmp ../stock.txt ../ours.txt
done
cd ../dense-cold
for archive in *.a; do
  (cd ../goobj && "$stock" -size "$archive") > ../stock.txt
  "$DOVETAIL" nm -size "$archive" > ../ours.txt
  cmp ../stock.txt ../ours.txt
done
cd ..

# Single objects; an archive without export data; members of several kinds, with and without symbols; an ELF member.
mkdir p && cd p
printf 'package p\n\nvar V = map[string]int{"a": 1}\nvar z [9]int\n\nfunc F() int { return g() + len(V) + z[2] }\nfunc g() int\n' > p.go
printf '#include "textflag.h"\nTEXT ·g(SB),NOSPLIT,$0-8\n\tMOVQ local<>(SB), AX\n\tMOVQ AX, ret+0(FP)\n\tRET\nDATA local<>+0(SB)/8, $7\nGLOBL local<>(SB), RODATA, $8\n' > p.s
root=$(go env GOROOT)
go tool asm -I "$root/pkg/include" -gensymabis -p p -o symabis p.s
go tool asm -I "$root/pkg/include" -p p -o p_asm.o p.s
printf '# import config\n' > importcfg
go tool compile -p p -importcfg importcfg -symabis symabis -asmhdr go_asm.h -o p.o p.go
go tool compile -p p -importcfg importcfg -symabis symabis -pack -o p.a p.go
go tool compile -p p -importcfg importcfg -symabis symabis -o export.o -linkobj linkobj.o p.go
go tool pack r p.a p_asm.o
cp "$root/src/runtime/race/internal/amd64v1/race_linux.syso" race.syso
cp p.a elf.a
go tool pack r elf.a race.syso
cp p.a odd.a
printf 'x' > odd_text
go tool pack r odd.a odd_text
printf 'package q\n' > q.go
go tool compile -p q -pack -o q.a q.go
printf '!<arch>\n' > empty.a
objects=(p.o p_asm.o p.a linkobj.o export.o elf.a odd.a q.a empty.a race.syso symabis)
mkdir dense
for object in "${objects[@]}"; do "$DOVETAIL" convert --to=dense "$object" "dense/$object" 2> /dev/null || cp "$object" "dense/$object"; done
for words in "${orders[@]}"; do
  for object in "${objects[@]}"; do
    # shellcheck disable=SC2086
    same $words "$object"
    mkdir -p aside && mv "$object" aside/original
    cp a.out.txt aside/out && cp a.err.txt aside/err
    cp "dense/$object" "$object"
    # shellcheck disable=SC2086
    "$DOVETAIL" nm $words "$object" > b.out.txt 2> b.err.txt || true
    mv aside/original "$object"
    cmp aside/out b.out.txt && diff aside/err b.err.txt || { echo "nm $words $object (dense): differs" >&2; exit 1; }
  done
done
same -size "${objects[@]}" nosuchfile
# A line "!" between lines "$$" does not end an object's text, as for the linker. No compiler of 1.26 writes one.
python3 - <<'PYTHON'
data = open("p_asm.o", "rb").read()
end = data.index(b"\n!\n") + 1
open("marked.o", "wb").write(data[:end] + b"$$\nnot\n!\nthe end\n$$\n" + data[end:])
PYTHON
"$DOVETAIL" nm -size p_asm.o | sed 's/^ *[0-9a-f]* //' > plain.txt
"$DOVETAIL" nm -size marked.o | sed 's/^ *[0-9a-f]* //' | cmp - plain.txt
"$DOVETAIL" convert --to=dense marked.o marked.dense.o
"$DOVETAIL" dump --defs marked.dense.o | grep '^ ' > dense.txt
"$DOVETAIL" dump --defs p_asm.o | grep '^ ' | cmp - dense.txt
cd ..

# Images: of both machines, stripped, position independent, of another compiler; one that is cut short.
cp -r "$REPOSITORY/testdata/kinds/features" features
cd features
printf 'module example.com/features\n\ngo 1.26\n' > go.mod
go build -o amd64 .
go build -ldflags=-w -o no-dwarf .
go build -ldflags='-s -w' -o stripped .
go build -buildmode=pie -o pie .
GOARCH=arm64 go build -o arm64 .
GOARCH=arm64 go build -ldflags=-s -o arm64-stripped .
go test -c -o tests .
head -c 3000 amd64 > cut
for at in 1000000 1500000 100; do head -c $at amd64 > cut.$at; done
images=(amd64 no-dwarf stripped pie arm64 arm64-stripped tests "$root/bin/go" "$(go tool -n link)" "$DOVETAIL" cut cut.*)
for words in "${orders[@]}"; do
  # shellcheck disable=SC2086
  for image in "${images[@]}"; do same $words "$image"; done
done
same -sort size "${images[@]}"

# What is none of these, and flags.
mkdir directory
printf 'not an object\n' > text
: > empty
printf 'go object linux amd64 go1.19 X:none\n!\n\0go118ldxxxxxxxxxxxx' > old.o
printf 'go object linux amd64 go1.26\n!\nnonsense' > nonsense.o
head -c 5000 ../p/p.a > cut.a
printf 'no archive' | cat ../p/p.a - > tail.a
for file in nosuchfile directory text empty /dev/null old.o nonsense.o cut.a tail.a; do same "$file"; done
same nosuchfile amd64 text
same
same -h
same -n=false amd64
same --n amd64
same -sort none --size --type=false amd64
same -sort=size -n amd64
same -size=maybe amd64
same -nosuchflag amd64
same ---n amd64
same -sort
same -sort=colour amd64
same -- -n
cd ..

# JSON: it parses, is as its schema says, and has the same symbols in the same order.
cat > check.py <<'PYTHON'
import json, os, re, sys

schema = json.load(open(sys.argv[1]))
symbols = json.load(sys.stdin)
files = int(sys.argv[2])
KINDS = {"string": str, "null": type(None), "integer": int}


def check(value, rule):
    kinds = rule["type"] if isinstance(rule["type"], list) else [rule["type"]]
    assert any(isinstance(value, KINDS[k]) for k in kinds), (value, rule)
    assert "pattern" not in rule or re.search(rule["pattern"], value), (value, rule)
    assert value is None or "minimum" not in rule or value >= rule["minimum"], (value, rule)


item = schema["items"]
out = []
for s in symbols:
    assert set(s) == set(item["required"]) == set(item["properties"]), s
    for key, rule in item["properties"].items():
        check(s[key], rule)
    where = "%s(%s):\t" % (s["file"], s["member"]) if s["member"] else "%s:\t" % s["file"] if files > 1 else ""
    address = "        " if s["address"] is None else "%8x" % s["address"]
    out.append("%s%s %10d %s %s\n" % (where, address, s["size"], s["type"], s["name"]))
sys.stdout.write("".join(out))
PYTHON
json() {
  "$DOVETAIL" nm -size --json "$@" > symbols.json
  python3 -m json.tool symbols.json > /dev/null
  python3 check.py "$REPOSITORY/docs/nm.schema.json" $# < symbols.json > ours.txt
  "$stock" -size "$@" > stock.txt
}
json features/amd64
cmp stock.txt ours.txt
json features/arm64 features/pie
cmp stock.txt ours.txt
json p/elf.a
cmp stock.txt ours.txt
# Of an archive with one object the text has only the file's name.
json goobj/runtime.a goobj/fmt.a
sed -i 's/^goobj\/fmt.a(_go_.o):/goobj\/fmt.a:/' ours.txt
cmp stock.txt ours.txt
if "$DOVETAIL" nm --json features/stripped > symbols.json 2> /dev/null; then exit 1; fi
test "$(python3 -c 'import json; print(json.load(open("symbols.json")))')" = '[]'
echo "nm: $(wc -l < list.txt) archives in 2 formats, ${#objects[@]} small objects and archives, ${#images[@]} images, ${#orders[@]} orders each"
