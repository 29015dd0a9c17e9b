// Features uses what makes a linker's work differ from program to program: generics with dictionaries, interfaces and
// their method pruning, closures, maps initialised at start-up, goroutines, panics with tracebacks, assembly, a linkname,
// variables that -X sets, embedded files and an import of plugin. It prints what a correct link must print.
package main

import (
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"plugin"
	"runtime"
	"runtime/debug"
	"slices"
	"sort"
	"strings"
	"sync"
	_ "unsafe"
)

//go:embed main.go
var source string

var version = "unset" // set with -X main.version=…

//go:linkname nanotime runtime.nanotime
func nanotime() int64

func add(a, b int64) int64 // in add_amd64.s

type shape interface {
	area() float64
	name() string
}

type square struct{ side float64 }
type circle struct{ radius float64 }

func (s square) area() float64  { return s.side * s.side }
func (s square) name() string   { return "square" }
func (c *circle) area() float64 { return 3 * c.radius * c.radius }
func (c *circle) name() string  { return "circle" }
func (c *circle) unused() int   { return len(source) }

type pair[K cmp.Ordered, V any] struct {
	key   K
	value V
}

func sorted[K cmp.Ordered, V any](m map[K]V) []pair[K, V] {
	result := make([]pair[K, V], 0, len(m))
	for k, v := range m {
		result = append(result, pair[K, V]{k, v})
	}
	slices.SortFunc(result, func(a, b pair[K, V]) int { return cmp.Compare(a.key, b.key) })
	return result
}

type number interface{ ~int | ~float64 }

func sum[T number](values ...T) (total T) {
	for _, v := range values {
		total += v
	}
	return total
}

var table = map[string]func(string) string{
	"upper": strings.ToUpper,
	"twice": func(s string) string { return s + s },
}

var zeroes [1 << 16]byte
var numbers = [...]uint32{1, 1, 2, 3, 5, 8, 13, 21, 34, 55}

func recovered() (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("recovered: %v", r)
		}
	}()
	var none []int
	return errors.New(fmt.Sprint(none[len(source)]))
}

func caller() string {
	pc, _, _, ok := runtime.Caller(0)
	if !ok {
		return "unknown"
	}
	return runtime.FuncForPC(pc).Name()
}

func main() {
	shapes := []shape{square{2}, &circle{1}}
	for _, s := range shapes {
		fmt.Printf("%s %.1f\n", s.name(), s.area())
	}
	fmt.Println(sorted(map[string]int{"b": 2, "a": 1}), sorted(map[int]bool{2: true, 1: false}))
	fmt.Println(sum(1, 2, 3), sum(0.5, 0.25), add(40, 2))
	names := make([]string, 0, len(table))
	for name := range table {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Println(name, table[name]("go"))
	}
	var wait sync.WaitGroup
	var mutex sync.Mutex
	total := uint32(0)
	for _, n := range numbers {
		wait.Add(1)
		go func() {
			defer wait.Done()
			mutex.Lock()
			total += n
			mutex.Unlock()
		}()
	}
	wait.Wait()
	runtime.GC()
	fmt.Println(total, len(zeroes), zeroes[len(zeroes)-1], strings.HasPrefix(source, "// Features"))
	fmt.Println(recovered())
	fmt.Println(caller(), version, nanotime() > 0)
	if _, err := plugin.Open("/nonexistent.so"); err == nil {
		os.Exit(3)
	}
	if info, ok := debug.ReadBuildInfo(); !ok || info.Path == "" {
		os.Exit(4)
	}
}
