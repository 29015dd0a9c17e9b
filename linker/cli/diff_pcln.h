// The pclntab of both images, function by function (used by diff_pclntab.cc and diff_funcs.cc).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "inspect/pc_table.h"
#include "linker/cli/diff_passes.h"

namespace dovetail::linker::diff {

// Who uses which part of a shared table (pctab or go:func.*): its distinct offsets in order, each with the
// first function that refers to it.
struct TableUse {
  uint32_t offset;
  uint32_t func;
  uint32_t word;  // of the function's record
};

struct FuncTables {
  explicit FuncTables(const Image& image);

  const Image& image;
  const Pclntab& tab;
  uint8_t quantum;
  std::vector<FuncRecord> funcs;
  std::vector<TableUse> pctab_uses, gofunc_uses;

  std::string_view name(size_t i) const { return tab.name(funcs[i]); }
  // "main.work pcln"
  std::string user(const TableUse& use) const;
  // The use whose part contains the offset, or null.
  static const TableUse* user_of(const std::vector<TableUse>& uses, uint64_t offset);
  // The part of go:func.* that begins at the offset, up to the next one.
  base::Bytes gofunc_part(uint32_t offset) const;
  // "fmt/print.go", the file that a pcfile value means in that function.
  std::string file(const FuncRecord& f, int32_t value) const;
};

// Both, and which of the tables that offsets point into have the same bytes: into such a table an offset has
// no reason to differ.
struct FuncSides {
  FuncSides(const FuncTables& table_a, const FuncTables& table_b);
  const FuncTables &a, &b;
  bool same_names, same_cutab, same_pctab, same_gofunc;
};

// The record of function `ia` of A against function `ib` of B.
void diff_func(const FuncSides& sides, size_t ia, size_t ib, SectionReport& report);

}  // namespace dovetail::linker::diff
