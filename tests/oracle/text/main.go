// For each string of a file, what Go's path, strconv and utf8 packages make of it.
//
// Input: the file named by the argument, a sequence of 32-bit little-endian sizes each followed by that many
// bytes. Output: the same kind of sequence. For each input s:
//
//	path.Clean(s) path.Dir(s) path.Base(s) filepath.Join("a", s, "b") filepath.Join("", s, "", s) strconv.Quote(s)
//	"+" and strconv.Unquote(s), or "-" if that fails
//	first rune of s and its size, as decimal numbers
package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"unicode/utf8"
)

func main() {
	in, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	put := func(s string) {
		out.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(s))))
		out.WriteString(s)
	}
	for len(in) > 0 {
		n := binary.LittleEndian.Uint32(in)
		s := string(in[4 : 4+n])
		in = in[4+n:]
		put(path.Clean(s))
		put(path.Dir(s))
		put(path.Base(s))
		put(filepath.Join("a", s, "b"))
		put(filepath.Join("", s, "", s))
		put(strconv.Quote(s))
		if u, err := strconv.Unquote(s); err == nil {
			put("+" + u)
		} else {
			put("-")
		}
		r, size := utf8.DecodeRuneInString(s)
		put(fmt.Sprint(r, size))
	}
}
