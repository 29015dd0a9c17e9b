// runtime.findfunctab: from a pc to the first function that may hold it.
//
// One entry of 20 bytes per 4096 bytes of text: the index of the function at its start (u32), and for each 256
// bytes how much further the function there is (16 bytes); the last entry may be cut. cmd/link ld/pcln.go
// findfunctab, Go 1.26.
#pragma once

#include <span>
#include <vector>

#include "loader/emit_job.h"
#include "loader/symbols.h"

namespace dovetail::runtime_tables {

struct FindfunctabPlan {
  loader::SymId table = loader::SymId::kNil;
  std::vector<loader::EmitJob> jobs;
};

// REQUIRES: as make_pclntab, which comes before. `functions` must outlive the jobs, as must the program.
FindfunctabPlan plan_findfunctab(loader::Services& sv, loader::Program& program,
                                 std::span<const loader::SymId> functions);

}  // namespace dovetail::runtime_tables
