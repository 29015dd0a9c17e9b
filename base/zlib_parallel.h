// Several zlib streams, each on all threads: the bytes of zlib_level1, and the input never whole in memory.
//
// Problem: a stream is serial, for its table of earlier positions is carried from block to block, and the
// largest debug section (.debug_info) is half of all. Idea: the table's reach is 32 KiB and each block starts
// the search afresh, so a matcher that begins with an empty table a few blocks early has, by the time it is
// needed, nearly always the very table that a serial run has: on cmd/compile's debug sections after two
// blocks at 148 of 151 block borders, after three at all of them. So every stream is cut into segments; each
// is found by whichever thread is free, warmed up on the blocks before it; then each segment's first table is
// compared with the last one of the segment before, and a segment that began with another is compressed again
// from the right one.
//
// Invariant: the output is a function of the input alone; threads and segments decide only what it costs.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "absl/functional/function_ref.h"
#include "base/bytes.h"
#include "base/parallel.h"

namespace dovetail::base {

struct ZlibJob {
  uint64_t size;  // of the stream's input

  // Writes the input's bytes from `offset` on to `to`. Called by several threads, for ranges that overlap; a
  // range starts at a multiple of kDeflateBlock. It may not use the pool.
  absl::FunctionRef<void(uint64_t offset, MutableBytes to)> fill;

  std::vector<uint8_t>* out;  // the stream is appended
};

struct ZlibCut {
  uint32_t segment_blocks = 48;  // 3 MB: 6 % of it is read twice
  uint32_t warm_up_blocks = 3;
};

// Memory: per thread a segment, and 128 KiB per segment, besides what is compressed.
void zlib_level1(std::span<const ZlibJob> jobs, ThreadPool& pool, ZlibCut cut = {});

}  // namespace dovetail::base
