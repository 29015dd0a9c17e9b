// Types as their runtime descriptors tell them.
//
// Which types there are is a closure: what functions, variables, constants and dictionaries mention, and what those
// consist of. It is found in rounds: the descriptors of one round are decoded in parallel, in ascending order of their
// place in the objects, and what they mention for the first time is the next round. So each descriptor is read once,
// and the walk that gives debug entries their order (type_builder.cc) reads no object at all.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/bitmap.h"
#include "dwarf/abbrev.h"
#include "dwarf/units.h"

namespace dovetail::dwarf {

// A type's number in the table.
enum class TypeNumber : uint32_t { kNone = ~0u };
// A debug entry: its place in the order of creation.
enum class DieId : uint32_t { kUnspecified = 0, kNone = ~0u };

// A field, a parameter, the bound of an array; or (kNull) a type that the entry itself refers to.
struct TypeMember {
  std::string_view name;
  uint64_t value = 0;  // offset of a field, length of an array
  union {
    RawId symbol;      // while its type is being decoded
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
  Abbrev abbrev = Abbrev::kNull;      // kNull: cannot be decoded, which is reported
  uint8_t encoding = 0;
  uint8_t kind = 0;
  bool has_typedef = false;
};

class TypeTable {
 public:
  TypeTable(Services& sv, const Program& program, RawId eface, RawId iface, RawId uintptr)
      : sv_(sv), program_(program), eface_(eface), iface_(iface), uintptr_(uintptr), seen_(program.in.raw_count) {}

  // Decodes these types and all they consist of. kNil is passed over.
  void add_closure(std::vector<RawId> roots);
  // To be called after add_closure: turns what parts mention into numbers.
  void link_parts();
  // kNone if the symbol is not in the table.
  TypeNumber number(RawId symbol) const {
    auto it = numbers_.find(index(symbol));
    return it == numbers_.end() ? TypeNumber::kNone : it->second;
  }
  const TypeRecord& operator[](TypeNumber t) const { return records_[index(t)]; }
  size_t size() const { return records_.size(); }

  // All parts, to be turned into entries' members.
  std::vector<std::vector<TypeMember>>& chunks() { return chunks_; }

 private:
  struct Decoder;
  struct Batch {
    std::vector<TypeRecord> records;
    std::vector<TypeMember> parts;
    std::vector<uint32_t> part_counts;
    std::vector<RawId> next;
  };
  void decode(std::span<const RawId> symbols, Batch& batch);

  Services& sv_;
  const Program& program_;
  RawId eface_, iface_, uintptr_;
  base::Bitmap seen_;  // by RawId
  std::vector<TypeRecord> records_;
  std::vector<std::vector<TypeMember>> chunks_;
  size_t linked_ = 0;  // chunks whose parts are numbers
  absl::flat_hash_map<uint32_t, TypeNumber> numbers_;  // by RawId; looked up, never iterated
};

}  // namespace dovetail::dwarf
