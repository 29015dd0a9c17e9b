// A type as its runtime descriptor tells it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/text_arena.h"
#include "dwarf/abbrev.h"
#include "loader/symbols.h"

namespace dovetail::dwarf {

using loader::Program;
using loader::RawId;
using loader::Services;
using loader::Slot;
using loader::SymId;
using loader::index;

// A type's number in the table.
enum class TypeNumber : uint32_t { kNone = ~0u };
// A debug entry: its place in the order of creation.
enum class DieId : uint32_t { kUnspecified = 0, kNone = ~0u };

// What descriptors do not name: no object has so many symbols.
inline constexpr RawId kEfaceType = static_cast<RawId>(~0u), kIfaceType = static_cast<RawId>(~0u - 1),
                       kUintptrType = static_cast<RawId>(~0u - 2);

// A field, a parameter, the bound of an array; or (kNull) a type that the entry itself refers to.
struct TypeMember {
  std::string_view name;
  uint64_t value = 0;  // offset of a field, length of an array
  union {
    RawId symbol;      // as decoded
    TypeNumber type;   // in the finished table; kNone for none
    DieId die;         // in the finished entries
  };
  Abbrev abbrev = Abbrev::kNull;
  bool embedded = false;
  TypeMember() : symbol(RawId::kNil) {}
};

struct TypeRecord {
  std::string_view name;        // without "type:"
  uint64_t byte_size = 0;
  const TypeMember* parts = nullptr;  // what the entry refers to and members, in the order of definition
  uint32_t part_count = 0;            // of a map also its group of slots, last, which is defined later
  RawId symbol = RawId::kNil;
  SymId runtime_type = SymId::kNil;   // the symbol, if it is live
  Abbrev abbrev = Abbrev::kNull;      // kNull: cannot be decoded
  uint8_t encoding = 0;
  uint8_t kind = 0;
  bool has_typedef = false;
  bool defective = false;             // to be reported when an entry is made
};

// Types decoded one after another. Texts are copied: names of fields lie all over the objects.
struct TypeBatch {
  std::vector<TypeRecord> records;
  std::vector<TypeMember> parts;  // record after record
  base::TextArena texts;
  objfmt::NameBuffer names;
};

// Adds the type at `slot`, the content of `symbol`. Reports nothing: the type may not be wanted in the end.
void decode_type(const Program& program, RawId symbol, Slot slot, TypeBatch& batch);
// What is wrong with a defective type, in cmd/link's words.
void report_defect(Services& sv, const Program& program, RawId symbol);

}  // namespace dovetail::dwarf
