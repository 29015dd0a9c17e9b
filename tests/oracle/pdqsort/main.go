// Prints, for many inputs, a hash of the permutation that Go's unstable sorts make of them.
// Each line: pattern length hash-of-slices.SortFunc hash-of-sort.Slice.
// tests/unit/pdqsort_test.cc makes the same inputs; keys must be kept the same in both.
package main

import (
	"bufio"
	"cmp"
	"fmt"
	"os"
	"slices"
	"sort"
)

type item struct {
	key uint64
	pos uint32
}

type random uint64

func (r *random) next() uint64 {
	*r += 0x9e3779b97f4a7c15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

const patterns = 16

func key(pattern int, i, n uint64, r *random) uint64 {
	switch pattern {
	case 0:
		return 7
	case 1:
		return r.next() % 2
	case 2:
		return r.next() % 5
	case 3:
		return i
	case 4:
		return n - i
	case 5:
		return r.next()
	case 6:
		return r.next() % (n/3 + 1)
	case 7: // sorted, a few disturbed
		if r.next()%64 == 0 {
			return r.next() % n
		}
		return i
	case 8: // organ pipe
		return min(i, n-i)
	case 9: // saw teeth
		return i % 17
	case 10: // falling with ties
		return (n - i) / 3
	case 11: // equal, then one smaller at the end, as with units that have no text
		if i+3 >= n {
			return 6
		}
		return 7
	case 12: // rising with ties and a random tail
		if i < n*9/10 {
			return i / 4
		}
		return r.next() % n
	case 13:
		return i * 0x9e3779b97f4a7c15 % 101
	case 14: // mostly one value
		if r.next()%16 != 0 {
			return 1 << 40
		}
		return r.next() % n
	default: // two falling runs
		return (n - i) % (n/2 + 1)
	}
}

// killer makes keys that drive the choice of pivots to its worst, so that heapsort takes over: the comparison
// decides them as late as it can (McIlroy's antiqsort).
func killer(n int) []uint64 {
	const gas = 1 << 62
	value := make([]uint64, n)
	for i := range value {
		value[i] = gas
	}
	solid, candidate := uint64(0), 0
	ids := make([]int, n)
	for i := range ids {
		ids[i] = i
	}
	r := random(n)
	slices.SortFunc(ids, func(x, y int) int {
		if value[x] == gas && value[y] == gas {
			// The coin keeps the nine comparisons for a pivot from looking like a sorted range.
			if x == candidate || y != candidate && r.next()%2 == 0 {
				value[x] = solid
			} else {
				value[y] = solid
			}
			solid++
		}
		if value[x] == gas {
			candidate = x
		} else if value[y] == gas {
			candidate = y
		}
		return cmp.Compare(value[x], value[y])
	})
	return value
}

func hash(items []item) uint64 {
	h := uint64(0xcbf29ce484222325)
	for _, it := range items {
		h = (h ^ uint64(it.pos)) * 0x100000001b3
	}
	return h
}

func report(w *bufio.Writer, name string, items []item) {
	again := slices.Clone(items)
	slices.SortFunc(items, func(x, y item) int { return cmp.Compare(x.key, y.key) })
	sort.Slice(again, func(i, j int) bool { return again[i].key < again[j].key })
	fmt.Fprintln(w, name, len(items), hash(items), hash(again))
}

func main() {
	w := bufio.NewWriter(os.Stdout)
	defer w.Flush()
	var sizes []int
	for n := 0; n <= 3000; n += 1 + n/40 {
		sizes = append(sizes, n)
	}
	sizes = append(sizes, 4096, 10007, 65536, 300000)
	for pattern := 0; pattern < patterns; pattern++ {
		for _, n := range sizes {
			r := random(uint64(pattern)<<32 + uint64(n))
			items := make([]item, n)
			for i := range items {
				items[i] = item{key(pattern, uint64(i), uint64(n), &r), uint32(i)}
			}
			report(w, fmt.Sprint(pattern), items)
		}
	}
	for _, n := range []int{50, 100, 1000, 5000, 20000} {
		keys := killer(n)
		for _, divisor := range []uint64{1, 2, 3} { // ties again
			fmt.Fprint(w, "killer-keys ", n)
			items := make([]item, n)
			for i, k := range keys {
				items[i] = item{k / divisor, uint32(i)}
				fmt.Fprint(w, " ", items[i].key)
			}
			fmt.Fprintln(w)
			report(w, "killer", items)
		}
	}
}
