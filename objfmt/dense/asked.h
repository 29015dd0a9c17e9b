// In a build with DOVETAIL_COUNT_BLOCKS, how many bytes the accessors of dense objects have been asked for, by block:
// those of columns, index entries and streams; in others nothing.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "objfmt/dense/layout.h"

namespace dovetail::objfmt::dense {

#ifdef DOVETAIL_COUNT_BLOCKS
inline constexpr bool kCountBlocks = true;
#else
inline constexpr bool kCountBlocks = false;
#endif

struct Asked {
  std::array<std::atomic<uint64_t>, kBlockCount> bytes{}, times{};
};
inline Asked asked;

inline void count_asked([[maybe_unused]] Block b, [[maybe_unused]] uint64_t bytes) {
  if constexpr (kCountBlocks) {
    asked.bytes[static_cast<size_t>(b)].fetch_add(bytes, std::memory_order_relaxed);
    asked.times[static_cast<size_t>(b)].fetch_add(1, std::memory_order_relaxed);
  }
}

}  // namespace dovetail::objfmt::dense
