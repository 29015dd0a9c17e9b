# dovetail size: the rows add up to the size of the files, whatever they are and however they are cut; sections, functions and
# packages have what other tools say.
mkdir p && cd p
printf 'module example.com/p\n\ngo 1.26\n' > go.mod
printf 'package main\n\nimport "fmt"\n\nvar table [9000]byte\n\nfunc main() { fmt.Println(len(table), work(3)) }\n\n//go:noinline\nfunc work(n int) int {\n\tfor i := range table {\n\t\tn += int(table[i])\n\t}\n\treturn n\n}\n' > main.go
go build -o image . && go build -ldflags='-s -w' -o stripped . && GOARCH=arm64 go build -o arm64 .
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
PYTHON
python3 check.py "$REPOSITORY/docs/size.schema.json" image stripped arm64 runtime.a fmt.a dense.a cold.a asm.o

row() { awk -v name="$1" '{n = $1; share = $2; $1 = $2 = $3 = ""; sub(/^ +/, "")} $0 == name {print n}'; }
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

# Functions of an image have the sizes of its symbol table, stripped or not (its functions end where the next begins, as
# text is padded).
"$DOVETAIL" size --by=symbol --top=0 image > symbols.txt
"$DOVETAIL" size --by=symbol --top=0 stripped > stripped.txt
for function in main.main main.work fmt.Fprintln runtime.mallocgc; do
  bytes=$(go tool nm -size image | awk -v name=$function '$4 == name {print $2}')
  test "$(row $function < symbols.txt)" = "$bytes"
  test "$(row $function < stripped.txt)" -ge "$bytes"
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
