// Embedding carries a file of 40 MB, made when it is recorded, and large tables of data.
package main

import (
	_ "embed"
	"fmt"
	"hash/crc32"
)

//go:embed data.bin
var data []byte

var squares = func() (s [1 << 12]uint64) {
	for i := range s {
		s[i] = uint64(i) * uint64(i)
	}
	return
}()

func main() { fmt.Println(len(data), crc32.ChecksumIEEE(data), squares[len(squares)-1]) }
