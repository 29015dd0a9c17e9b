// Huffman code lengths and codes exactly as Go's compress/flate chooses them.
//
// An optimal code is not unique: frequencies that tie allow several sets of lengths of the same total. What
// this must equal, Go 1.26: compress/flate/huffman_code.go (*huffmanEncoder).generate.
//
// Go runs boundary package-merge for every code: symbols sorted by (frequency, symbol), and where a leaf and
// a package weigh the same, the package goes first. Idea: where no code would exceed the limit, the plain
// two-queue Huffman construction that takes the inner node on a tie gives the same lengths, in linear time.
// Proof: lower each weight by a tiny d and raise the i-th of the sorted leaves by a far tinier, generic e_i;
// a package of k leaves is k*d lighter. Both tie rules are now strict orders of the changed weights, so both
// algorithms run on these as they did on the given ones, and both are optimal there; with generic weights the
// optimum is unique. Only if the result is too deep is package-merge itself run.
#pragma once

#include <cstdint>

namespace dovetail::base {

inline constexpr int kMaxHuffmanSymbols = 286;

struct HuffmanCode {
  uint16_t bits;    // in the order of the stream: first bit lowest
  uint16_t length;  // 0: the symbol does not occur
};

// Codes for `count` symbols, none longer than max_bits.
// REQUIRES: count <= kMaxHuffmanSymbols; 1 < max_bits <= 15; the symbols that occur fit into max_bits;
// each frequency below 2^22, their sum below 2^31.
void build_huffman(const uint32_t* frequencies, int count, int max_bits, HuffmanCode* codes);

}  // namespace dovetail::base
