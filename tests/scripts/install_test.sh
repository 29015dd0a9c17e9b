# cmake --install puts the executable, and the link by which GOFLAGS calls it, under the prefix that it is given.
build=$(dirname "$(dirname "$DOVETAIL")")
if [ ! -f "$build/cmake_install.cmake" ]; then
  echo "SKIP: $DOVETAIL does not lie in a build folder"
  exit 77
fi
mkdir home
cmake --install "$build" --prefix "$PWD/home" > log
test "$(ls home/bin)" = "$(printf 'dovetail\ndovetail-toolexec')"
for file in man/man1/dovetail.1 bash-completion/completions/dovetail zsh/site-functions/_dovetail; do test -s home/share/$file; done
home/bin/dovetail --version
home/bin/dovetail-toolexec --help > log
DESTDIR=$PWD/package cmake --install "$build" --prefix /opt/x > log
test "$(readlink package/opt/x/bin/dovetail-toolexec)" = dovetail
package/opt/x/bin/dovetail-toolexec --help > log

printf 'module example.com/hello\n' > go.mod
printf 'package main\nfunc main() { println("hello") }\n' > main.go
go build -o stock .
PATH=$PWD/home/bin:$PATH GOCACHE=$WORK/.other GOFLAGS="$GOFLAGS -toolexec=dovetail-toolexec" go build -o ours .
./ours
cmp stock ours
