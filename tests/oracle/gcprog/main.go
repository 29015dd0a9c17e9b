// Writes GC programs with cmd/internal/gcprog itself and prints the calls and the bytes.
//
// The package can be imported from within cmd only, so tests/unit/gcprog_test.cc has cmd/go overlay this file
// into GOROOT. Each line: calls, then "=" and the program in hexadecimal. Calls: "p index" Ptr, "z index"
// ZeroUntil, "r n c" Repeat, "m index count mask" Ptr for each set bit of a mask (hexadecimal, lowest bit of
// the first byte first); End ends it.
package main

import (
	"bufio"
	"cmd/internal/gcprog"
	"fmt"
	"os"
)

type random uint64

func (r *random) below(n int64) int64 {
	*r = *r*6364136223846793005 + 1442695040888963407
	return int64(uint64(*r)>>33) % n
}

func mask(w *gcprog.Writer, r *random, index, count, style int64) (hex string, next int64) {
	next = index
	bytes := make([]byte, (count+7)/8)
	for i := range bytes {
		switch style {
		case 0:
			bytes[i] = 0xff
		case 1:
			bytes[i] = byte(r.below(256))
		case 2:
			if r.below(6) == 0 {
				bytes[i] = 1 << r.below(8)
			}
		case 3:
			if r.below(9) == 0 {
				bytes[i] = byte(r.below(256))
			}
		}
	}
	if rest := count % 8; rest != 0 {
		bytes[len(bytes)-1] |= byte(r.below(256)) << rest // beyond the count, not to be looked at
	}
	for i := int64(0); i < count; i++ {
		if bytes[i/8]>>(i%8)&1 != 0 {
			w.Ptr(index + i)
			next = index + i + 1
		}
	}
	return fmt.Sprintf("%x", bytes), next
}

func main() {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for program := 0; program < 3000; program++ {
		r := random(program)
		var bytes []byte
		var w gcprog.Writer
		w.Init(func(b byte) { bytes = append(bytes, b) })
		index := int64(0)
		gaps := []int64{1, 2, 8, 31, 32, 33, 34, 64, 127, 128, 129, 1000, 1 << 20, 1 << 33}[:2+program%13]
		gap := func() int64 {
			if r.below(3) == 0 {
				return gaps[r.below(int64(len(gaps)))]
			}
			return r.below(gaps[r.below(int64(len(gaps)))])
		}
		for calls := r.below(60); calls > 0; calls-- {
			switch r.below(8) {
			case 0:
				index += gap()
				w.ZeroUntil(index)
				fmt.Fprint(out, "z ", index, " ")
			case 1:
				n, c := r.below(300), r.below(3)*r.below(5000)
				w.Repeat(n, c)
				fmt.Fprint(out, "r ", n, " ", c, " ")
				index += n * c
			case 2, 3, 4:
				index += gap()
				count := 1 + r.below(700)
				hex, next := mask(&w, &r, index, count, r.below(4))
				fmt.Fprint(out, "m ", index, " ", count, " ", hex, " ")
				if next != index {
					index = next
				} else {
					w.ZeroUntil(index)
					fmt.Fprint(out, "z ", index, " ")
				}
			default:
				index += gap()
				w.Ptr(index)
				fmt.Fprint(out, "p ", index, " ")
				index++
			}
		}
		w.End()
		fmt.Fprintf(out, "= %x\n", bytes)
	}
}
