// Tables from the code's offsets to values, as the runtime reads them (cmd/internal/obj/pcln.go funcpctab,
// Go 1.26).
//
//     (uleb zigzag(value - value before), uleb (pc where it ends - pc) / quantum)*, 0
//
// The value before the first is -1. A row that repeats the value before is left out; only the first one may
// be the same. A table without rows is empty: no bytes at all.
#pragma once

#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler-emit/object_parts.h"

namespace dovetail::emit {

// `initial` holds in front of the first row. The quantum is the CPU's: pcs and the size are multiples of it.
// The error says which row.
absl::StatusOr<std::vector<uint8_t>> encode_pc_table(std::span<const PcValue> rows, int32_t initial,
                                                     uint32_t code_size, uint32_t quantum);

}  // namespace dovetail::emit
