// Addresses that data hold: what a system's loader adjusts when it moves an image.
//
// Scanning an object counts, for each of its live symbols, the relocations that store an address, and notes whether
// there are relocations at all: read-only data with any stands apart from what is never written. Only asked of
// images that may be moved.
#pragma once

#include <span>
#include <vector>

#include "base/column.h"
#include "linker/image.h"

namespace dovetail::linker {

class AddressScan {
 public:
  // `keep_offsets`: for formats whose tables have no entries of one size.
  AddressScan(const Program& program, bool keep_offsets)
      : program_(program), found_(program.syms.loaded_end()), keep_(keep_offsets) {
    if (keep_) offsets_.resize(program.in.objects.size()), first_.resize(program.syms.loaded_end());
  }

  // Each object once, on any thread. REQUIRES: relocations against made symbols have their targets.
  void scan_object(uint32_t object);
  // The symbols that the linker makes. REQUIRES: their contents are final but for what `count` is asked for.
  void scan_made();

  // Addresses that the symbol's data hold, of eight bytes each. Of data only: 0 for functions.
  uint32_t count(SymId s) const { return found_[index(s)] & ~kRelated; }
  // Whether it has relocations of any kind.
  bool related(SymId s) const { return (found_[index(s)] & kRelated) != 0; }

  // Where in the symbol these addresses are, in the order of its relocations. REQUIRES: keep_offsets.
  std::span<const uint32_t> offsets(SymId s) const { return {first_[index(s)], count(s)}; }
  // Calls f(relocation) for each of them, in order.
  template <class F>
  void for_addresses(SymId s, F&& f) const {
    program_.for_relocs(s, [&](const loader::LinkReloc& r) {
      if (is_address(r)) f(r);
    });
  }

 private:
  static bool is_address(const loader::LinkReloc& r) {
    return r.kind == objfmt::RelocKind::kAddr && r.size != 0 && !(r.weak && r.target == SymId::kNil);
  }

  static constexpr uint32_t kRelated = uint32_t{1} << 31;
  uint32_t look_at(SymId s, std::vector<uint32_t>* offsets) const;

  const Program& program_;
  base::Column<uint32_t> found_;  // by SymId
  bool keep_;
  std::vector<std::vector<uint32_t>> offsets_;  // by object, the last ones of made symbols
  base::Column<const uint32_t*> first_;         // by SymId
};

}  // namespace dovetail::linker
