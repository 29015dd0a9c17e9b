// Unwind tables of amd64, which Windows' debuggers and exception handling read.
//
//   .pdata  three words per function, all relative to the image: begin, end, and its entry in .xdata
//   .xdata  entries, each once; few, for the compiler's frames differ little
//
// cmd/link ld/seh.go writeSEHAMD64, Go 1.26.
#pragma once

#include <span>
#include <vector>

#include "base/column.h"
#include "linker/image.h"
#include "loader/emit_job.h"

namespace dovetail::linker {

class PeUnwind {
 public:
  explicit PeUnwind(Services& sv, Program& program, Image& image) : sv_(sv), p_(program), image_(image) {}

  // Makes the two symbols, empty as yet. Then scan_object takes each object once, on any thread.
  void define();
  void scan_object(uint32_t object);
  // Contents and sizes; the sections. `functions`: in the order of the table.
  void plan(std::span<const SymId> functions);
  void add_jobs(loader::EmitJobs* jobs) const;

 private:
  struct Entry {
    SymId function;
    uint32_t unwind;  // offset in .xdata
  };
  uint32_t place(SymId unwind);
  void add_section(SymId symbol, SegmentId segment, std::string_view name);
  void put(base::MutableBytes out, size_t place, uint64_t value, SymId target, uint64_t addend) const;
  void write(base::MutableBytes out, size_t begin, size_t end) const;

  Services& sv_;
  Program& p_;
  Image& image_;
  SymId pdata_ = SymId::kNil, xdata_ = SymId::kNil;
  base::Column<SymId> unwind_of_;  // by function; kNil: none
  std::vector<Entry> entries_;
};

}  // namespace dovetail::linker
