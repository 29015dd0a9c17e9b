// runtime.funcnametab: the names of functions and of what was inlined into them.
//
// One entry per symbol, not per text: the two ABIs of a function have the same name twice. A function comes
// before its inlined callees, each at its first use; callees may be dead. cmd/link ld/pcln.go
// generateFuncnametab, Go 1.26.
#pragma once

#include "runtime-tables/func_walk.h"

namespace dovetail::runtime_tables {

struct FuncNames {
  std::vector<uint32_t> keys;     // as FuncWalk::names has them, by first use
  std::vector<uint32_t> offset;   // of each in the table
  std::vector<int32_t> start_line;
  std::vector<uint8_t> func_id;
  uint64_t size = 0;              // of the table
};

// Orders the names and gives them offsets; the slots of walk.names then hold positions.
FuncNames plan_func_names(Services& sv, FuncWalk& walk);

// Writes the names of an object's functions and of its dead callees into the table; it is zero before.
void emit_func_names(const FuncWalk& walk, const FuncNames& names, uint32_t object, base::MutableBytes table);

}  // namespace dovetail::runtime_tables
