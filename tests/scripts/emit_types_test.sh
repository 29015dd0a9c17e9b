# Descriptions of types that compiler-emit wrote are those that the Go compiler writes for the same declarations, to the byte,
# with the same relocations to the same symbols or contents. The stock linker finds those that Go's objects have, too, to be the same
# (-strictdups; std itself has functions that differ); reflect reads all of them, values of them work; and ours links the same program.
types=$(dirname "$DOVETAIL")/emit_types
symbols=$(dirname "$DOVETAIL")/emit_symbols
if [ ! -x "$types" ] || [ ! -x "$symbols" ]; then
  echo "SKIP: $types and $symbols are not built"
  exit 77
fi
printf '' > empty.s
go tool asm -p x -o like.o empty.s

# As the Go compiler has it. The runtime's object has what is made of basic types only.
mkdir other gc
printf 'package other\n\ntype Sealed interface{ seal() }\n' > other/other.go
cat > gc/described.go <<'GO'
package described

import "example.com/types/other"

type Named struct {
	X int
	y *Named
}
type Counter struct {
	n    int
	name string
}

func (c Counter) Get() int       { return c.n }
func (c *Counter) Add(n int) int { c.n += n; return c.n }
func (c *Counter) hidden() int   { return c.n }

type Adder interface {
	Add(int) int
	Get() int
	hidden() int
}
type Both interface {
	other.Sealed
	Open()
}
type Plain int32
type Outer struct {
	Plain `k:"v"`
	f     float64
	c     chan<- Plain
}
type Scores map[string]int

var All = []any{struct {
	A int
	B *int `json:"b"`
}{}, struct{ X, Y, Z int32 }{}, struct{}{}, []int32{}, [5]int32{}, new([20000]*int), (<-chan string)(nil),
	func(int, ...string) (bool, error) { return false, nil }, Named{}, Counter{}, new(Adder), new(Both), Outer{},
	Scores{}, map[[200]uint8]Counter{}}
GO
go tool compile -p example.com/types/other -o other.a other/other.go
echo 'packagefile example.com/types/other=other.a' > importcfg
go tool compile -p example.com/types/described.v2 -importcfg importcfg -o gc.a gc/described.go
"$types" like.o goobj ours.o
{ "$symbols" gc.a; "$symbols" "$(go list -export -f '{{.Export}}' runtime)"; } | LC_ALL=C sort > gc.txt
"$symbols" ours.o | LC_ALL=C sort > ours.txt
test "$(wc -l < ours.txt)" -gt 120
# A name with its package is a symbol whose own name counts such symbols; its content is compared where it is used.
LC_ALL=C comm -13 gc.txt ours.txt > only-ours.txt
cut -d ' ' -f 1 only-ours.txt | diff - <(echo 'type:.namedata.example.com/types/other.seal-example.com/types/described.v2')
"$types" like.o dense dense.o
"$DOVETAIL" convert --to=goobj dense.o converted.o
"$symbols" converted.o | LC_ALL=C sort | diff ours.txt -
rm -r gc
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
//go:linkname counter example.com/types/described%2ev2.Counter
//go:linkname adder example.com/types/described%2ev2.Adder
//go:linkname both example.com/types/described%2ev2.Both
//go:linkname outer example.com/types/described%2ev2.Outer
//go:linkname scores example.com/types/described%2ev2.Scores
//go:linkname large example.com/types/described%2ev2.Large
//go:linkname huge example.com/types/described%2ev2.Huge
var mixed, small, empty, slice, array, channel, function, pointer, named, counter, adder, both, outer, scores, large, huge unsafe.Pointer

// Methods of types that Go does not know, called by reflection and through interfaces that it knows.
func methods() {
	t, in := typeOf(counter), typeOf(adder)
	p := reflect.PointerTo(t)
	fmt.Println(t, t.NumMethod(), p, p.NumMethod(), in, in.NumMethod(), p.Implements(in), t.Implements(in))
	for i := range in.NumMethod() {
		m := in.Method(i)
		fmt.Println(m.Name, m.PkgPath, m.Type)
	}
	v := reflect.New(t)
	fmt.Println(v.MethodByName("Add").Call([]reflect.Value{reflect.ValueOf(40)})[0], v.Method(1).Call(nil)[0])
	a := v.Interface().(interface{ Add(int) int })
	fmt.Println(a.Add(2), v.Elem().Interface().(interface{ Get() int }).Get(), p.Method(0).Type)
	fmt.Println(v.Elem().Interface() == reflect.New(t).Elem().Interface(), v.Elem().Interface() == v.Elem().Interface())
	sealed := typeOf(both)
	fmt.Println(sealed, sealed.NumMethod(), sealed.Method(0).Name, sealed.Method(1).Name, sealed.Method(1).PkgPath)
}

func maps() {
	m := reflect.MakeMap(typeOf(scores))
	for i := range 1000 {
		m.SetMapIndex(reflect.ValueOf(fmt.Sprint(i)), reflect.ValueOf(i))
	}
	plain := m.Convert(reflect.TypeFor[map[string]int]()).Interface().(map[string]int)
	fmt.Println(m.Type(), m.Len(), plain["700"], m.MapIndex(reflect.ValueOf("999")))
	l := reflect.MakeMap(typeOf(large))
	for i := range 300 {
		v := reflect.New(typeOf(counter))
		v.Interface().(interface{ Add(int) int }).Add(i)
		l.SetMapIndex(reflect.ValueOf([200]byte{0: byte(i), 199: byte(i >> 8)}), v.Elem())
		if i%50 == 0 {
			runtime.GC()
		}
	}
	fmt.Println(l.Type(), l.Len(), l.MapIndex(reflect.ValueOf([200]byte{0: 43, 199: 1})).Interface().(interface{ Get() int }).Get())
	h := reflect.New(typeOf(huge))
	h.Elem().Index(19999).Set(reflect.ValueOf(new(int)))
	runtime.GC()
	fmt.Println(h.Elem().Type() == reflect.TypeFor[[20000]*int](), *h.Elem().Index(19999).Interface().(*int))
	o := typeOf(outer)
	fmt.Println(o, o.Field(0).Anonymous, o.Field(0).Tag, o.Field(1).PkgPath, o.Field(2).Type, o.Comparable())
	x, y := reflect.New(o).Elem(), reflect.New(o).Elem()
	fmt.Print(x.Interface() == y.Interface())
	x.Field(0).SetInt(1)
	fmt.Println(x.Interface() == y.Interface())
}

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

	methods()
	maps()
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
described.Counter 1 *described.Counter 2 described.Adder 3 true false
Add  func(int) int
Get  func() int
hidden example.com/types/described.v2 func() int
40 40
42 42 func(*described.Counter, int) int
false true
described.Both 2 Open seal example.com/types/other
described.Scores 1000 700 999
map[[200]uint8]described.Counter 300 299
true 0
described.Outer true k:"v" example.com/types/described.v2 chan<- described.Plain true
truefalse
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
