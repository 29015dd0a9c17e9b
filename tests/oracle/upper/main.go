// Prints every character that unicode.IsUpper accepts, in hexadecimal, one a line.
package main

import (
	"bufio"
	"fmt"
	"os"
	"unicode"
)

func main() {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if unicode.IsUpper(r) {
			fmt.Fprintf(out, "%x\n", r)
		}
	}
}
