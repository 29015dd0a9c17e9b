// Asks an object's view all that the loader asks, of every symbol.
#pragma once

#include "fuzz/fuzz.h"
#include "objfmt/any_view.h"

namespace dovetail::fuzz {

inline void touch_symbol(const objfmt::AnyView& v, uint32_t i, objfmt::NameBuffer& buffer) {
  if (!v.record_ok(i) || !v.ranges_ok(i) || !v.data_range_ok(i)) return;
  touch(v.name(i, buffer));
  touch(v.data(i));
  volatile uint64_t sum = v.flags(i) + uint64_t{v.abi(i)} + v.size(i) + v.align(i) + v.name_length(i, buffer) + v.has_name(i);
  uint32_t first64 = v.pkgdef_count(), hashed = first64 + v.hashed64_count(), named = hashed + v.hashed_count();
  if (i >= first64 && i < hashed) sum = sum + v.hash64(i);
  if (i >= hashed && i < named) touch({v.hash(i), 16});
  if (i >= named && v.has_name(i)) sum = sum + v.name_hash(i).lo;
  objfmt::AnyView::Relocs relocs = v.relocs(i);
  for (objfmt::Reloc r : relocs) sum = sum + static_cast<uint64_t>(r.offset) + static_cast<uint64_t>(v.space(r.target));
  objfmt::AnyView::Auxs auxs = v.auxs(i);
  for (objfmt::Aux a : auxs) sum = sum + static_cast<uint64_t>(a.kind) + a.target.sym;
  if (v.is_dense()) {
    bool good = v.for_targets(i, [&](objfmt::RelocKind kind, objfmt::SymRef to) { sum = sum + static_cast<uint64_t>(kind) + to.sym; });
    if (relocs.ok()) require(good, "edges are in order where relocations are");
    good = v.dense().for_relocs(
        i, [](objfmt::dense::Target to, uint8_t size) { return to.number + size; },
        [&](const objfmt::Reloc& r, uint32_t to) { sum = sum + static_cast<uint64_t>(r.addend) + to; });
    require(good == relocs.ok(), "both ways of reading relocations agree");
  }
}

inline void touch_view(base::Bytes object) {
  absl::StatusOr<objfmt::AnyView> view = objfmt::AnyView::parse(object);
  if (!view.ok()) return require(!view.status().message().empty(), "a refusal has a message");
  objfmt::NameBuffer buffer;
  for (uint32_t i = 0; i < view->symbol_count(); i++) touch_symbol(*view, i, buffer);
  for (uint32_t i = 0; i < view->autolib_count(); i++) touch(view->autolib(i).package);
  for (uint32_t i = 0; i < view->package_count(); i++) touch(view->package(i));
  for (uint32_t i = 0; i < view->file_count(); i++) touch(view->file(i));
  for (uint32_t i = 0; i < view->ref_flags_count(); i++) (void)view->ref_flags(i);
}

}  // namespace dovetail::fuzz
