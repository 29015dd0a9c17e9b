// Columns over live symbols, and those that the linker makes.
//
// SymIds are ranks in the live set: [1, loaded_end) are symbols that objects
// define or mention, in ascending order key; [loaded_end, size) were made by
// passes, in creation order. `Program` bundles the frozen results of the loader
// for the passes behind it.
#pragma once

#include <bit>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/column.h"
#include "loader/reach.h"

namespace dovetail::loader {

using objfmt::SymKind;

// Bits of Symbols::flags; the low 16 are objfmt::SymFlags of the content.
inline constexpr uint32_t kSymMade = 1u << 16;         // bytes are in Symbols::made(), not in an object
inline constexpr uint32_t kSymHidden = 1u << 17;       // local binding in the symbol table
inline constexpr uint32_t kSymNotInSymtab = 1u << 18;  // no entry in the symbol table
inline constexpr uint32_t kSymSpecial = 1u << 19;      // placed by its own pass, not with the data of its kind
inline constexpr uint32_t kSymLocal = 1u << 20;        // "Local" of the content or of a duplicate
inline constexpr uint32_t kSymFromAssembly = 1u << 21;
inline constexpr uint32_t kSymDupContent = 1u << 22;   // content comes from another slot than the canonical one

inline constexpr uint32_t kSymEmitted = 1u << 23;      // made, and its bytes are written by EmitJobs (no data, no relocs)
inline constexpr uint32_t kSymUnnamed = 1u << 25;      // has no name: part of another symbol
inline constexpr uint32_t kSymStatic = 1u << 26;       // the content's ABI: local to its file
inline constexpr uint32_t kSymAbi0 = 1u << 27;         // the content's ABI: the assembler's
inline constexpr uint32_t kSymAbiTwin = 1u << 28;      // made, and so is a function of the same name and another ABI
inline constexpr uint32_t kSymElsewhere = 1u << 24;    // zero-sized alias: address is set by layout or its pass, takes no room

inline constexpr uint32_t kNoObject = ~0u;

// A relocation of bytes that the linker itself wrote.
struct MadeReloc {
  uint32_t offset;
  uint8_t size;
  objfmt::RelocKind kind;
  int64_t addend;
  SymId target;
};

// Content that does not come from an object.
struct MadeContent {
  std::string name;       // empty for one that replaces an object's bytes
  std::vector<uint8_t> data;
  std::vector<MadeReloc> relocs;
};

class Symbols {
 public:
  // Columns, indexed by SymId; entry 0 is nil.
  base::Column<uint32_t> object;     // of the content; kNoObject for made symbols
  base::Column<uint32_t> local;      // local index there
  base::Column<SymKind> kind;
  base::Column<uint32_t> flags;
  base::Column<uint32_t> size;       // bytes
  base::Column<uint32_t> align;      // bytes; 0 = unspecified
  base::Column<uint64_t> value;      // address; for DWARF symbols and parts of tables, the offset in their section
  base::Column<uint8_t> section;     // linker's section number, 0 = none
  base::Column<SymId> outer;         // carrier symbol, kNil = none; empty until symbol grouping

  uint32_t count() const { return static_cast<uint32_t>(kind.size()); }  // nil included
  uint32_t loaded_end() const { return loaded_end_; }

  // The symbol of that name and version (0 or 1), made now if no live symbol has it. Names that
  // objects mention and that passes will define must be among the roots of mark_live, or a
  // second symbol would be made.
  SymId make(std::string_view name, uint32_t version, SymKind kind);
  // Made without entering a name: never found by name.
  SymId make_anonymous(std::string_view name, SymKind kind);
  // Content to be filled by a pass; from then on flags has kSymMade.
  MadeContent& make_content(SymId s);
  const MadeContent* made(SymId s) const {
    if (!(flags[index(s)] & kSymMade)) return nullptr;
    return made_.find(index(s))->second.get();
  }
  const std::string& made_name(SymId s) const { return made_.find(index(s))->second->name; }

 private:
  friend class SymbolsBuilder;
  uint32_t loaded_end_ = 1;
  const struct Program* program_ = nullptr;  // for names; set by number_symbols
  absl::flat_hash_map<uint32_t, std::unique_ptr<MadeContent>> made_;  // looked up, never iterated
  std::vector<std::pair<std::string, std::pair<uint32_t, SymId>>> made_names_;  // few: searched linearly
};

// The loader's results, frozen but for Symbols' later columns (value, section, outer, made symbols).
struct Program {
  Program() = default;
  Program(const Program&) = delete;  // Symbols points back
  Program& operator=(const Program&) = delete;

  Inputs in;
  Resolution res;
  LiveSet live;
  base::Rank rank;
  Symbols syms;

  bool is_live(RawId canonical) const { return live.live.test(index(canonical)); }
  // SymId of a canonical RawId; kNil if it is dead.
  SymId id(RawId canonical) const {
    if (!live.live.test(index(canonical))) return SymId::kNil;
    return static_cast<SymId>(rank.before(live.live, index(canonical)) + 1);
  }
  // The live symbol that a reference in an object names; kNil if dead or none.
  SymId target(uint32_t object, objfmt::SymRef ref) const {
    RawId raw = res.resolve(in, object, ref);
    return raw == RawId::kNil ? SymId::kNil : id(raw);
  }
  SymId lookup(std::string_view name, uint32_t version) const {
    RawId raw = res.lookup(name, version);
    return raw == RawId::kNil ? SymId::kNil : id(raw);
  }

  const Object& object_of(SymId s) const { return in.objects[syms.object[index(s)]]; }
  bool has_object(SymId s) const { return syms.object[index(s)] != kNoObject; }
  std::string_view name(SymId s) const {
    return has_object(s) ? object_of(s).view.name(syms.local[index(s)]) : std::string_view(syms.made_name(s));
  }
  // The same until `buffer` is changed.
  std::string_view name(SymId s, objfmt::NameBuffer& buffer) const {
    return has_object(s) ? object_of(s).view.name(syms.local[index(s)], buffer) : std::string_view(syms.made_name(s));
  }
  // Bytes as the object has them: may be shorter than size (trailing zeros), or made ones.
  base::Bytes data(SymId s) const {
    if (const MadeContent* m = syms.made(s)) return m->data;
    return has_object(s) ? object_of(s).view.data(syms.local[index(s)]) : base::Bytes();
  }
  // Calls f(symbol, range) for the live symbols that an object gave their numbers, ascending: range 0 are its package
  // definitions, 1 its other definitions, 2 its references.
  template <class F>
  void for_live(uint32_t object, F&& f) const;
  // Calls f(LinkReloc) for each relocation in the order in which the object has them. Of markers, which have size 0, the
  // target is not looked up. False if the object is malformed; what came before has been called then.
  template <class F>
  bool for_relocs(SymId s, F&& f) const;
  template <class F>
  bool for_relocs(Slot slot, F&& f) const;

  // Auxiliary symbol of a kind (the first), as a live SymId; kNil if there is none.
  SymId aux(SymId s, objfmt::AuxKind kind) const {
    if (!has_object(s)) return SymId::kNil;
    for (objfmt::Aux a : object_of(s).view.auxs(syms.local[index(s)])) {
      if (a.kind == kind) return target(syms.object[index(s)], a.target);
    }
    return SymId::kNil;
  }
  // The function's metadata; invalid if it has none.
  objfmt::FuncInfo func_info(SymId s) const;
};

// A relocation with its target resolved.
struct LinkReloc {
  int32_t offset;
  uint8_t size;
  objfmt::RelocKind kind;
  bool weak;
  int64_t addend;
  RawId raw;      // canonical target, dead or live; kNil for a made relocation or none
  SymId target;   // kNil if dead or none
  bool is_direct_call() const { return objfmt::is_direct_call(kind); }
};

template <class F>
void Program::for_live(uint32_t object, F&& f) const {
  std::array<Object::RawRange, 3> ranges = in.objects[object].raw_ranges();
  for (uint32_t range = 0; range < 3; range++) {
    // Live symbols among consecutive RawIds are consecutive SymIds.
    uint32_t end = rank.before(live.live, ranges[range].first + ranges[range].count) + 1;
    for (uint32_t s = rank.before(live.live, ranges[range].first) + 1; s < end; s++) f(static_cast<SymId>(s), range);
  }
}

template <class F>
bool Program::for_relocs(SymId s, F&& f) const {
  if (const MadeContent* m = syms.made(s)) {
    for (const MadeReloc& r : m->relocs) {
      f(LinkReloc{static_cast<int32_t>(r.offset), r.size, r.kind, false, r.addend, RawId::kNil, r.target});
    }
    return true;
  }
  return !has_object(s) || for_relocs(Slot{syms.object[index(s)], syms.local[index(s)]}, f);
}

template <class F>
bool Program::for_relocs(Slot slot, F&& f) const {
  struct Resolved {
    RawId raw = RawId::kNil;
    SymId target = SymId::kNil;
  };
  auto resolved = [&](auto ref, uint8_t size) -> Resolved {
    if (size == 0) return {};
    RawId raw = res.resolve(in, slot.object, ref);
    return {raw, raw == RawId::kNil ? SymId::kNil : id(raw)};
  };
  auto call = [&](const objfmt::Reloc& r, const Resolved& to) {
    f(LinkReloc{r.offset, r.size, r.kind, r.weak, r.addend, to.raw, to.target});
  };
  const ObjectView& view = in.objects[slot.object].view;
  if (view.is_dense()) return view.dense().for_relocs(slot.local, resolved, call);
  for (objfmt::Reloc r : view.goobj_relocs(slot.local)) call(r, resolved(r.target, r.size));
  return true;
}

// Numbers what is live and fills the columns. REQUIRES: program.in, .res, .live are set.
void number_symbols(Services& sv, Program& program);

}  // namespace dovetail::loader
