// For each string of a file, what encoding/json makes of it as a list of lists of strings.
//
// Input: the file named by the argument, a sequence of 32-bit little-endian sizes each followed by that many bytes.
// Output: the same kind of sequence: "!" and the error, or for each list "[" and for each of its strings its length in
// bytes, ":" and the string.
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strings"
)

func decode(s string) string {
	var lists [][]string
	if err := json.NewDecoder(strings.NewReader(s)).Decode(&lists); err != nil {
		return "!" + err.Error()
	}
	var text strings.Builder
	for _, list := range lists {
		text.WriteString("[")
		for _, word := range list {
			fmt.Fprintf(&text, "%d:%s", len(word), word)
		}
	}
	return text.String()
}

func main() {
	in, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for len(in) > 0 {
		n := binary.LittleEndian.Uint32(in)
		answer := decode(string(in[4 : 4+n]))
		in = in[4+n:]
		out.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(answer))))
		out.WriteString(answer)
	}
}
