// Debugger is what gdb and delve are asked to stop in: script/full_checks.py knows the function and variable names.
package main

import "fmt"

type point struct {
	x, y int
	name string
}

type tree[T any] struct {
	left, right *tree[T]
	value       T
}

func (t *tree[T]) insert(value T, less func(a, b T) bool) *tree[T] {
	if t == nil {
		return &tree[T]{value: value}
	}
	if less(value, t.value) {
		t.left = t.left.insert(value, less)
	} else {
		t.right = t.right.insert(value, less)
	}
	return t
}

var total = 7

//go:noinline
func inner(p point, values []int, byName map[string]int) int {
	sum := p.x + p.y
	for i, v := range values {
		sum += i * v
	}
	total += sum
	return sum + byName[p.name] // the breakpoint stands in inner
}

//go:noinline
func outer(depth int) int {
	if depth > 0 {
		return outer(depth-1) + 1
	}
	p := point{3, 4, "origin"}
	return inner(p, []int{10, 20, 30}, map[string]int{"origin": 5})
}

func main() {
	var root *tree[string]
	for _, s := range []string{"m", "c", "x"} {
		root = root.insert(s, func(a, b string) bool { return a < b })
	}
	fmt.Println(outer(2), total, root.left.value, root.right.value)
}
