// Compilation units: what each one's functions, variables and constants bring along.
//
// A unit is an object (cmd/link's CompilationUnit). The compiler wrote, for each function, an entry (info), location
// lists, range lists and a line program; the linker strings together those of live functions, unit by unit. Scanning
// an object yields, beside these symbols, two sequences whose order shows in the output: the types and abstract
// functions that entries refer to, in order of first mention, and the functions that the unit's part of .debug_addr
// lists, in order of first reference (cmd/link ld/dwarf.go dwarfVisitFunction and writedebugaddr, Go 1.26).
//
// Everything that planning wants to know of an object is gathered in one visit, so that its pages may be given back
// at once; objects are visited in parallel. What goes across units is settled afterwards, over short lists.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bitmap.h"
#include "base/name_hash.h"
#include "dwarf/type_record.h"
#include "loader/text_order.h"

namespace dovetail::dwarf {

struct Target {
  uint8_t version;          // of DWARF: 4 or 5
  uint8_t min_code_unit;    // addresses of code are multiples of it
  uint8_t register_sp, register_lr;  // DWARF's numbers
  bool has_link_register;
  uint8_t compressed_align;  // of a compressed section's contents
  bool call_line_data4;      // lines of inlined calls have four bytes
};

inline constexpr unsigned kPointerSize = 8;
inline constexpr uint32_t kNoFuncInfo = ~0u;

// The debug symbols of one function; kNil where there is none.
struct FunctionDebug {
  SymId info = SymId::kNil, ranges = SymId::kNil, lines = SymId::kNil;
  SymId locs = SymId::kNil;          // the first location list that info refers to
  uint32_t code_size = kNoFuncInfo;  // bytes; kNoFuncInfo without function info
  uint32_t frame = 0;                // where its frame instructions begin in Unit::frames, up to the next function's
};

// A mention, in the order in which cmd/link meets them.
struct Mention {
  enum Kind : uint32_t { kType, kInfo, kAbstractFunction };
  Kind kind;
  // RawId of a type descriptor; SymId of "go:info.T" or of an abstract function. When types have numbers, that of the
  // type in both cases.
  uint32_t target;
};

// A variable with its type, or a type that a dictionary names.
struct VariableMention {
  RawId type = RawId::kNil;
  SymId variable = SymId::kNil;  // its entry; kNil for a dictionary's type
  uint32_t object = 0;
};

// An abstract function, and the references "go:info.T" in its entry: ObjectScan::abstract_infos from `first` on.
struct AbstractFunction {
  SymId symbol;
  uint32_t first, count;
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
  uint32_t consts_size = 0;
  std::vector<SymId> abstract_functions, variables;
  std::vector<SymId> addresses;                     // by slot
  std::vector<PcRange> ranges;
  std::vector<uint8_t> line_header;                 // without its size
  std::vector<uint8_t> frames;                      // instructions of .debug_frame, function by function
  bool textless() const { return function_count == 0; }
  bool in_info() const { return !textless() || has_types || !variables.empty(); }
};

// "go:constinfo.P", "go:cuinfo.producer.P", "go:cuinfo.packagename.P" of a library. kNil if absent.
struct PackageSymbol {
  RawId symbol = RawId::kNil;
  base::Bytes bytes;  // of what is text: a copy
  uint32_t size = 0;
};
struct PackageSymbols {
  PackageSymbol consts, producer, package_name;
};

struct NamedType {
  base::NameHash hash;  // of "type:T"
  RawId type;
};

// A reference "go:info.T" and the descriptor of T; kNil if the object that was scanned did not know it.
template <class Id>
struct InfoType {
  Id info{};
  RawId type = RawId::kNil;
  base::NameHash hash;    // of "type:T"
  std::string_view name;  // T, in the object's text
  TypeNumber number = TypeNumber::kNone;
  DieId die = DieId::kNone;
};

// What is dropped once types are built.
struct ObjectScan {
  std::vector<Mention> mentions;
  std::vector<VariableMention> variables[2];  // by package definitions; by others. That is their order across objects
  std::vector<AbstractFunction> abstract_functions;  // defined here, ascending
  std::vector<Mention> abstract_infos;
  std::vector<NamedType> types;               // package definitions
  std::vector<InfoType<SymId>> infos;         // met here and nowhere before; which object that is depends on timing
  std::vector<InfoType<RawId>> const_infos;   // in the entry of the package's constants
  PackageSymbols package;                     // package definitions
  PackageSymbols package_by_name;             // what has the package's name besides; of a library's first object
  TypeBatch type_batch;                       // live types, and others that the object's own functions use
};

struct UnitScan {
  std::vector<Unit> units;                // in postorder of libraries
  std::vector<uint32_t> unit_of_object;
  std::vector<FunctionDebug> functions;   // as TextOrder::unit_functions
  std::vector<uint32_t> address_slot;     // by SymId of a function: 1 + its slot in its unit's part of .debug_addr
  std::vector<ObjectScan> objects;        // by object
  base::Bitmap info_seen;                 // by SymId
  base::Bitmap type_decoded;              // by RawId: is in a type batch
};

// All units, nothing of them scanned.
UnitScan list_units(const Program& program, const loader::TextOrder& order, const Target& target);
// Each object once, on any thread. REQUIRES: symbols are not yet grouped (go:string.* and so on).
void scan_unit(Services& sv, const Program& program, const loader::TextOrder& order, const Target& target,
               UnitScan& scan, uint32_t object);

// Fills Unit::ranges. `functions`: in address order, with addresses. Returns the positions in UnitScan::functions of
// those with function info, in address order.
std::vector<uint32_t> collect_ranges(const Program& program, std::span<const SymId> functions,
                                     const loader::TextOrder& order, UnitScan& scan);

// Positions of units in the order of the output.
std::vector<uint32_t> order_units(const Program& program, const std::vector<Unit>& units);

}  // namespace dovetail::dwarf
