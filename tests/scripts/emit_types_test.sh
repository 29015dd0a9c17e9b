# Descriptions of types that compiler-emit wrote: the stock linker finds those that Go's objects have, too, to be the same
# (-strictdups; std itself has functions that differ); reflect reads all of them, values of them work; and ours links the same program.
types=$(dirname "$DOVETAIL")/emit_types
if [ ! -x "$types" ]; then
  echo "SKIP: $types is not built"
  exit 77
fi
printf '' > empty.s
go tool asm -p x -o like.o empty.s
mkdir described.v2
printf 'module example.com/types\n\ngo 1.26\n' > go.mod
printf 'package described\n\nfunc Used() int { return 1 }\n' > described.v2/described.go
cat > main.go <<'GO'
package main

import (
	"fmt"
	"reflect"
	"runtime"
	"unsafe"

	described "example.com/types/described.v2"
)

//go:linkname mixed example.com/types/described%2ev2.Mixed
//go:linkname small example.com/types/described%2ev2.Small
//go:linkname empty example.com/types/described%2ev2.Empty
//go:linkname slice example.com/types/described%2ev2.Slice
//go:linkname array example.com/types/described%2ev2.Array
//go:linkname channel example.com/types/described%2ev2.Chan
//go:linkname function example.com/types/described%2ev2.Func
//go:linkname pointer example.com/types/described%2ev2.Pointer
//go:linkname named example.com/types/described%2ev2.Named
var mixed, small, empty, slice, array, channel, function, pointer, named unsafe.Pointer

// The type whose description that is: of an interface value with it and no data.
func typeOf(description unsafe.Pointer) reflect.Type {
	var v any
	(*[2]unsafe.Pointer)(unsafe.Pointer(&v))[0] = description
	return reflect.TypeOf(v)
}

func same[T any](name string, description unsafe.Pointer) {
	fmt.Println(name, typeOf(description), reflect.TypeFor[T]() == typeOf(description))
}

func main() {
	fmt.Println(described.Used())
	same[struct {
		A int
		B *int `json:"b"`
	}]("mixed", mixed)
	same[struct{ X, Y, Z int32 }]("small", small)
	same[struct{}]("empty", empty)
	same[[]int32]("slice", slice)
	same[[5]int32]("array", array)
	same[<-chan string]("channel", channel)
	same[func(int, ...string) (bool, error)]("function", function)
	same[*struct {
		A int
		B *int `json:"b"`
	}]("pointer", pointer)

	t := typeOf(named)
	fmt.Println(t, t.Name(), t.PkgPath(), t.Kind(), t.Size(), t.NumMethod(), t.Comparable())
	for i := range t.NumField() {
		f := t.Field(i)
		fmt.Println(f.Name, f.PkgPath, f.Type, f.Offset, f.Tag)
	}
	fmt.Println(reflect.PointerTo(t) == t.Field(1).Type, t.Field(1).Type.Elem() == t)
	// The collector follows what the description says is a pointer.
	first := reflect.New(t)
	at := first
	for i := range 1000 {
		next := reflect.New(t)
		next.Elem().Field(0).SetInt(int64(i))
		*(*unsafe.Pointer)(unsafe.Add(at.UnsafePointer(), 8)) = next.UnsafePointer()
		at = next
		if i%100 == 0 {
			runtime.GC()
		}
	}
	runtime.GC()
	sum := int64(0)
	for p := first.UnsafePointer(); p != nil; p = *(*unsafe.Pointer)(unsafe.Add(p, 8)) {
		sum += *(*int64)(p)
	}
	fmt.Println(sum)
	a, b := reflect.New(t).Elem(), reflect.New(t).Elem()
	fmt.Println(a.Interface() == b.Interface())
	a.Field(0).SetInt(1)
	fmt.Println(a.Interface() == b.Interface(), reflect.MakeMap(reflect.MapOf(t, t)).Len())
}
GO
cat > want <<'END'
1
mixed struct { A int; B *int "json:\"b\"" } true
small struct { X int32; Y int32; Z int32 } true
empty struct {} true
slice []int32 true
array [5]int32 true
channel <-chan string true
function func(int, ...string) (bool, error) true
pointer *struct { A int; B *int "json:\"b\"" } true
described.Named Named example.com/types/described.v2 struct 16 0 true
X  int 0 
y example.com/types/described.v2 *described.Named 8 
true true
499500
true
false 0
END
"$types" like.o goobj described.v2/types_linux_amd64.syso
go build -ldflags='-buildid= -strictdups=1' -o stock . 2> said
if grep -E "duplicate symbol '(type:|go:|runtime\.)" said; then exit 1; fi
grep -q 'duplicate symbol' said
./stock > got
diff want got
"$types" like.o dense described.v2/types_linux_amd64.syso
go build -ldflags='-buildid= -strictdups=1' -toolexec="$DOVETAIL toolexec" -o ours . 2> ours-said
diff said ours-said
cmp stock ours
