// Types and package-wide debug symbols by name.
//
// Debug entries of functions name types by "go:info.T"; the linker describes T by the runtime type descriptor "type:T".
// That is one of the few places where a link goes from name to symbol by the thousand. Type descriptors are named
// definitions (then the resolver's table has them) or package definitions, of which an index is made here.
#pragma once

#include <atomic>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/text.h"
#include "dwarf/units.h"

namespace dovetail::dwarf {

class TypeNames {
 public:
  TypeNames(const Program& program, const std::vector<ObjectScan>& objects);

  // The symbol "type:" + name, as cmd/link's lookup by name and version 0 finds it; kNil if no object mentions it.
  RawId type(std::string_view name) const { return find_type("type:", name); }
  // The descriptor of a noted reference.
  template <class Id>
  RawId type(const InfoType<Id>& info) const {
    if (info.type != RawId::kNil || info.hash == base::NameHash{}) return info.type;
    auto it = types_.find(info.hash);
    if (it != types_.end()) return it->second;
    if (++compared_ % kNamesPerDrop == 0) program_.in.trim();
    return program_.res.lookup_mentioned(base::concat("type:", info.name), 0, info.hash);
  }
  // Of a pointer to the type.
  RawId pointer_type(std::string_view name) const { return find_type("type:*", name); }
  const PackageSymbols& package(uint32_t library) const { return packages_[library]; }

 private:
  // Names that are compared lie all over the objects; after so many, pages are given back.
  static constexpr uint32_t kNamesPerDrop = 1024;
  struct Hash {
    size_t operator()(const base::NameHash& h) const { return h.lo; }
  };
  RawId find_type(std::string_view prefix, std::string_view name) const;

  const Program& program_;
  absl::flat_hash_map<base::NameHash, RawId, Hash> types_;  // looked up, never iterated
  std::vector<PackageSymbols> packages_;
  mutable std::string buffer_;
  mutable std::atomic<uint32_t> compared_{0};
};

}  // namespace dovetail::dwarf
