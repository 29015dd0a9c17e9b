// Adler-32 (RFC 1950), and the checksum of a concatenation from those of its parts, so that the blocks of one
// stream can be summed by several threads.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace dovetail::base {

inline constexpr uint32_t kAdlerEmpty = 1;

uint32_t adler32(Bytes bytes);

// The checksum of x followed by y, given theirs and y's length.
uint32_t adler32_concat(uint32_t x, uint32_t y, uint64_t y_size);

}  // namespace dovetail::base
