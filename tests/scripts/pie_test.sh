# -buildmode=pie on linux: as cmd/link makes it, on amd64 and arm64, from goobj and dense objects; and it runs, wherever
# it is loaded. (The build ID is given, since that of cmd/go depends on the objects.)
go mod init hello > /dev/null 2>&1
cat > main.go <<'GO'
package main

import (
	"fmt"
	"reflect"
)

type number int

func (n number) String() string { return fmt.Sprintf("number %d", int(n)) }

var table = map[string]fmt.Stringer{"one": number(1), "two": number(2)}

func main() {
	defer func() { fmt.Println(recover()) }()
	fmt.Println(table["one"], table["two"], reflect.TypeOf(table), len(reflect.TypeOf(number(0)).Method(0).Name))
	panic("end")
}
GO
build() { go build -buildmode=pie "$@" . ; }
for arch in amd64 arm64; do
  export GOARCH=$arch
  for flags in "-buildid=id" "-buildid=id -s -w" "-buildid=id -bindnow" "-buildid=id -d"; do
    rm -f stock ours dense
    build -ldflags="$flags" -o stock
    build -toolexec="$DOVETAIL toolexec" -ldflags="$flags" -o ours
    build -toolexec="$DOVETAIL toolexec --objects=dense" -ldflags="$flags" -o dense
    cmp stock ours && cmp ours dense || { echo "$arch, -ldflags='$flags' differs"; exit 1; }
  done
done
GOARCH=amd64 build -toolexec="$DOVETAIL toolexec" -o ours
wanted='number 1 number 2 map[string]fmt.Stringer 6
end'
if [ "$(uname -m)" = x86_64 ] && [ -e /lib64/ld-linux-x86-64.so.2 ]; then
  for run in 1 2 3; do [ "$(./ours)" = "$wanted" ]; done
else
  echo "identical; not run: this is not an x86-64 machine with glibc"
  exit 77
fi
