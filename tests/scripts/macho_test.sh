# darwin, amd64 and arm64: Mach-O images as cmd/link makes them, both build modes, from goobj and dense objects; the whole
# of go build gives the same file, which cmd/go has signed again; others read the images. (Where objects are dense, the
# build ID is given, since that of cmd/go depends on the objects.)
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
cat > hashes.py <<'PY'
"""hashes.py IMAGE: the hash of every page is what its code signature says (Apple's cs_blobs.h, highest byte first)."""
import hashlib, struct, sys

image = open(sys.argv[1], "rb").read()
at, begin = 32, None
for _ in range(struct.unpack_from("<I", image, 16)[0]):
    command, size = struct.unpack_from("<II", image, at)
    if command == 0x1d:  # LC_CODE_SIGNATURE
        begin = struct.unpack_from("<I", image, at + 8)[0]
    at += size
directory = begin + struct.unpack_from(">I", image, begin + 16)[0]
hashes, _, _, pages, limit = struct.unpack_from(">5I", image, directory + 16)
size, kind, _, shift = struct.unpack_from(">4B", image, directory + 36)
assert (limit, size, kind, shift) == (begin, 32, 2, 12) and pages == -(-begin // 4096), (limit, size, kind, shift, pages)
for i in range(pages):
    page = image[4096 * i:min(4096 * (i + 1), limit)]
    assert hashlib.sha256(page).digest() == image[directory + hashes + 32 * i:][:32], f"page {i}"
PY
export GOOS=darwin
build() { go build -buildmode="$mode" "$@" . ; }
same() { cmp "$1" "$2" || { echo "darwin/$GOARCH -buildmode=$mode -ldflags='$flags': $2 differs"; exit 1; } }
for GOARCH in amd64 arm64; do
  export GOARCH
  for mode in exe pie; do
    [ $GOARCH-$mode = arm64-exe ] && continue  # which is pie
    for flags in "-buildid=id" "-buildid=id -s -w"; do
      rm -f stock ours dense
      build -ldflags="$flags" -o stock
      build -toolexec="$DOVETAIL toolexec" -ldflags="$flags" -o ours
      same stock ours
      if [ $mode = pie ]; then
        build -toolexec="$DOVETAIL toolexec --objects=dense" -ldflags="$flags" -o dense
        same ours dense
      fi
    done
    flags=
    rm -f stock ours
    build -o stock
    build -toolexec="$DOVETAIL toolexec" -o ours
    same stock ours
  done
  [ "$(go tool buildid ours)" = "$(go tool buildid stock)" ]
  go version -m ours | grep "GOOS=darwin" > /dev/null
  cp ours $GOARCH
  for function in main.main fmt.Fprintln; do
    "$DOVETAIL" dump --json --disassemble=$function $GOARCH > code.json
    python3 "$REPOSITORY/tests/scripts/dump_checks.py" code "$(GOOS='' go tool -n objdump)" $GOARCH $function < code.json
  done
  go tool nm -size ours > wanted
  "$DOVETAIL" nm -size ours | cmp - wanted
  "$DOVETAIL" verify ours
  "$DOVETAIL" size ours | grep -w .gopclntab > /dev/null
  "$DOVETAIL" dump ours | grep -w .gopclntab > /dev/null
  cp ours other && printf x | dd of=other bs=1 seek=200000 conv=notrunc status=none
  "$DOVETAIL" diff ours other > report && exit 1
  grep '^.text' report > /dev/null
  # Damaged images are findings, or errors: never crashes.
  for bytes in 31 32 200 1000 2500 300000; do
    head -c $bytes ours > cut
    for command in nm verify size dump; do
      status=0
      "$DOVETAIL" $command cut > /dev/null 2>&1 || status=$?
      [ $status -le 2 ] || { echo "$command of the first $bytes bytes: status $status"; exit 1; }
    done
  done
  if command -v llvm-objdump > /dev/null; then
    libraries=$(llvm-objdump --macho --dylibs-used ours | grep -c '/usr/lib/libSystem.B.dylib')
    [ "$libraries" = 1 ]
    llvm-objdump --macho --bind ours | grep '__got .* libSystem  *_write$' > /dev/null
    llvm-objdump --macho --indirect-symbols ours | grep '_write$' > /dev/null
    if llvm-readobj --sections --symbols ours 2>&1 > /dev/null | grep .; then exit 1; fi
  else
    echo "llvm-objdump is not here: libraries and symbols that are bound are not compared"
  fi
  if [ $GOARCH = arm64 ]; then python3 hashes.py ours; fi
done
