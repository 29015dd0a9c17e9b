// Which words of a frame, or of a function's arguments, hold pointers: what the garbage collector and the
// growing of stacks read (runtime/symtab.go stackmap, Go 1.26).
//
//     u32 number of maps, u32 bits of each, then each map, bit 0 first, filled up to whole bytes
//
// A function names them as funcdata 0 (arguments) and 1 (locals); pcdata 1 says which map holds where. A
// frame without pointers has one map of no bits.
#pragma once

#include <vector>

#include "absl/status/statusor.h"

namespace dovetail::emit {

// The error says which map has another number of bits than the first.
absl::StatusOr<std::vector<uint8_t>> encode_stack_maps(const std::vector<std::vector<bool>>& maps);

}  // namespace dovetail::emit
