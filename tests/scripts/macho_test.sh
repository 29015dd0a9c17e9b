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
export GOOS=darwin
build() { go build -buildmode="$mode" "$@" . ; }
same() { cmp "$1" "$2" || { echo "darwin/$GOARCH -buildmode=$mode -ldflags='$flags': $2 differs"; exit 1; } }
for GOARCH in amd64 arm64; do
  export GOARCH
  for mode in pie exe; do
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
  go version -m ours | grep -q "GOOS=darwin"
  go tool nm ours | grep -q " T _*main\.main$"
  go tool objdump -s '^_*main\.main$' ours | grep -q "main.go:16"
done
