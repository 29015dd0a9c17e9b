// The runtime's function tables: section .gopclntab.
//
//   runtime.pclntab      nothing, at the start: names the section
//   runtime.pcheader     magic, counts, where the other parts are
//   runtime.funcnametab  names
//   runtime.cutab        per unit, file number -> file name
//   runtime.filetab      file names
//   runtime.pctab        per-pc tables
//   runtime.functab      pc -> record, and the records
//   go:func.*            funcdata and inline trees
//   runtime.findfunctab  pc -> where to search in functab (findfunctab.h)
//
// Planned when the functions have addresses; the bytes are written into the image when it exists. What
// the plan keeps until then is the records (as they will be written), the order of names and of pc tables,
// and 8 bytes for each inlined call. cmd/link ld/pcln.go, Go 1.26.
#pragma once

#include <memory>

#include "loader/emit_job.h"
#include "runtime-tables/func_walk.h"

namespace dovetail::runtime_tables {

struct PclntabPlan {
  // Made in this order, kind kPclntab, laid out in this order too (cmd/link does not sort the section).
  SymId carrier{}, header{}, func_names{}, cutab{}, file_names{}, pctab{}, functab{}, func_data{};
  uint32_t function_count = 0;
  SymId first_function{}, last_function{};
  // Symbols of objects that lie in go:func.*, by ascending offset. Their value is that offset, their outer is
  // `func_data`; flags have kSymSpecial and kSymNotInSymtab. The caller copies and relocates them: the jobs
  // write the rest of go:func.*, the inline trees.
  std::vector<SymId> func_data_symbols;
  loader::EmitJobs jobs;
};

// Orders and sizes of all parts. Makes no symbols and changes none. REQUIRES: the walker has seen all objects.
struct PclntabContent;
using PclntabContentPtr = std::shared_ptr<PclntabContent>;
PclntabContentPtr plan_pclntab(Services& sv, FuncWalker& walker);

// Their symbols. REQUIRES: `text_start` is the walker's, the value of runtime.text. The program must outlive the jobs.
PclntabPlan make_pclntab(Services& sv, Program& program, PclntabContentPtr content, uint64_t text_start);

}  // namespace dovetail::runtime_tables
