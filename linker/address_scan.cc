#include "linker/address_scan.h"

namespace dovetail::linker {
namespace {

bool holds_data(SymKind k) { return k > SymKind::kTextEnd && k < SymKind::kFirstUnallocated; }

}  // namespace

void AddressScan::scan_object(uint32_t object) {
  const loader::Symbols& syms = program_.syms;
  program_.for_live(object, [&](SymId s, uint32_t) {
    if (!holds_data(syms.kind[index(s)]) || syms.made(s) != nullptr || !program_.has_object(s)) return;
    if (program_.object_of(s).view.has_relocs(syms.local[index(s)])) found_[index(s)] = look_at(s);
  });
}

uint32_t AddressScan::look_at(SymId s) const {
  uint32_t count = 0;
  for_addresses(s, [&](const loader::LinkReloc&) { count++; });
  return kRelated | count;
}

void AddressScan::scan_made() {
  const loader::Symbols& syms = program_.syms;
  found_.resize(syms.count());
  for (uint32_t i = 1; i < syms.count(); i++) {
    const loader::MadeContent* made = syms.made(static_cast<SymId>(i));
    if (made == nullptr) continue;
    found_[i] = holds_data(syms.kind[i]) && !made->relocs.empty() ? look_at(static_cast<SymId>(i)) : 0;
  }
}

}  // namespace dovetail::linker
