# Archives with objects of the system's formats beside Go's: nm, dump, size and verify say what they are and go on.
fail() { echo "$*" >&2; exit 1; }
root=$(go env GOROOT)
nm=$(go tool -n nm)
pack=$(go tool -n pack)
printf 'package p\n\nfunc F(s []int) int { return len(s) + s[0] }\n' > p.go
printf '# import config\n' > importcfg
go tool compile -p p -importcfg importcfg -o plain.a p.go
"$pack" x plain.a
"$DOVETAIL" nm -size plain.a | sort > plain.txt

# check.py ARCHIVE FORMAT MACHINE SIZE: what the documents in this directory say. What is read: FORMAT elf, macho or pe.
cat > check.py <<'PY'
import json, os, sys
import jsonschema

archive, format, machine, size = sys.argv[1:4] + [int(sys.argv[4])]
read = format in ("elf", "macho", "pe")
def document(name, schema):
    d = json.load(open(name + ".json"))
    jsonschema.validate(d, json.load(open(os.path.join(os.environ["REPOSITORY"], "docs", schema + ".schema.json"))))
    return d
[file] = document("verify", "verify")
[host] = file["host_objects"]
assert host["member"] == "host.syso" and host["description"].endswith(" object for %s, %d bytes" % (machine, size)), host
assert file["members"] == 2 and not file["findings"]
for by in "block", "package", "symbol":
    d = document(by, "size")
    assert d["total"] == os.stat(archive).st_size == sum(r["bytes"] for r in d["rows"]), d["total"]
    if by != "package" and not read:
        assert {"name": "[%s object for %s host.syso]" % (format, machine), "bytes": size, "count": 1} in d["rows"], d["rows"]
members = document("dump", "dump")
[host] = [m for m in members if m["member"] == "host.syso"]
if read:
    assert host["format"] == format and host["header"]["type"] == "rel", host
else:
    assert host["format"] == "host" and host["header"] == {"format": format, "machine": machine, "size": size}, host
assert [d["name"] for m in members for d in m.get("definitions", []) if d["name"] == "p.F"], members
PY
good() { # FILE FORMAT MACHINE, behind Go's object and in front of it
  local size archive by
  size=$(stat -c %s "$1")
  cp "$1" host.syso
  cp plain.a behind.a
  "$pack" r behind.a host.syso
  "$pack" c front.a host.syso _go_.o
  for archive in behind.a front.a; do
    "$DOVETAIL" nm -size $archive > nm.txt 2> nm.err || fail "$1: nm $archive: $(cat nm.err)"
    if [[ "$2" =~ ^(elf|macho|pe)$ ]]; then
      "$nm" -size $archive | cmp - nm.txt || fail "$1: nm of $archive is not go tool nm's"
    else
      grep -q "^dovetail nm: $archive(host.syso): $2 object for $3, $size bytes: its symbols are not listed$" nm.err || fail "$1: nm says $(cat nm.err)"
      cut -f2 nm.txt | sed 's/^ *[0-9a-f]* *//' | sort > ours.txt
      sed 's/^ *[0-9a-f]* *//' plain.txt | sort | cmp - ours.txt || fail "$1: nm of $archive"
    fi
    "$DOVETAIL" verify $archive > verify.txt || fail "$1: verify of $archive: $(cat verify.txt)"
    grep -q "^$archive(host.syso): .* object for $3, $size bytes, not looked into$" verify.txt || fail "$1: verify says $(cat verify.txt)"
    "$DOVETAIL" verify --json $archive > verify.json
    "$DOVETAIL" dump --json --header --defs $archive > dump.json || fail "$1: dump of $archive"
    for by in block package symbol; do "$DOVETAIL" size --json --by=$by --top=0 $archive > $by.json || fail "$1: size of $archive"; done
    python3 check.py $archive "${@:2}" "$size" || fail "$1: $archive"
  done
}
race=$root/src/runtime/race
good "$race/internal/amd64v1/race_linux.syso" elf amd64
good "$race/race_linux_arm64.syso" elf arm64
good "$race/race_linux_s390x.syso" ELF s390x
good "$race/internal/amd64v1/race_darwin.syso" macho amd64
good "$race/race_darwin_arm64.syso" macho arm64
good "$race/internal/amd64v1/race_windows.syso" pe amd64
good "$root/src/cmd/link/testdata/pe-llvm/rsrc_arm64.syso" pe arm64

# Damaged ones: an exit status, whatever is said.
cat > damage.py <<'PY'
import random, sys

for seed in range(int(sys.argv[1])):
    for name, path in zip("efmp", sys.argv[2:]):
        data = bytearray(open(path, "rb").read()[:20000])
        r = random.Random(seed)
        for _ in range(r.randrange(1, 20)):
            data[r.randrange(min(len(data), r.choice([24, 64, 4000])))] = r.randrange(256)
        open("damaged.%s%d" % (name, seed), "wb").write(data[: r.choice([len(data), len(data), r.randrange(len(data))])])
PY
python3 damage.py 6 "$race/internal/amd64v1/race_linux.syso" "$race/race_linux_s390x.syso" "$race/race_darwin_arm64.syso" \
  "$race/internal/amd64v1/race_windows.syso"
for file in damaged.*; do
  cp plain.a behind.a
  "$pack" r behind.a "$file"
  for command in nm 'dump --all' size 'size --by=symbol' verify; do
    status=0
    # shellcheck disable=SC2086
    "$DOVETAIL" $command behind.a > out.txt 2> err.txt || status=$?
    test $status -le 2 || fail "$file: $command: exit status $status"
  done
done
echo "host objects: 7 kinds in 2 places, 24 damaged ones"
