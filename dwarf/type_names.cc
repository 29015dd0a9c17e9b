#include "dwarf/type_names.h"

#include "base/text.h"

namespace dovetail::dwarf {

TypeNames::TypeNames(Services& sv, const Program& program, const std::vector<ObjectScan>& objects)
    : program_(program), packages_(program.in.libraries.size()) {
  const loader::Inputs& in = program.in;
  size_t count = 0;
  for (const ObjectScan& o : objects) count += o.types.size();
  types_.reserve(count);
  // Of equal names the last in load order counts, as in cmd/link's table (loader/loader.go addSym, Go 1.26).
  for (size_t o = 0; o < objects.size(); o++) {
    for (const NamedType& t : objects[o].types) types_[t.hash] = t.type;
    PackageSymbols& p = packages_[in.objects[o].library];
    if (objects[o].consts != RawId::kNil) p.consts = objects[o].consts;
    if (objects[o].producer != RawId::kNil) p.producer = objects[o].producer;
    if (objects[o].package_name != RawId::kNil) p.package_name = objects[o].package_name;
  }
  sv.threads.for_ranges(packages_.size(), 64, [&](uint64_t begin, uint64_t end) {
    for (uint64_t l = begin; l < end; l++) find_named(in.libraries[l].path, packages_[l]);
  });
}

// Those that may be defined more than once are named definitions.
void TypeNames::find_named(std::string_view package, PackageSymbols& p) const {
  auto find = [&](RawId& raw, std::string_view prefix) {
    if (raw == RawId::kNil) raw = program_.res.lookup_mentioned(base::concat(prefix, package), 0);
  };
  find(p.consts, "go:constinfo.");
  find(p.producer, "go:cuinfo.producer.");
  find(p.package_name, "go:cuinfo.packagename.");
}

RawId TypeNames::find_type(std::string_view prefix, std::string_view name) const {
  buffer_.assign(prefix);
  buffer_.append(name);
  auto it = types_.find(base::hash_name(buffer_, 0));
  if (it != types_.end()) return it->second;
  return program_.res.lookup_mentioned(buffer_, 0);
}

}  // namespace dovetail::dwarf
