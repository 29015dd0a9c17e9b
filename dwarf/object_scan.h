// One object's part of the scan.
#pragma once

#include <string>

#include "absl/container/flat_hash_set.h"
#include "dwarf/units.h"

namespace dovetail::dwarf {

// One visit to one object.
class ObjectScanner {
 public:
  ObjectScanner(Services& sv, const Program& program, const Target& target, UnitScan& scan, Unit& unit)
      : sv_(sv), program_(program), target_(target), scan_(scan), unit_(unit), out_(scan.objects[unit.object]) {}

  // The definitions of the package: type names, constants, producer.
  void scan_package(std::string_view package);
  // `functions`: the unit's, in order.
  void scan_functions(std::span<const SymId> functions);
  // Variables, dictionaries and abstract functions among the object's live symbols.
  void scan_symbols();

 private:
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
  void scan_symbol(SymId s, std::vector<VariableMention>& out);
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
  absl::flat_hash_set<std::pair<uint64_t, bool>> seen_;  // asked, never iterated
  std::string buffer_;
};

}  // namespace dovetail::dwarf
