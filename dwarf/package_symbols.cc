#include "dwarf/package_symbols.h"

#include "base/text.h"

namespace dovetail::dwarf {

using loader::Object;
using objfmt::SymFlags;
using objfmt::SymKind;

namespace {

struct TypeName {
  base::NameHash hash;
  RawId raw;
};

constexpr std::string_view kConsts = "go:constinfo.", kProducer = "go:cuinfo.producer.",
                           kPackageName = "go:cuinfo.packagename.";

bool is_named(std::string_view name, std::string_view prefix, std::string_view package) {
  return name.size() == prefix.size() + package.size() && name.starts_with(prefix) && name.ends_with(package);
}

void scan_object(const Object& o, std::string_view package, std::vector<TypeName>& types, PackageSymbols& found) {
  for (uint32_t i = 0; i < o.view.pkgdef_count(); i++) {
    // The compiler marks what is called "type:T", save "type:." (cmd/internal/obj/objfile.go Sym, Go 1.26).
    if (o.view.flags(i) & SymFlags::kGotype) {
      if (o.view.abi(i) == 0) types.push_back({base::hash_name(o.view.name(i), 0), o.raw(i)});
      continue;
    }
    SymKind kind = o.view.kind(i);
    if (kind != SymKind::kDwarfConst && kind != SymKind::kDwarfCuInfo) continue;
    std::string_view name = o.view.name(i);
    if (is_named(name, kConsts, package)) found.consts = o.raw(i);
    if (is_named(name, kProducer, package)) found.producer = o.raw(i);
    if (is_named(name, kPackageName, package)) found.package_name = o.raw(i);
  }
}

}  // namespace

NamedDefinitions::NamedDefinitions(Services& sv, const Program& program) : program_(program) {
  const loader::Inputs& in = program.in;
  std::vector<std::vector<TypeName>> types(in.objects.size());
  std::vector<PackageSymbols> found(in.objects.size());
  sv.threads.for_each(in.objects.size(), [&](uint64_t o) {
    scan_object(in.objects[o], in.library_of(static_cast<uint32_t>(o)).path, types[o], found[o]);
  });
  size_t count = 0;
  for (const auto& list : types) count += list.size();
  types_.reserve(count);
  // Of equal names the last in load order counts, as in cmd/link's table (loader/loader.go addSym, Go 1.26).
  packages_.resize(in.libraries.size());
  for (size_t o = 0; o < in.objects.size(); o++) {
    for (const TypeName& t : types[o]) types_[t.hash] = t.raw;
    PackageSymbols& p = packages_[in.objects[o].library];
    if (found[o].consts != RawId::kNil) p.consts = found[o].consts;
    if (found[o].producer != RawId::kNil) p.producer = found[o].producer;
    if (found[o].package_name != RawId::kNil) p.package_name = found[o].package_name;
  }
  sv.threads.for_ranges(packages_.size(), 64, [&](uint64_t begin, uint64_t end) {
    for (uint64_t l = begin; l < end; l++) find_named(in.libraries[l].path, packages_[l]);
  });
}

// Those that may be defined more than once are named definitions.
void NamedDefinitions::find_named(std::string_view package, PackageSymbols& p) const {
  auto find = [&](RawId& raw, std::string_view prefix) {
    if (raw == RawId::kNil) raw = program_.res.lookup_mentioned(base::concat(prefix, package), 0);
  };
  find(p.consts, kConsts);
  find(p.producer, kProducer);
  find(p.package_name, kPackageName);
}

RawId NamedDefinitions::find_type(std::string_view prefix, std::string_view name) const {
  buffer_.assign(prefix);
  buffer_.append(name);
  auto it = types_.find(base::hash_name(buffer_, 0));
  if (it != types_.end()) return it->second;
  return program_.res.lookup_mentioned(buffer_, 0);
}

}  // namespace dovetail::dwarf
