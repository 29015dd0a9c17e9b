// R_*_RELATIVE: the addresses in the data of a position-independent executable, for the dynamic linker to adjust.
//
// They stand in .rela behind what code asks for, symbol by symbol, kinds of data in the order of the layout and each
// kind's symbols by their numbers, whatever order they are laid out in. Counts per symbol are known (AddressScan), so
// each symbol's place in the table is a prefix sum, and the entries are written when the object is read anyway.
// cmd/link ld/data.go dynreloc, amd64/asm.go and arm64/asm.go adddynrel, Go 1.26.
#pragma once

#include "linker/address_scan.h"
#include "linker/elf/dynamic.h"
#include "linker/place_data.h"
#include "loader/emit_job.h"

namespace dovetail::linker {

class RelativeRelocs {
 public:
  RelativeRelocs(Program& program, const AddressScan& scan, uint32_t type)
      : program_(program), scan_(scan), type_(type) {}

  // Gives .rela its size.
  void plan(Services& sv, const DataBuckets& buckets, const DynamicPlan& dynamic);
  void add_jobs(Services& sv, loader::EmitJobs* jobs) const;

 private:
  void write(SymId s, base::MutableBytes table, base::Diagnostics& diag) const;

  Program& program_;
  const AddressScan& scan_;
  uint32_t type_;
  SymId table_ = SymId::kNil;
  uint64_t entries_ = 0;
  base::Column<uint32_t> place_;  // by SymId: 1 + number of its first entry in the table; 0: it has none
};

}  // namespace dovetail::linker
