// Prints, for many seeds, what math/rand's seeded generator gives. Each line: seed, three Uint64, three
// Int63n(n) for several n, then hashes of the swaps of Shuffle for several lengths (the second word of a pair
// is the length), and one Uint64 more.
package main

import (
	"bufio"
	"fmt"
	"math"
	"math/rand"
	"os"
)

func main() {
	w := bufio.NewWriter(os.Stdout)
	defer w.Flush()
	seeds := []int64{0, 1, 2, -1, 42, 89482311, math.MaxInt32, math.MaxInt32 - 1, math.MaxInt32 + 1, 2 * math.MaxInt32,
		-math.MaxInt32, math.MaxInt64, math.MinInt64, 1 << 40, -123456789012345}
	for _, seed := range seeds {
		r := rand.New(rand.NewSource(seed))
		fmt.Fprint(w, seed, " ", r.Uint64(), " ", r.Uint64(), " ", r.Uint64())
		for _, n := range []int64{1, 2, 3, 10, 1 << 31, 1<<31 + 1, 1 << 62, 1<<62 + 1, math.MaxInt64} {
			fmt.Fprint(w, " ", n, " ", r.Int63n(n), " ", r.Int63n(n), " ", r.Int63n(n))
		}
		fmt.Fprint(w, " shuffles")
		for _, n := range []int{0, 1, 2, 3, 100, 606, 607, 608, 5000, 60000} {
			h := uint64(0xcbf29ce484222325)
			r.Shuffle(n, func(i, j int) {
				h = (h ^ uint64(i)) * 0x100000001b3
				h = (h ^ uint64(j)) * 0x100000001b3
			})
			fmt.Fprint(w, " ", n, " ", h)
		}
		fmt.Fprintln(w, " end", r.Uint64())
	}
}
