#include "runtime-tables/go_types.h"

#include <algorithm>
#include <cstring>

namespace dovetail::runtime_tables {

using loader::RawId;

RawId go_type(const loader::Program& program, RawId variable) {
  loader::Slot slot = content_slot(program, variable);
  for (objfmt::Aux a : program.in.objects[slot.object].view.auxs(slot.local)) {
    if (a.kind == objfmt::AuxKind::kGotype) return program.res.resolve(program.in, slot.object, a.target);
  }
  return RawId::kNil;
}

uint64_t TypeView::word(uint64_t at) const {
  uint64_t v = 0;
  if (at < data_.size()) std::memcpy(&v, &data_[at], std::min<uint64_t>(8, data_.size() - at));
  return v;
}

// cmd/link ld/decodesym.go decodetypeStr, Go 1.26.
std::string_view TypeView::text() const {
  RawId raw = target(40);
  if (raw == RawId::kNil) return {};
  loader::Slot slot = content_slot(program_, raw);
  std::string_view text = loader::decode_name(program_.in.objects[slot.object].view.data(slot.local)).value_or("");
  if ((tflags() & kExtraStar) && !text.empty()) text.remove_prefix(1);
  return text;
}

}  // namespace dovetail::runtime_tables
