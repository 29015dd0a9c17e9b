#include "inspect/package_names.h"

namespace dovetail::inspect {

void PackageNames::add(const Member& member) {
  if (member.kind == MemberKind::kImage || member.kind == MemberKind::kHost) return;
  absl::StatusOr<objfmt::AnyView> view = objfmt::AnyView::parse(member.object);
  if (!view.ok()) return;
  // cmd/link finds a unit by this name too (ld/dwarf.go, Go 1.26).
  constexpr std::string_view kUnit = "go:cuinfo.producer.";
  objfmt::NameBuffer buffer;
  for (uint32_t i = view->def_count() - view->nameddef_count(); i < view->def_count(); i++) {
    std::string_view name = view->name(i, buffer);
    if (!name.starts_with(kUnit)) continue;
    auto [it, added] = packages_.try_emplace(std::string(name.substr(kUnit.size())));
    if (added) it->second = std::make_unique<objfmt::AnyView>(*std::move(view));
    return;
  }
}

std::string_view PackageNames::name(std::string_view package, uint32_t number) const {
  auto it = packages_.find(std::string(package));
  if (it == packages_.end() || number >= it->second->pkgdef_count()) return {};
  return it->second->name(number);
}

}  // namespace dovetail::inspect
