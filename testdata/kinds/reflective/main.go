// Reflective calls methods by names that only run time knows, so that every exported method of a reachable type stays
// (cmd/link's reflect mode), and uses text/template, which does the same.
package main

import (
	"fmt"
	"os"
	"reflect"
	"text/template"
)

type greeter struct{ Name string }

func (g greeter) Hello() string    { return "hello, " + g.Name }
func (g greeter) Goodbye() string  { return "goodbye, " + g.Name }
func (g *greeter) Rename(n string) { g.Name = n }

func main() {
	g := &greeter{"gopher"}
	for _, method := range []string{"Hello", "Goodbye"} {
		fmt.Println(reflect.ValueOf(g).MethodByName(method).Call(nil)[0])
	}
	template.Must(template.New("").Parse("{{.Hello}}\n")).Execute(os.Stdout, g)
	t := reflect.StructOf([]reflect.StructField{{Name: "A", Type: reflect.TypeFor[map[string][]int]()}})
	fmt.Println(t, reflect.New(t).Elem().Field(0).IsNil(), reflect.FuncOf(nil, nil, false))
}
