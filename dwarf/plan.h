// The plan of all debug sections.
//
// Every section is the parts of the units in their order, one behind the other; a unit's part is a header that the
// linker makes and symbols that the compiler made, in the order of the unit's functions. So the plan of a section is
// not a list of what is in it, but where its parts begin. What is written at one go is a *piece*: some functions of a
// unit, with what belongs to them in every section; so each object is read once, forward, and its pages are given back.
#pragma once

#include <vector>

#include "absl/container/flat_hash_map.h"
#include "dwarf/dwarf.h"
#include "dwarf/sections.h"
#include "dwarf/type_dies.h"
#include "dwarf/units.h"

namespace dovetail::dwarf {

struct Piece {
  uint32_t unit = 0;
  uint32_t first_function = 0, end_function = 0;  // in UnitScan::functions, or (frames) in DwarfPlan::framed
  uint32_t first_type = 0, end_type = 0;          // DieIds
  bool frames = false;  // of .debug_frame, and nothing else
  bool head = false;    // begins with the unit's headers and abstract functions
  bool rest = false;    // behind the functions: constants and variables
  bool tail = false;    // ends the unit
  Extent begin{}, end{};

  uint64_t bytes() const {  // of all sections
    uint64_t sum = 0;
    for (size_t s = 0; s < kSectionCount; s++) sum += end[s] - begin[s];
    return sum;
  }
};

struct SectionPlan {
  std::string_view name;
  bool present = true;
  uint64_t size = 0;
  std::vector<uint8_t> prefix;  // what stands before the first unit's part
};

struct UnitPlan {
  Extent begin{}, size{};
  std::vector<uint8_t> line_header, range_list;
};

struct DwarfPlan {
  Target target{};
  UnitScan scan;
  std::vector<uint32_t> unit_order;
  std::vector<UnitPlan> units;           // as UnitScan::units
  std::span<const SymId> unit_functions; // TextOrder's
  std::vector<uint32_t> framed;          // functions with function info, in address order: in UnitScan::functions
  TypeDies types;
  uint32_t types_offset = 0;             // in .debug_info
  absl::flat_hash_map<uint32_t, DieId> dead_infos;  // by RawId of "go:info.T" that only constants mention; looked up
  std::vector<PackageSymbols> packages;  // by library
  SectionPlan sections[kSectionCount];
  std::vector<Piece> pieces;             // those of one section in the order of the section

  SectionPlan& section(SectionId id) { return sections[static_cast<size_t>(id)]; }
  const SectionPlan& section(SectionId id) const { return sections[static_cast<size_t>(id)]; }
};

// Frame instructions of a function of UnitScan::functions.
base::Bytes frame_instructions(const Program& program, const DwarfPlan& plan, uint32_t function);

// Header and entry of a unit in .debug_info. REQUIRES: its size is known; for the bytes, its place too.
std::vector<uint8_t> unit_info_header(const Program& program, const DwarfPlan& plan, uint32_t unit,
                                      std::string_view version);

// Fills sections, units, pieces, and the values of debug symbols. REQUIRES: the rest is there.
void lay_out(Services& sv, Program& program, DwarfPlan& plan);

}  // namespace dovetail::dwarf
