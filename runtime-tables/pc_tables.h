// runtime.pctab and go:func.*: the per-pc tables and the funcdata of all functions, each symbol once.
//
// pctab begins with a zero byte, since an offset of zero means "none"; tables follow in the order of first use
// (per function pcsp, pcfile, pcline, the pcdata, then pcinline), unaligned. go:func.* holds the funcdata and
// the inline trees in the order of first use, then stably by descending alignment. cmd/link ld/pcln.go
// generatePctab, generateFuncdata, Go 1.26.
#pragma once

#include "runtime-tables/func_walk.h"

namespace dovetail::runtime_tables {

struct PcTables {
  std::vector<uint32_t> symbols;  // SymIds, by offset
  uint64_t size = 1;
};

// The slots of walk.pc_tables then hold offsets.
PcTables plan_pc_tables(Services& sv, FuncWalk& walk);

// Writes an object's tables into the range of pctab, which is zero before.
void emit_pc_tables(const FuncWalk& walk, uint32_t object, base::MutableBytes pctab);

struct FuncData {
  std::vector<SymId> symbols;           // funcdata of objects, by offset
  std::vector<uint32_t> inline_offset;  // of each function's inline tree, 0 for none
  uint64_t size = 0;
  uint32_t align = 0;
};

// The slots of walk.func_data then hold offsets.
FuncData plan_func_data(Services& sv, FuncWalk& walk, size_t functions);

}  // namespace dovetail::runtime_tables
