#include "linker/address_scan.h"

namespace dovetail::linker {
void AddressScan::scan_object(uint32_t object) {
  const loader::Symbols& syms = program_.syms;
  std::vector<uint32_t> offsets;
  std::vector<SymId> holders;
  program_.for_live(object, [&](SymId s, uint32_t) {
    if (!objfmt::is_allocated_data(syms.kind[index(s)]) || syms.made(s) != nullptr || !program_.has_object(s)) return;
    if (!program_.object_of(s).view.has_relocs(syms.local[index(s)])) return;
    found_[index(s)] = look_at(s, &offsets);
    if (keep_ && count(s) != 0) holders.push_back(s);
  });
  if (holders.empty()) return;
  offsets.shrink_to_fit();
  offsets_[object] = std::move(offsets);
  const uint32_t* at = offsets_[object].data();
  for (SymId s : holders) {
    first_[index(s)] = at;
    at += count(s);
  }
}

uint32_t AddressScan::look_at(SymId s, std::vector<uint32_t>* offsets) const {
  uint32_t count = 0;
  for_addresses(s, [&](const loader::LinkReloc& r) {
    count++;
    if (keep_) offsets->push_back(static_cast<uint32_t>(r.offset));
  });
  return kRelated | count;
}

void AddressScan::scan_made() {
  const loader::Symbols& syms = program_.syms;
  found_.resize(syms.count());
  if (keep_) first_.resize(syms.count());
  for (uint32_t i = 1; i < syms.count(); i++) {
    const loader::MadeContent* made = syms.made(static_cast<SymId>(i));
    if (made == nullptr) continue;
    auto s = static_cast<SymId>(i);
    std::vector<uint32_t> offsets;
    found_[i] = objfmt::is_allocated_data(syms.kind[i]) && !made->relocs.empty() ? look_at(s, &offsets) : 0;
    if (!keep_ || count(s) == 0) continue;
    first_[i] = offsets.data();  // which stays where it is
    offsets_.push_back(std::move(offsets));
  }
}

}  // namespace dovetail::linker
