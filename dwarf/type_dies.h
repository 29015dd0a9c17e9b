// Debug entries of types.
//
// The compiler names types, the linker describes them: it decodes the runtime type descriptors of all types that live
// functions, variables, constants and dictionaries mention, and what those types consist of. All entries hang off the
// last compilation unit of package runtime, in the order in which they were created, and that order is part of the
// output (cmd/link ld/dwarf.go newtype, defgotype and synthesize...types, Go 1.26): depth first, an entry before the
// entries of its parts.
//
// Entries are records in one array, in creation order; a DieId is a position there. Members (fields, parameters,
// array bounds) are records in a second array, each entry's side by side. Names are views of the objects' text. A type
// that has a real name gets two entries: the definition, and behind it a typedef, which is what others refer to.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "dwarf/abbrev.h"
#include "dwarf/type_names.h"

namespace dovetail::dwarf {

enum class DieId : uint32_t { kUnspecified = 0, kNone = ~0u };

struct TypeDie {
  std::string_view name;
  uint64_t byte_size = 0;
  DieId type = DieId::kNone, elem = DieId::kNone, key = DieId::kNone;
  // Maps and channels: the type symbol that `type` is made from later. What is never made refers to the symbol itself.
  RawId symbol = RawId::kNil;
  SymId runtime_type = SymId::kNil;
  uint32_t first_member = 0, member_count = 0;
  uint32_t offset = 0;  // from the first type's entry
  Abbrev abbrev = Abbrev::kNull;
  uint8_t encoding = 0;
  uint8_t kind = 0;
  bool synthetic = false;  // no Go type has this name
};

struct TypeMember {
  std::string_view name;
  uint64_t value = 0;  // offset of a field, length of an array
  DieId type = DieId::kNone;
  Abbrev abbrev = Abbrev::kNull;
  bool embedded = false;
};

struct TypeDies {
  std::vector<TypeDie> dies;
  std::vector<TypeMember> members;
  std::deque<std::string> texts;  // names that no object has
  uint32_t size = 0;              // bytes of all entries

  const TypeDie& operator[](DieId id) const { return dies[index(id)]; }
};

class TypeBuilder {
 public:
  TypeBuilder(Services& sv, const Program& program, const TypeNames& names)
      : sv_(sv), program_(program), names_(names) {}

  // The entries that every program has. False if a type is missing; then it is reported.
  bool start();
  // The entry to refer to for a type descriptor, made now if there is none yet.
  DieId define(RawId type);
  // The entry of a type by the name of a reference to it, "go:info.T". kNone if there is no such type.
  DieId define_info(std::string_view name);
  // The same, but nothing is made.
  DieId find_info(std::string_view name) const;
  // What depends on all types: fields of strings, slices, maps and channels. Call once, last.
  bool synthesize();
  // Sets offsets and size. Then the result may be taken.
  TypeDies finish(int version);

 private:
  // Something a type consists of: a reference of its entry, or a member.
  struct Part {
    RawId type = RawId::kNil;
    DieId die = DieId::kNone;
    std::string_view name;
    uint64_t value = 0;
    Abbrev abbrev = Abbrev::kNull;  // of the member; kNull for a reference of the entry
    bool embedded = false;
  };
  // A type whose parts are being defined: parts_[first, end), those before `next` done.
  struct Frame {
    DieId die;
    uint32_t first, next, end;
  };
  struct TypeView;

  DieId add(Abbrev abbrev, std::string_view name);
  bool built_in(Abbrev abbrev, std::string_view name, DieId* id);
  DieId open(RawId type);
  void close(const Frame& frame);
  void decode(const TypeView& t, DieId die);
  void decode_function(const TypeView& t);
  void decode_struct(const TypeView& t);
  void add_part(RawId type, Abbrev abbrev);
  DieId pointer_to(DieId target);
  bool prototype(std::string_view name, DieId* id);
  void copy_members(DieId to, DieId from);
  bool substitute(DieId die, std::string_view field, DieId type);
  // Struct "base<name>" or "base<key,value>", a copy of `prototype`; *made tells if it is new.
  DieId instance(int base, std::string_view name, DieId key, DieId value, DieId prototype, bool* made);
  bool synthesize_strings();
  bool synthesize_slices();
  bool synthesize_maps();
  bool synthesize_channels();
  bool synthesize_map(DieId map, const DieId prototypes[3]);
  bool synthesize_channel(DieId channel, const DieId prototypes[3]);
  RawId info_type(std::string_view name) const;
  RawId part_of(RawId type, uint64_t offset) const;
  std::string_view name_of(RawId symbol) const;
  std::string_view keep(std::string text);
  TypeDie& die(DieId id) { return out_.dies[index(id)]; }

  Services& sv_;
  const Program& program_;
  const TypeNames& names_;
  TypeDies out_;
  RawId eface_ = RawId::kNil, iface_ = RawId::kNil;
  DieId uintptr_ = DieId::kNone;
  absl::flat_hash_map<uint32_t, DieId> types_;      // by RawId of the descriptor; looked up, never iterated
  absl::flat_hash_map<uint32_t, DieId> pointers_;   // by DieId; looked up, never iterated
  absl::flat_hash_map<std::pair<int, std::pair<uint32_t, uint32_t>>, DieId> instances_;  // the same
  std::vector<Frame> frames_;
  std::vector<Part> parts_;
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
