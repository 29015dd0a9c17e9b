// Debug information: the sections .debug_*, with the bytes that cmd/link writes.
//
// plan_dwarf decides everything that does not need addresses of data: which entries there are, their order, all
// sizes. Once every address is known, compress_dwarf makes the sections as the file has them; what it leaves
// uncompressed is made by write_dwarf. docs/dwarf.md tells what is in the sections.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "loader/text_order.h"

namespace dovetail::dwarf {

struct DwarfPlan;
struct DwarfPlanDeleter {
  void operator()(DwarfPlan* plan) const;
};
using DwarfPlanPtr = std::unique_ptr<DwarfPlan, DwarfPlanDeleter>;

// The first part of the plan goes by object: each once, on any thread.
class DwarfScan {
 public:
  DwarfScan(loader::Services& sv, const loader::Program& program, const loader::TextOrder& order);
  void scan_object(uint32_t object);

 private:
  friend DwarfPlanPtr plan_dwarf(loader::Services&, loader::Program&, DwarfScan&, std::span<const loader::SymId>);
  loader::Services& sv_;
  const loader::Program& program_;
  const loader::TextOrder& order_;
  DwarfPlanPtr plan_;
};

// REQUIRES: all objects are scanned. `functions`: in address order, values set. Sets the values of debug symbols and of
// references "go:info.T" to offsets in their sections. Reports to sv.diag; null if a type that all programs have is missing.
DwarfPlanPtr plan_dwarf(loader::Services& sv, loader::Program& program, DwarfScan& scan,
                        std::span<const loader::SymId> functions);

struct DwarfSection {
  std::string name;
  uint32_t align = 1;
  uint64_t size = 0;        // in the file
  bool compressed = false;  // with the platform's name and header
  std::vector<uint8_t> bytes;  // if compressed: what is written
};

// The sections in the order of the file. `section_address`: by Symbols::section. REQUIRES: all addresses are final.
std::vector<DwarfSection> compress_dwarf(loader::Services& sv, const loader::Program& program, const DwarfPlan& plan,
                                         std::span<const uint64_t> section_address);

// Writes all sections; offsets[i]: where sections[i] stands in the file.
void write_dwarf(loader::Services& sv, const loader::Program& program, const DwarfPlan& plan,
                 std::span<const uint64_t> section_address, std::span<const DwarfSection> sections,
                 std::span<const uint64_t> offsets, base::Sink sink);

}  // namespace dovetail::dwarf
