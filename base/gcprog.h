// GC programs: the pointer bitmaps of .data and .bss, which the runtime unrolls at start.
//
// What it must equal, Go 1.26: the bytes of cmd/internal/gcprog's Writer for the same calls, as cmd/link
// ld/data.go makes them (GCProg). The format is a bit string in pieces:
//
//   0nnnnnnn, then n bits in (n+7)/8 bytes, lowest first    literal bits, n from 1 to 127
//   1nnnnnnn c                                              the last n bits c times again
//   10000000 n c                                            the same for n of 128 and more
//   00000000                                                end
//
// n and c are varints. Which of the equivalent pieces are used is part of the bytes: literal bits are
// gathered until 127 are there or something else is to be written; a gap of 32 bits or more is one zero bit
// and a repeat of it.
//
// Idea: literal bits wait in two machine words, and a mask is taken 32 bits at a time (inside such a chunk no
// gap is long), so that a section of a hundred million words costs little more than reading its masks.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace dovetail::base {

class GcProgram {
 public:
  explicit GcProgram(std::vector<uint8_t>& out) : out_(out) {}

  // Words described so far: the position of the next bit.
  uint64_t index() const { return index_; }

  // False once a call asked for the past, or for more than 2^62 words: the types that led there are corrupt.
  // What such a call asked for is left out.
  bool ok() const { return ok_; }

  // Word `index` is a pointer; the words before it that nothing described are not.
  void pointer(uint64_t index);

  // pointer(index + i) for each i below `count` whose bit in `mask` is set, lowest bit of the first byte
  // first. REQUIRES: mask holds `count` bits.
  void pointers(uint64_t index, Bytes mask, uint64_t count);

  // Words up to `index` are not pointers.
  void zero_until(uint64_t index);

  // The last n words come c times more.
  void repeat(uint64_t n, uint64_t c);

  // Ends the program. Nothing may follow.
  void end();

 private:
  static constexpr unsigned kLiteralMax = 127;
  static constexpr uint64_t kIndexMax = uint64_t{1} << 62;

  void put_literals(uint64_t bits, unsigned count);
  void flush_literals();
  void put_varint(uint64_t value);

  std::vector<uint8_t>& out_;
  uint64_t index_ = 0;
  uint64_t literals_[2] = {0, 0};  // the first bit is the lowest of [0]
  unsigned literal_count_ = 0;     // at most kLiteralMax; bits above it are 0
  bool ok_ = true;
};

}  // namespace dovetail::base
