// Calls functions that tinyc compiled. With an argument it divides by zero in them, the second time while panicking.
package main

import (
	"fmt"
	"math"
	"os"
	"runtime"

	"example.com/sample/calc"
)

func main() {
	fmt.Println(calc.Gcd(1071, 462), calc.Fib(20))
	fmt.Println(calc.Weigh(1, 2, 3, 4, 5, 6, 7, 8, 9), calc.Weigh(-1, 0, 0, 0, 0, 0, 0, 0, 0))
	fmt.Println(calc.Quotient(math.MinInt64, -1), calc.Rest(7, -1), calc.Quotient(-7, 2), calc.Rest(-7, 2))
	fmt.Println(calc.Through(20))
	// Stacks that grow, in a goroutine, beside collections and preemptions.
	done := make(chan int)
	go func() { done <- calc.Depth(100000) }()
	for range 10 {
		runtime.GC()
	}
	fmt.Println(<-done, calc.Fib(30))
	if len(os.Args) > 1 {
		defer func() {
			fmt.Println(recover())
			calc.Rest(1, 0)
		}()
		calc.Quotient(1, 0)
	}
}
