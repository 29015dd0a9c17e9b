// runtime.gcdata and runtime.gcbss: which words of .data and .bss hold pointers, as programs that the runtime
// unrolls when it starts.
//
// A section's variables lie in address order; each has a Go type (which may be dead itself), and the type's mask
// is written at the variable's place. Arrays become repeats, structs go field by field; what no variable covers
// holds no pointers. cmd/link ld/data.go GCProg, Go 1.26.
#pragma once

#include <span>

#include "loader/symbols.h"

namespace dovetail::runtime_tables {

// `variables` are those of kind kData or kBss, in address order; a variable's place is its value less `section_start`.
// `end` is the end of the section's part that the runtime scans, from its start.
struct GcMask {
  loader::SymId table;
  std::span<const loader::SymId> variables;
  uint64_t section_start, end;
};

// The contents of the tables (runtime.gcdata and runtime.gcbss), and their sizes; until then the symbols have size 0,
// with which cmd/link sorts and aligns them.
void make_gc_masks(loader::Services& sv, loader::Program& program, std::span<const GcMask> masks);

}  // namespace dovetail::runtime_tables
