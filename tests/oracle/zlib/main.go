// Compresses each record of a file as cmd/link does a debug section: zlib, BestSpeed. A record, in and out,
// is a 32-bit little-endian size and that many bytes. Input: the file named by the argument.
package main

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"log"
	"os"
)

func main() {
	in, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for len(in) > 0 {
		n := binary.LittleEndian.Uint32(in)
		record := in[4 : 4+n]
		in = in[4+n:]
		var buf bytes.Buffer
		w, err := zlib.NewWriterLevel(&buf, zlib.BestSpeed)
		if err != nil {
			log.Fatal(err)
		}
		if _, err := w.Write(record); err != nil {
			log.Fatal(err)
		}
		if err := w.Close(); err != nil {
			log.Fatal(err)
		}
		out.Write(binary.LittleEndian.AppendUint32(nil, uint32(buf.Len())))
		out.Write(buf.Bytes())
	}
}
