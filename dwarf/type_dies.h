// Debug entries of types.
//
// The compiler names types, the linker describes them. All entries hang off the last compilation unit of package
// runtime, in the order in which they were created, and that order is part of the output (cmd/link ld/dwarf.go
// newtype, defgotype and synthesize...types, Go 1.26): depth first, an entry before the entries of its parts.
//
// Entries are records in one array, in creation order; a DieId is a position there. Members (fields, parameters,
// array bounds) are records that lie side by side, mostly in the batch that they were decoded into, as are
// their names. A type that has a real name gets two entries: the definition, and behind it a typedef,
// which is what others refer to.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "dwarf/type_names.h"
#include "dwarf/type_table.h"

namespace dovetail::dwarf {

struct TypeDie {
  std::string_view name;
  uint64_t byte_size = 0;
  const TypeMember* members = nullptr;
  uint32_t member_count = 0;
  DieId type = DieId::kNone, elem = DieId::kNone, key = DieId::kNone;
  // Maps and channels: the type symbol that `type` is made from later. What is never made refers to the symbol itself.
  RawId symbol = RawId::kNil;
  SymId runtime_type = SymId::kNil;
  uint32_t offset = 0;  // from the first type's entry
  Abbrev abbrev = Abbrev::kNull;
  uint8_t encoding = 0;
  uint8_t kind = 0;
  bool synthetic = false;  // no Go type has this name
};

struct TypeDies {
  std::vector<TypeDie> dies;
  std::vector<TypeBatch> decoded;  // what TypeDie::members points into
  std::deque<std::vector<TypeMember>> made_members;
  std::deque<std::string> texts;  // names that no object has
  uint32_t size = 0;              // bytes of all entries

  const TypeDie& operator[](DieId id) const { return dies[index(id)]; }
};

class TypeBuilder {
 public:
  // REQUIRES: the table has every type that will be asked for, and is linked.
  TypeBuilder(Services& sv, const Program& program, const TypeNames& names, TypeTable& table)
      : sv_(sv), program_(program), names_(names), table_(table), dies_(table.size(), DieId::kNone) {}

  // Types that every program has, as roots of the table. Nothing if one is missing; then it is reported.
  static std::vector<RawId> basic_types(Services& sv, const TypeNames& names);

  // The first entries.
  void start();
  // The entry to refer to for a type, made now if there is none yet.
  DieId define(TypeNumber type);
  DieId define(RawId type) { return define(table_.number(type)); }
  // The same, but nothing is made: kNone.
  DieId find(TypeNumber type) const { return type == TypeNumber::kNone ? DieId::kNone : dies_[index(type)]; }
  DieId find(RawId type) const { return find(table_.number(type)); }
  // What depends on all types: fields of strings, slices, maps and channels. Call once, last.
  bool synthesize();
  // Sets offsets and size. Then the result may be taken; the table is used up.
  TypeDies finish(int version);

 private:
  struct Frame {
    TypeNumber type;
    uint32_t next;  // part
  };

  DieId add(Abbrev abbrev, std::string_view name);
  DieId add_basic(Abbrev abbrev, std::string_view name);
  DieId open(TypeNumber type);
  DieId part_die(const TypeMember& part) const {
    return part.type == TypeNumber::kNone ? DieId::kUnspecified : dies_[index(part.type)];
  }
  TypeNumber part_of(DieId die, uint32_t part) const { return table_[number_[index(die)]].parts[part].type; }
  void refer();
  DieId pointer_to(DieId target);
  bool prototype(std::string_view name, DieId* id);
  std::vector<TypeMember>& copy_members(DieId to, DieId from);
  bool substitute(DieId die, std::vector<TypeMember>& members, std::string_view field, DieId type);
  // Struct "base<name>" or "base<key,value>", a copy of `prototype`; null if it is there already.
  std::vector<TypeMember>* instance(int base, std::string_view name, DieId key, DieId value, DieId prototype, DieId* id);
  bool synthesize_strings();
  bool synthesize_slices();
  bool synthesize_maps();
  bool synthesize_channels();
  bool synthesize_map(DieId map, const DieId prototypes[3]);
  bool synthesize_channel(DieId channel, const DieId prototypes[3]);
  std::string_view keep(std::string text) { return out_.texts.emplace_back(std::move(text)); }
  TypeDie& die(DieId id) { return out_.dies[index(id)]; }

  Services& sv_;
  const Program& program_;
  const TypeNames& names_;
  TypeTable& table_;
  TypeDies out_;
  std::vector<DieId> dies_;          // by TypeNumber: what others refer to
  std::vector<TypeNumber> number_;   // by DieId; kNone for entries that are not decoded
  size_t referred_ = 0;              // entries before it have their references
  std::vector<Frame> frames_;
  absl::flat_hash_map<uint32_t, DieId> pointers_;   // by DieId; looked up, never iterated
  absl::flat_hash_map<std::pair<int, std::pair<uint32_t, uint32_t>>, DieId> instances_;  // the same
};

// Size of an entry, its members and the end of its children.
uint32_t type_die_size(const TypeDies& types, DieId id, int version);

// Where a type's entry is put, and what its references become.
struct TypeDieTarget {
  uint32_t info_base = 0;  // of the first type's entry in .debug_info
  const Program* program = nullptr;
  std::span<const uint64_t> section_address;
};
uint8_t* emit_type_die(const TypeDies& types, DieId id, int version, const TypeDieTarget& target, uint8_t* p);

}  // namespace dovetail::dwarf
