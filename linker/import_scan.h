// Where a program refers to symbols of libraries: what ELF and Mach-O make of each such relocation is theirs, which ones
// there are, and in which order, is the same.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "linker/cgo_directives.h"
#include "linker/place_text.h"

namespace dovetail::linker {

class ImportScan {
 public:
  ImportScan(const CgoDirectives& cgo, const Program& program) : p_(program), objects_(objects_with_imports(cgo, program)) {}

  // Calls f(SymId from, LinkReloc) for relocations in functions, in the order in which these are laid out. Trampolines are
  // made; they load addresses of imported symbols themselves, and the calls that they are for are passed over.
  template <class F>
  void for_functions(const TextPlan& text, F&& f) const {
    for (SymId s : text.functions) {
      if (wanted(s) || (!text.detours.empty() && !p_.has_object(s))) for_symbol(s, text.detours, f);
    }
  }
  // The data whose relocations are to be looked at, ascending; those that a pass of its own places are not among them.
  std::vector<SymId> data() const {
    std::vector<SymId> list;
    for (uint32_t i = 1; i < p_.syms.count(); i++) {
      if (!objfmt::is_allocated_data(p_.syms.kind[i]) || (p_.syms.flags[i] & loader::kSymSpecial)) continue;
      if (wanted(static_cast<SymId>(i))) list.push_back(static_cast<SymId>(i));
    }
    return list;
  }
  template <class F>
  void for_symbol(SymId from, std::span<const Detour> detours, F&& f) const {
    p_.for_relocs(from, [&](const loader::LinkReloc& r) {
      if (r.size == 0 || r.target == SymId::kNil || p_.syms.kind[index(r.target)] != SymKind::kDynImport) return;
      if (r.is_direct_call() && std::binary_search(detours.begin(), detours.end(), Detour{from, r.offset, from})) return;
      f(from, r);
    });
  }

 private:
  bool wanted(SymId s) const { return p_.has_object(s) && objects_[p_.syms.object[index(s)]]; }

  const Program& p_;
  std::vector<bool> objects_;
};

}  // namespace dovetail::linker
