#include "dwarf/type_names.h"

namespace dovetail::dwarf {

namespace {

void take(const PackageSymbols& from, PackageSymbols& to) {
  if (from.consts.symbol != RawId::kNil) to.consts = from.consts;
  if (from.producer.symbol != RawId::kNil) to.producer = from.producer;
  if (from.package_name.symbol != RawId::kNil) to.package_name = from.package_name;
}

}  // namespace

TypeNames::TypeNames(const Program& program, const std::vector<ObjectScan>& objects)
    : program_(program), packages_(program.in.libraries.size()) {
  const loader::Inputs& in = program.in;
  size_t count = 0;
  for (const ObjectScan& o : objects) count += o.types.size();
  types_.reserve(count);
  // Of equal names the last in load order counts, as in cmd/link's table (loader/loader.go addSym, Go 1.26).
  for (size_t o = 0; o < objects.size(); o++) {
    for (const NamedType& t : objects[o].types) types_[t.hash] = t.type;
    take(objects[o].package, packages_[in.objects[o].library]);
  }
  // Those that may be defined more than once are named definitions.
  for (size_t l = 0; l < packages_.size(); l++) {
    if (in.libraries[l].object_count == 0) continue;
    PackageSymbols found = objects[in.libraries[l].first_object].package_by_name;
    take(packages_[l], found);
    packages_[l] = found;
  }
}

RawId TypeNames::find_type(std::string_view prefix, std::string_view name) const {
  buffer_.assign(prefix);
  buffer_.append(name);
  auto it = types_.find(base::hash_name(buffer_, 0));
  if (it != types_.end()) return it->second;
  return program_.res.lookup_mentioned(buffer_, 0);
}

}  // namespace dovetail::dwarf
