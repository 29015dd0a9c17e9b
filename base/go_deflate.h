// zlib streams with the exact bytes of Go's compress/zlib at level 1 (BestSpeed), as cmd/link writes debug
// sections.
//
// What it must equal, Go 1.26: compress/zlib/writer.go over compress/flate: deflate.go encSpeed (blocks of
// 65535 bytes, the rules for a short last block), deflatefast.go (a greedy matcher with one table of 2^14
// positions, carried across blocks), huffman_bit_writer.go writeBlockDynamic and writeBlockHuff (dynamic
// Huffman, or stored where less than a sixteenth is won), an empty stored block at the end. cmd/link
// ld/data.go compressSyms makes one stream per section; the bytes do not depend on how the section is cut
// into writes.
//
// Idea: three stages, so that one section's stream can use several threads and is never whole in memory.
//   1. DeflateMatcher::find_matches   block bytes -> tokens.   In stream order: the table is carried over.
//   2. encode_deflate_block           bytes, tokens -> bits.   Independent of all other blocks.
//   3. ZlibStream::append             bits -> output bytes.    In stream order; cheap: a shift by 0 to 7
//   bits.
// zlib_level1 runs them in turn over bytes in memory; dwarf/pipeline.h on many threads over bytes that come in pieces.
//
//   DeflateMatcher matcher;  ZlibStream stream(out);
//   for each block of kDeflateBlock bytes, the last one shorter (none of size 0):
//     matcher.find_matches(block.data(), block.size(), tokens);   // earlier bytes still stand before `block`
//     encode_deflate_block(block, tokens, bits);
//     stream.append(bits);
//   stream.finish();
//
// Invariants: a match never reaches back more than kDeflateWindow bytes, so that many bytes of history before
// a block, contiguous with it, are all that stage 1 reads; stage 2 reads the block only.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.h"

namespace dovetail::base {

inline constexpr size_t kDeflateBlock = 65535;   // cut points of the stream, counted from its first byte
inline constexpr size_t kDeflateWindow = 32768;  // how far back a match may start
inline constexpr size_t kDeflateDistanceCodes = 30;

// What stage 1 made of one block: literals and matches in turn, a word each. To be used again: it keeps its
// memory, 256 KiB of which a block of debug information touches a quarter.
class DeflateTokens {
 public:
  std::span<const uint32_t> tokens() const { return {tokens_.get(), count_}; }

 private:
  friend class DeflateMatcher;
  friend class BlockEncoder;
  void reset();

  std::unique_ptr<uint32_t[]> tokens_;
  size_t count_ = 0;
  std::array<uint16_t, kDeflateDistanceCodes> distance_codes_;  // how often each occurs
};

// Stage 1, and all the state that goes from block to block: 64 KiB.
class DeflateMatcher {
 public:
  DeflateMatcher();

  // Finds the matches of the stream's next block, `size` bytes at `block`.
  // REQUIRES: 0 < size <= kDeflateBlock; only the last block is shorter than that; of the stream's earlier
  // bytes the last kDeflateWindow stand right before `block`.
  void find_matches(const uint8_t* block, size_t size, DeflateTokens& out);

 private:
  void shift_positions();

  std::vector<uint32_t> table_;  // by hash of four bytes: their last position
  bool first_block_ = true;
};

// One block's part of the stream, not yet shifted to its place. To be used again: it keeps its memory.
class DeflateBits {
 public:
  uint64_t bit_count() const { return bit_count_; }  // 0 for a stored block
  size_t memory() const { return capacity_; }

 private:
  friend void encode_deflate_block(Bytes, const DeflateTokens&, DeflateBits&);
  friend class ZlibStream;
  friend class BlockEncoder;
  void reserve(size_t bytes);

  std::unique_ptr<uint8_t[]> bytes_;
  size_t capacity_ = 0;
  uint64_t bit_count_ = 0;
  uint32_t stored_ = 0;    // if not 0: that many raw bytes in bytes_, to be written as a stored block
  uint32_t raw_size_ = 0;  // of the block before compression
  uint32_t raw_adler_ = 1;
};

// Stage 2. `block` is what find_matches saw; it is not read again afterwards.
void encode_deflate_block(Bytes block, const DeflateTokens& tokens, DeflateBits& out);

// Stage 3. Appends to `out`; what was there before stays.
class ZlibStream {
 public:
  explicit ZlibStream(std::vector<uint8_t>& out);
  void append(const DeflateBits& bits);
  void finish();

 private:
  void put_bits(uint32_t bits, unsigned count);
  void pad_to_byte();

  std::vector<uint8_t>& out_;
  uint64_t pending_ = 0;        // bits that do not fill a byte yet
  unsigned pending_count_ = 0;  // 0 to 7 between calls
  uint32_t adler_;
};

// The whole stream of `bytes`, appended to `out`.
void zlib_level1(Bytes bytes, std::vector<uint8_t>& out);

}  // namespace dovetail::base
