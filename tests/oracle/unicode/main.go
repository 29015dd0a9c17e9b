// Prints Unicode facts as Go has them.
//
//	upper: base/unicode_upper.def, what unicode.IsUpper says
//	print: base/unicode_print.def, what strconv.IsPrint says
//	runs:  both again as plain runs, for a comparison rune by rune
package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"unicode"
)

const last = 0x110002 // a little beyond unicode.MaxRune

// runs calls emit for each longest run lo, lo+stride ... hi of runes that have the property.
func runs(has func(rune) bool, maxStride rune, emit func(lo, hi, stride rune)) {
	for r := rune(0); r <= last; r++ {
		if !has(r) {
			continue
		}
		stride := rune(1)
		if maxStride == 2 && !has(r+1) && has(r+2) {
			stride = 2
		}
		lo := r
		for has(r+stride) && (stride == 1 || !has(r+1)) {
			r += stride
		}
		emit(lo, r, stride)
	}
}

func main() {
	w := bufio.NewWriter(os.Stdout)
	defer w.Flush()
	switch os.Args[1] {
	case "upper":
		fmt.Fprintln(w, "// Upper-case runes, as Go 1.26's unicode.IsUpper has them: first, last, step.")
		fmt.Fprintln(w, "// Printed by tests/oracle/unicode (upper); go_path_test prints it again and compares.")
		runs(unicode.IsUpper, 2, func(lo, hi, stride rune) {
			fmt.Fprintf(w, "UNICODE_UPPER(0x%04x, 0x%04x, %d)\n", lo, hi, stride)
		})
	case "print":
		fmt.Fprintln(w, "// Printable runes, as Go 1.26's strconv.IsPrint has them: first, last.")
		fmt.Fprintln(w, "// Printed by tests/oracle/unicode (print); go_path_test prints it again and compares.")
		runs(strconv.IsPrint, 1, func(lo, hi, stride rune) {
			fmt.Fprintf(w, "UNICODE_PRINT(0x%04x, 0x%04x)\n", lo, hi)
		})
	case "runs":
		runs(unicode.IsUpper, 1, func(lo, hi, stride rune) { fmt.Fprintln(w, "upper", lo, hi) })
		runs(strconv.IsPrint, 1, func(lo, hi, stride rune) { fmt.Fprintln(w, "print", lo, hi) })
	}
}
