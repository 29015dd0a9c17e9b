# dovetail verify: no finding in what the Go tools make, in either format; what is damaged is named; every rule is documented.
go list -export -deps -f '{{if .Export}}{{.Export}}{{end}}' net/http > list.txt
mapfile -t archives < list.txt
test ${#archives[@]} -gt 100
"$DOVETAIL" verify "${archives[@]}" > out.txt
grep -q ', 0 findings$' out.txt
mkdir dense
for archive in "${archives[@]}"; do "$DOVETAIL" convert --to=dense "$archive" "dense/$(basename "$archive").a"; done
"$DOVETAIL" verify dense/*.a > out.txt
GOARCH=arm64 go list -export -deps -f '{{if .Export}}{{.Export}}{{end}}' fmt > arm64.txt
xargs "$DOVETAIL" verify < arm64.txt > out.txt
for flags in '-N -l' '-dwarf=false'; do
  go list -export -gcflags="$flags" -f '{{.Export}}' fmt strconv sort | xargs "$DOVETAIL" verify > out.txt
done

mkdir p && cd p
printf 'module example.com/p\n\ngo 1.26\n' > go.mod
printf 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("hello") }\n' > main.go
go build -o image .
go build -ldflags='-s -w' -o stripped .
go build -buildmode=pie -o pie .
GOARCH=arm64 go build -o arm64 .
"$DOVETAIL" verify image stripped pie arm64 "$(go env GOROOT)/bin/go" "$(go tool -n compile)" > out.txt

# Of images that cmd/link put to unusual places, those have findings that the system does not run.
unusual() { # GOARCH FLAGS: links, verifies, runs
  local verified=0 ran=0
  GOARCH=$1 go build -ldflags="$2" -o unusual .
  "$DOVETAIL" verify unusual > out.txt || verified=$?
  if [ "$1" = amd64 ]; then (./unusual) > ran.txt 2>&1 || ran=$?
  else qemu-aarch64 ./unusual > ran.txt 2>&1 || ran=$?; fi
  if [ $ran = 0 ]; then grep -qx hello ran.txt; fi
  test $((verified != 0)) = $((ran != 0)) || { echo "$1 $2: verify says $verified, running it $ran" >&3; exit 1; }
  test $verified -le 1 && good=$((good + (verified == 0))) bad=$((bad + (verified == 1)))
}
good=0 bad=0
# The shell tells of crashes; they are wanted here.
exec 3>&2 2> crashes.txt
for flags in '-T 0x600000' '-T 0x401800' '-T 0x10000' '-R 0x10000 -T 0x401000' '-R 0x10000 -T 0x402000' '-R 0x200000' \
  '-D 0x900000' '-D 0x401000' '-D 0x100000' '-T 0x800000 -D 0x600000'; do unusual amd64 "$flags"; done
if command -v qemu-aarch64 > /dev/null; then
  for flags in '-T 0x400000' '-T 0x411000' '-R 0x1000 -D 0x911000' '-R 0x1000 -D 0x20000'; do unusual arm64 "$flags"; done
fi
exec 2>&3 3>&-
test $good -ge 4 && test $bad -ge 4
cd ..

# Findings, as text and as JSON.
fmt=$(go list -export -f '{{.Export}}' fmt)
cp "$fmt" bad.a && chmod u+w bad.a
python3 - <<'PYTHON'
data = bytearray(open("bad.a", "rb").read())
at = data.index(b"\0go120ld")
hashes = int.from_bytes(data[at + 20 + 4 * 10:at + 24 + 4 * 10], "little")
data[at + hashes] ^= 1
open("bad.a", "wb").write(data)
PYTHON
status=0
"$DOVETAIL" verify "$fmt" bad.a > out.txt || status=$?
test $status = 1
grep -qE '^bad.a\(_go_.o\): hash.value: hash, offset 0, symbol [0-9]+.*: want [0-9a-f]{32}, have [0-9a-f]{32}$' out.txt
printf 'text\n' > text
status=0
"$DOVETAIL" verify --json bad.a text nosuchfile "$fmt" > out.json || status=$?
test $status = 2
cat > check.py <<'PYTHON'
import json, sys

import jsonschema

schema, document = (json.load(open(name)) for name in sys.argv[1:])
jsonschema.Draft202012Validator(schema).validate(document)
bad, text, missing, good = document
assert bad["count"] >= 1 and bad["findings"][0]["rule"] == "hash.value" and bad["findings"][0]["member"] == "_go_.o"
assert text["error"] and missing["error"] and not text["findings"]
assert good["count"] == 0 and good["members"] == 1 and good["error"] is None
PYTHON
python3 check.py "$REPOSITORY/docs/verify.schema.json" out.json
fails() { local status=0; "$DOVETAIL" verify "$@" > out.txt 2> err.txt || status=$?; test $status = 2 && test -s err.txt; }
fails; fails text; fails nosuchfile; fails --nosuchoption "$fmt"

# Each rule stands on the page of its format.
"$DOVETAIL" verify --rules > rules.txt
test "$(wc -l < rules.txt)" -gt 150
while read -r scope rule _; do
  page=inspection.md
  [ "$scope" != dense ] || page=dense-object-format.md
  grep -qF "| \`$rule\` |" "$REPOSITORY/docs/$page" || { echo "$rule is not in docs/$page" >&2; exit 1; }
done < rules.txt
echo "verify: ${#archives[@]} archives in 2 formats, $(wc -l < rules.txt) rules"
