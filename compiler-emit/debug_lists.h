// Lists of a function's code ranges, and of the places where a variable is in each: .debug_rnglists and
// .debug_loclists of DWARF 5, .debug_ranges and .debug_loc of DWARF 4, as the Go compiler writes them
// (cmd/internal/dwarf/dwarf.go PutRanges, cmd/compile/internal/ssa/debug.go PutLocationList, Go 1.26).
//
//     DWARF 5:  base address (u8 1, index of the function's address), then (u8 4, uleb begin, uleb end[,
//     expression])*, u8 0 DWARF 4:  u64 -1, u64 address, then (u64 begin, u64 end[, expression])*, u64 0, u64
//     0
//
// Numbers count from the function's start. Before an expression stands its length: uleb, in DWARF 4 u16.
#pragma once

#include <span>

#include "compiler-emit/debug_entry.h"

namespace dovetail::emit {

void put_range_list(DebugWriter& out, SymbolId function, std::span<const CodeRange> ranges);
void put_location_list(DebugWriter& out, SymbolId function, std::span<const Location> locations);

// The code of each of a function's inlined calls: its own and that of calls inside of it. A call of which
// nothing is left has none.
std::vector<std::vector<CodeRange>> inlined_ranges(const Function& f);

}  // namespace dovetail::emit
