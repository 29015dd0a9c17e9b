// Compilation units: what each one's functions, variables and constants bring along.
//
// A unit is an object (cmd/link's CompilationUnit). The compiler wrote, for each function, an entry (info), location
// lists, range lists and a line program; the linker strings together those of live functions, unit by unit. Scanning
// a unit's functions yields, beside these symbols, two sequences whose order shows in the output: the types and
// abstract functions that entries refer to, in order of first mention, and the functions that the unit's part of
// .debug_addr lists, in order of first reference (cmd/link ld/dwarf.go dwarfVisitFunction and writedebugaddr,
// Go 1.26). Units are scanned in parallel; what goes across units is settled afterwards, serially, over short lists.
#pragma once

#include <cstdint>
#include <vector>

#include "dwarf/package_symbols.h"
#include "loader/text_order.h"

namespace dovetail::dwarf {

struct Target {
  uint8_t version;          // of DWARF: 4 or 5
  uint8_t min_code_unit;    // addresses of code are multiples of it
  uint8_t register_sp, register_lr;  // DWARF's numbers
  bool has_link_register;
  uint8_t compressed_align;  // of a compressed section's contents
};

inline constexpr unsigned kPointerSize = 8;

// The debug symbols of one function; kNil where there is none.
struct FunctionSymbols {
  SymId info = SymId::kNil, ranges = SymId::kNil, lines = SymId::kNil;
  SymId locs = SymId::kNil;  // the first location list that info refers to
};

// A mention, in the order in which cmd/link meets them.
struct Mention {
  enum Kind : uint32_t { kType, kInfo, kAbstractFunction };
  Kind kind;
  uint32_t target;  // RawId of a type descriptor; SymId of "go:info.T" or of an abstract function
};

struct PcRange {
  int64_t begin, end;  // from the unit's first function
};

struct Unit {
  uint32_t object = 0, library = 0;
  uint32_t first_function = 0, function_count = 0;  // in TextOrder::unit_functions
  SymId first = SymId::kNil;                        // its first function
  bool has_types = false;                           // the type entries are in this unit
  RawId consts = RawId::kNil;
  std::vector<Mention> mentions;                    // empty once types are built
  std::vector<SymId> abstract_functions, variables;
  std::vector<SymId> addresses;                     // by slot
  std::vector<PcRange> ranges;
  bool textless() const { return function_count == 0; }
  bool in_info() const { return !textless() || has_types || !variables.empty(); }
};

// Everything about units that does not need types.
struct UnitScan {
  std::vector<Unit> units;                 // in postorder of libraries
  std::vector<FunctionSymbols> functions;  // as TextOrder::unit_functions
  std::vector<uint32_t> address_slot;      // by SymId of a function: its slot in its unit's part of .debug_addr
};

UnitScan scan_units(Services& sv, const Program& program, const loader::TextOrder& order, const Target& target);

// A variable with its type, or a type that a dictionary names.
struct VariableMention {
  RawId type = RawId::kNil;
  SymId variable = SymId::kNil;  // its entry; kNil for a dictionary's type
  uint32_t object = 0;
};
// REQUIRES: symbols are not yet grouped (go:string.* and so on).
std::vector<VariableMention> scan_variables(Services& sv, const Program& program);

// Fills Unit::ranges. `functions`: in address order, with addresses. `sizes`: their bytes, kNoFuncInfo without
// function info.
inline constexpr uint32_t kNoFuncInfo = ~0u;
void collect_ranges(const Program& program, std::span<const SymId> functions, const std::vector<uint32_t>& sizes,
                    std::vector<Unit>& units);

// Positions of units in the order of the output.
std::vector<uint32_t> order_units(const Program& program, const std::vector<Unit>& units);

}  // namespace dovetail::dwarf
