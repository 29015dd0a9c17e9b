# The installed library: the programs of docs/compiler-emit.md, in C++ by find_package, in C by pkg-config, and the example
# back end, built against it. What they write is read by the release's tools and linked into a program.
build=$(dirname "$(dirname "$DOVETAIL")")
skip() { echo "SKIP: $*"; exit 77; }
[ -f "$build/cmake_install.cmake" ] || skip "$DOVETAIL does not lie in a build folder"
if grep -q '^DOVETAIL_SANITIZE:STRING=.' "$build/CMakeCache.txt"; then skip "a client of sanitized libraries has to be sanitized, too"; fi
command -v pkg-config > /dev/null || skip "there is no pkg-config"
cmake --install "$build" --prefix "$PWD/first" > log
mv first home # a tree may be moved
compiler=$(sed -n 's/^CMAKE_CXX_COMPILER:[A-Z]*=//p' "$build/CMakeCache.txt")

block() { awk -v fence="\`\`\`$1" '$0 == fence { inside = 1; next } $0 == "```" { inside = 0 } inside' "$REPOSITORY/docs/compiler-emit.md"; }
mkdir cpp
block cpp > cpp/client.cc
cat > cpp/CMakeLists.txt <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(client LANGUAGES CXX)
find_package(dovetail 0.1 REQUIRED)
add_executable(client client.cc)
target_link_libraries(client PRIVATE dovetail::compiler_emit)
CMAKE
configure() { cmake -S "$1" -B "$2" -G Ninja -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_PREFIX_PATH="$PWD/home" > log 2>&1 || { cat log; exit 1; }; }
configure cpp cpp/build
cmake --build cpp/build > log || { cat log; exit 1; }

block c > client.c
export PKG_CONFIG_PATH=$PWD/home/lib/pkgconfig:$PWD/home/lib/$(uname -m)-linux-gnu/pkgconfig:$PWD/home/lib64/pkgconfig
# shellcheck disable=SC2046
cc -std=c99 -pedantic -Wall -Wextra -Werror -o client client.c $(pkg-config --cflags --libs dovetail)
# shellcheck disable=SC2046
cc -std=c99 -pedantic -Wall -Wextra -Werror -o types-client "$REPOSITORY/tests/scripts/emit_client.c" $(pkg-config --cflags --libs dovetail)
printf '#include <dovetail/emit.h>\nint main() { return DOVETAIL_NO_SYMBOL; }\n' > plain.cc
"$compiler" -std=c++98 -fsyntax-only -I home/include plain.cc

printf '' > empty.s
go tool asm -p x -o like.o empty.s
mkdir -p program/answer && cd program
../cpp/build/client ../like.o answer/answer_linux_amd64.syso
../client ../like.o answer/greeting_linux_amd64.syso
test "$("$DOVETAIL" nm answer/answer_linux_amd64.syso | grep -c ' T example.com/program/answer.Answer$')" = 1
"$DOVETAIL" convert --to=goobj answer/answer_linux_amd64.syso ../answer.o
go tool nm ../answer.o > stock.txt
grep -q ' T example.com/program/answer.Answer$' stock.txt
"$DOVETAIL" nm answer/answer_linux_amd64.syso | diff stock.txt -
go tool objdump ../answer.o | grep -q 'answer.x:3.*MOVL \$0x2a, AX'
go tool nm answer/greeting_linux_amd64.syso > stock.txt
grep -q ' D example.com/program/answer.Greeting$' stock.txt
grep -q ' R go:string."hello"$' stock.txt

printf 'module example.com/program\n\ngo 1.26\n' > go.mod
printf 'package answer\n\nfunc Answer() int\n' > answer/answer.go
cat > main.go <<'GO'
package main

import (
	_ "unsafe"

	"example.com/program/answer"
)

//go:linkname greeting example.com/program/answer.Greeting
var greeting string

func main() { println(answer.Answer(), greeting) }
GO
go build -ldflags=-buildid= -toolexec="$DOVETAIL toolexec" -o ours .
test "$(./ours 2>&1)" = '42 hello'
cp ../answer.o answer/answer_linux_amd64.syso
go build -ldflags=-buildid= -o stock .
cmp stock ours
cd ..

# Function values, closures and types out of C.
cp program/main.go main.go
./types-client like.o /dev/null wrong 2> errors && exit 1
test "$(cat errors)" = 'example.com/program/answer: type:.eqfunc.: of a type without a name'
./types-client like.o program/answer/types_linux_amd64.syso dense
cat > program/main.go <<'GO'
package main

import (
	"fmt"
	"reflect"
	"unsafe"

	"example.com/program/answer"
)

//go:linkname three example.com/program/answer.Three
var three func() int

//go:linkname seven example.com/program/answer.Seven
var seven func() int

//go:linkname content example.com/program/answer.Content
var content *[9]byte

//go:linkname counterType example.com/program/answer.CounterType
//go:linkname mapType example.com/program/answer.MapType
var counterType, mapType unsafe.Pointer

func typeOf(description unsafe.Pointer) reflect.Type {
	var v any
	(*[2]unsafe.Pointer)(unsafe.Pointer(&v))[0] = description
	return reflect.TypeOf(v)
}

func main() {
	fmt.Println(answer.Answer(), three(), seven(), *content)
	c := reflect.New(typeOf(counterType))
	*(*int)(c.UnsafePointer()) = 5
	m := reflect.MakeMap(typeOf(mapType))
	m.SetMapIndex(reflect.ValueOf("five"), c.Elem())
	fmt.Println(c.Type(), c.Interface().(interface{ Count() int }).Count(), m.Type(), m.MapIndex(reflect.ValueOf("five")))
}
GO
cd program
"$DOVETAIL" dump --dwarf --symbol=example.com/program/answer.captured answer/types_linux_amd64.syso > dwarf.txt
grep -q 'DW_TAG_inlined_subroutine' dwarf.txt
grep -q 'DW_AT_abstract_origin .*answer.three$abstract+' dwarf.txt
go build -ldflags=-buildid= -toolexec="$DOVETAIL toolexec" -o ours .
test "$(./ours)" = "42 3 7 [1 2 3 4 5 6 7 8 9]
*answer.Counter 5 map[string]answer.Counter {5}"
../types-client ../like.o answer/types_linux_amd64.syso goobj
go build -ldflags=-buildid= -o stock .
cmp stock ours
rm answer/types_linux_amd64.syso
cd ..
mv main.go program/main.go

# For arm64, too: mov x0, #42; ret.
sed 's/0xb8, 42, 0, 0, 0, 0xc3/0x40, 5, 0x80, 0xd2, 0xc0, 3, 0x5f, 0xd6/; s/mov eax, 42; ret/mov x0, #42; ret/' cpp/client.cc > arm64.cc
cmp -s cpp/client.cc arm64.cc && exit 1
cp arm64.cc cpp/client.cc
cmake --build cpp/build > log || { cat log; exit 1; }
GOARCH=arm64 go tool asm -p x -o like-arm64.o empty.s
cpp/build/client like-arm64.o program/answer/answer_linux_arm64.syso
printf 'package main\n\nimport "example.com/program/answer"\n\nfunc main() { println(answer.Answer()) }\n' > program/main.go
rm program/answer/greeting_linux_amd64.syso
cd program
GOARCH=arm64 go build -ldflags=-buildid= -toolexec="$DOVETAIL toolexec" -o ours .
"$DOVETAIL" convert --to=goobj answer/answer_linux_arm64.syso converted
mv converted answer/answer_linux_arm64.syso
GOARCH=arm64 go build -ldflags=-buildid= -o stock .
cmp stock ours
if command -v qemu-aarch64 > /dev/null; then test "$(qemu-aarch64 ./ours 2>&1)" = 42; else echo 'the arm64 program was not run: there is no qemu-aarch64'; fi
cd ..

# Misuse says what and where, in C too.
sed 's/address.size = 8;/address.size = 8; address.offset = 12;/' client.c > wrong.c
# shellcheck disable=SC2046
cc -o wrong wrong.c $(pkg-config --cflags --libs dovetail)
status=0
./wrong like.o wrong.o 2> errors || status=$?
test $status = 1
test "$(cat errors)" = 'example.com/program/answer: symbol example.com/program/answer.Greeting: relocation 0: bytes 12 to 20 of a symbol of 16'

# The example back end is a project of its own.
configure "$REPOSITORY/examples/tinyc" tinyc
cmake --build tinyc > log || { cat log; exit 1; }
printf 'func F(a, b) { return a / b }\n' > f.tiny
tinyc/tinyc -p p -like like.o -goobj -o f.syso f.tiny
go tool nm f.syso | grep -q ' T p.F$'
