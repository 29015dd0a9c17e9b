// Package calc is written in a tiny language; calc.tiny has the bodies.
package calc

func Gcd(a, b int) int
func Fib(n int) int
func Depth(n int) int
func Quotient(a, b int) int
func Rest(a, b int) int
func Weigh(a, b, c, d, e, f, g, h, i int) int
func Through(n int) int

//go:noinline
func half(n int) int { return n / 2 }
