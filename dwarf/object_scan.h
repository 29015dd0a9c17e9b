// One object's part of the scan.
#pragma once

#include <string>

#include "dwarf/units.h"

namespace dovetail::dwarf {

// References that have been met; open-addressed.
class RefSet {
 public:
  // True if it was not there. `mark` tells apart what the same reference is looked up for.
  bool add(objfmt::SymRef ref, bool mark) {
    if (2 * (count_ + 1) > slots_.size()) grow();
    uint64_t key = (uint64_t{ref.pkg} << 33 | uint64_t{ref.sym} << 1 | mark) + 1;
    for (size_t i = slot(key);; i = (i + 1) & (slots_.size() - 1)) {
      if (slots_[i] == key) return false;
      if (slots_[i] != 0) continue;
      slots_[i] = key;
      count_++;
      return true;
    }
  }
  void clear() {
    if (count_ != 0) slots_.assign(slots_.size(), 0);
    count_ = 0;
  }

 private:
  size_t slot(uint64_t key) const { return key * 0x9e3779b97f4a7c15u >> 20 & (slots_.size() - 1); }
  void grow() {
    std::vector<uint64_t> old(std::max<size_t>(256, 4 * slots_.size()));
    old.swap(slots_);
    for (uint64_t key : old) {
      if (key == 0) continue;
      size_t i = slot(key);
      while (slots_[i] != 0) i = (i + 1) & (slots_.size() - 1);
      slots_[i] = key;
    }
  }

  std::vector<uint64_t> slots_;
  size_t count_ = 0;
};

// One visit to one object.
class ObjectScanner {
 public:
  ObjectScanner(Services& sv, const Program& program, const Target& target, UnitScan& scan, Unit& unit)
      : sv_(sv), program_(program), target_(target), scan_(scan), unit_(unit), out_(scan.objects[unit.object]) {}

  // The definitions of the package: type names, constants, producer.
  void scan_package(std::string_view package);
  // Those of the same kind that are not among the package's definitions: they may be defined more than once.
  void find_package_symbols(std::string_view package);
  // `functions`: the unit's, in order.
  void scan_functions(std::span<const SymId> functions);
  // Variables, dictionaries, abstract functions and types among the object's live symbols.
  void scan_symbols();
  // Afterwards: types of what was noted, as far as this object knows them.
  void settle_infos();

 private:
  PackageSymbol package_symbol(RawId symbol);
  const loader::ObjectView& view(uint32_t object) const { return program_.in.objects[object].view; }
  void scan_function(SymId function, FunctionDebug& f);
  void scan_info(FunctionDebug& f);
  void scan_reference(uint32_t object, objfmt::SymRef ref, FunctionDebug& f);
  void note_info(SymId info, uint32_t object, objfmt::SymRef ref);
  template <class Id>
  InfoType<Id> info_type(Id info, uint32_t object, objfmt::SymRef ref);
  void scan_addresses(SymId symbol);
  void scan_address(uint32_t object, objfmt::SymRef ref);
  void assign_slot(SymId function);
  bool first_mention(uint32_t object, objfmt::SymRef ref, bool info);
  void note_type(uint32_t object, objfmt::SymRef ref);
  void note_name(uint32_t object, objfmt::SymRef ref, RawId type);
  void scan_range(uint32_t begin, uint32_t end, std::vector<VariableMention>& out);
  void scan_symbol(RawId raw, SymId s, std::vector<VariableMention>& out);
  void scan_type(RawId raw, SymId s);
  void scan_variable(SymId s, std::vector<VariableMention>& out);
  void scan_dictionary(uint32_t object, uint32_t local, std::vector<VariableMention>& out);
  void scan_abstract_function(SymId s);

  Services& sv_;
  const Program& program_;
  const Target& target_;
  UnitScan& scan_;
  Unit& unit_;
  ObjectScan& out_;
  uint32_t last_object_ = loader::kNoObject, seen_object_ = loader::kNoObject;
  objfmt::SymRef last_ref_;
  RefSet seen_;
  std::vector<NamedType> used_types_;
  std::string buffer_;
  objfmt::NameBuffer names_;
};

}  // namespace dovetail::dwarf
