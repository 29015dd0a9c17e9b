# linux/arm64: programs come out as cmd/link's do, and run where there is an arm64 machine or qemu.
export GOARCH=arm64
go mod init hello > /dev/null 2>&1
mkdir empty
cat > main.go <<'GO'
package main

import "fmt"

func main() { fmt.Println("hello, world") }
GO
echo 'package main; func main() {}' > empty/main.go

for package in . ./empty; do
  for flags in "" "-s -w" "-w" "-compressdwarf=false" "-debugtramp=2" "-debugtramp=2 -randlayout=3" "-debugtextsize=100000"; do
    rm -f stock ours
    go build -ldflags="$flags" -o stock $package
    go build -toolexec="$DOVETAIL toolexec" -ldflags="$flags" -o ours $package
    cmp stock ours || { echo "$package, -ldflags='$flags' differs"; exit 1; }
  done
done
go build -toolexec="$DOVETAIL toolexec" -ldflags=-debugtramp=2 -o ours .
if [ "$(uname -m)" = aarch64 ]; then run=
elif command -v qemu-aarch64 > /dev/null; then run=qemu-aarch64
else
  echo "identical; not run: no qemu-aarch64 (Debian package qemu-user, which script/setup installs if it can)"
  exit 77
fi
[ "$($run ./ours)" = "hello, world" ]
