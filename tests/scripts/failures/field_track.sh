# GOEXPERIMENT=fieldtrack: which tagged fields the program uses, and who reached them first, in the variable of -k.
export GOEXPERIMENT=fieldtrack
go list -p 2 -export -deps -f '{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}' runtime fmt > std.cfg
cp std.cfg all.cfg

mkdir shapes deep cmd
cat > shapes/shapes.go <<'GO'
package shapes

type Inner struct {
	Alive int `go:"track"`
	Dead  int `go:"track"`
}

type Box struct {
	W, H int `go:"track"`
	Inner
}

type Area interface{ Area() int }

//go:noinline
func (b *Box) Area() int  { return b.W * b.H }
func (b *Box) Width() int { return b.W }
func (b *Box) Never() int { return b.Dead }
GO
package m/shapes shapes/shapes.go
cat > deep/deep.go <<'GO'
package deep

import "m/shapes"

type list struct {
	next *list      `go:"track"`
	box  shapes.Box `go:"track"`
}

var root = list{next: new(list)}

func init() { root.box.Alive = 7 }

//go:noinline
func Reach(b *shapes.Box) (n int) {
	walk := func(l *list) {
		for ; l != nil; l = l.next {
			n += l.box.W + b.H
		}
	}
	walk(&root)
	return n
}
GO
package m/deep deep/deep.go
cat > cmd/main.go <<'GO'
package main

import (
	"fmt"

	"m/deep"
	"m/shapes"
)

type T struct {
	X, Y int `go:"track"`
	Z    int
	shapes.Inner
}

func (t T) String() string { return fmt.Sprint(t.Y, t.Z) } // called through an interface
func (t *T) Unused() int   { return t.Inner.Dead }

type pair[A any] struct {
	First, Second A `go:"track"`
}

//go:noinline
func first[A any](p *pair[A]) A { return p.First }

//go:noinline
func never() int { return new(T).Inner.Dead }

var tracked, untouched string
var number int
var table = map[string]func(*shapes.Box) int{"w": (*shapes.Box).Width}

func main() {
	b := &shapes.Box{W: 3, H: 4}
	var a shapes.Area = b
	fmt.Println(T{}, first(&pair[int]{1, 2}), first(&pair[string]{"a", "b"}), number)
	fmt.Println(a.Area(), table["w"](b), deep.Reach(b))
	defer func() { fmt.Print(b.Inner.Alive, "\n", tracked) }()
}
GO
package main cmd/main.go

for flags in "" "-k=main.tracked" "-k main.tracked -s -w" "-k main.tracked -X main.tracked=before" "-k main.untouched" \
    "-k no.such.variable" "-k main.main" "-k runtime.buildVersion" "-k main.tracked -randlayout 7"; do
  read -ra words <<< "$flags"
  links '' -importcfg all.cfg "${words[@]}" main.a
done
fails 'main.number: cannot set with -X: not a var of type string \(type:int\)' -importcfg all.cfg -k main.number main.a
fails 'runtime.gcdata: missing Go type information for global symbol type:string' -importcfg all.cfg -k type:string main.a

DOVETAIL_FLAGS=--threads=3 links '' -importcfg all.cfg -k main.tracked main.a
./b.out > fields
grep -q $'^main.T.Y\tmain.T.String\ttype:main.T\tmain.main\t' fields
grep -q $'^m/deep.list.next\tm/deep.Reach\tmain.main\t' fields
if grep Dead fields; then exit 1; fi
