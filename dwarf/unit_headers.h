// What the linker writes at the head of each unit's parts.
#pragma once

#include <string_view>
#include <vector>

#include "dwarf/sections.h"
#include "dwarf/type_names.h"

namespace dovetail::dwarf {

// The unit's header and entry in .debug_info. `begin`: of its parts; `size`: of the whole unit there.
std::vector<uint8_t> info_header(const Program& program, const Target& target, const Unit& unit,
                                 const PackageSymbols& symbols, std::string_view version, uint64_t first_address,
                                 const Extent& begin, uint64_t size);

// The unit's own list of ranges. `slot`: of its first function in .debug_addr.
std::vector<uint8_t> range_list(const Target& target, const Unit& unit, uint32_t slot);

// The header of .debug_addr, .debug_rnglists and .debug_loclists (DWARF 5, 7.27 to 7.29). `size`: of the section.
std::vector<uint8_t> section_header(bool offset_count, uint64_t size);

// A number as ULEB128 of a given length; false if it does not fit.
bool write_fixed_uleb(uint8_t* p, uint64_t v, unsigned length);

}  // namespace dovetail::dwarf
