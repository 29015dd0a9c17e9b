// The units of .debug_info by their first entries (DWARF 4 and 5, 32-bit), read without libdwarf: they may be damaged.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace dovetail::inspect {

struct DwarfUnit {
  uint64_t begin, end;                       // in .debug_info
  std::string_view name;                     // "" if it cannot be read
  std::optional<uint64_t> lines, addresses;  // DW_AT_stmt_list, DW_AT_addr_base
};

// As far as units follow one another. `str` and `line_str` may be empty; Go has names in the entries.
struct DwarfUnitSections {
  base::Bytes info, abbrev, str, line_str;
};
std::vector<DwarfUnit> read_dwarf_units(const DwarfUnitSections& sections);

}  // namespace dovetail::inspect
