// Resolution: every slot to the one symbol that it stands for.
//
// A package definition is its own symbol. Content-addressed and named slots are
// joined: the first slot in order-key order is the symbol's *canonical* RawId
// (its identity and order), another may provide its *content* (a larger copy, a
// definition with data against one without). Both follow from rules over order
// keys (cmd/link loader/loader.go addSym, Go 1.26), so shards of the hash space
// can be resolved by different threads and agree.
#pragma once

#include <algorithm>
#include <bit>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/bitmap.h"
#include "base/name_hash.h"
#include "base/text.h"
#include "loader/inputs.h"

namespace dovetail::loader {

// What differs between a symbol and its canonical slot; most symbols have none.
struct Override {
  RawId content;       // the slot whose bytes, kind and flags count
  uint32_t size;       // at least this (a larger BSS duplicate), 0 = the content's own
  uint32_t align;      // maximum over all duplicates
  bool local;          // or of all duplicates
};

struct PackageNames {
  RawId find(std::string_view name, uint32_t version) const {
    if (version >= 2) return RawId::kNil;
    auto it = by_name[version].find(name);
    return it == by_name[version].end() ? RawId::kNil : it->second;
  }
  std::once_flag made;
  absl::flat_hash_map<std::string_view, RawId, base::TextHash> by_name[2];  // by version
};

class Resolution {
 public:
  RawId canonical(RawId raw) const {
    return index(raw) < first_def_ ? raw : static_cast<RawId>(canonical_[index(raw) - first_def_]);
  }
  // Canonical symbol of a reference in an object; kNil for none, or for a reference that is out of range
  // (`bad` is then set, if given).
  RawId resolve(const Inputs& in, uint32_t object, objfmt::SymRef ref, bool* bad = nullptr) const;
  // The same of what a stream of a dense object refers to.
  RawId resolve(const Inputs& in, uint32_t object, objfmt::dense::Target target, bool* bad = nullptr) const;
  // nullptr if the canonical slot says it all.
  const Override* override_of(RawId canonical) const {
    if (!overridden_.test(index(canonical))) return nullptr;
    auto it = overrides_.find(index(canonical));
    return it == overrides_.end() ? nullptr : &it->second;
  }
  Slot content(const Inputs& in, RawId canonical) const {
    const Override* o = override_of(canonical);
    return in.slot(o ? o->content : canonical);
  }
  // By name and version (0: ABI0 and data, 1: ABIInternal); kNil if no object mentions it.
  RawId lookup(std::string_view name, uint32_t version) const;
  // The same without the search among package definitions that no object mentions by name: for names
  // by the thousand, whose seeker keeps an index of those himself.
  RawId lookup_mentioned(std::string_view name, uint32_t version) const {
    return lookup_mentioned(name, version, base::hash_name(name, version));
  }
  RawId lookup_mentioned(std::string_view name, uint32_t version, const base::NameHash& hash) const;
  // Whether a symbol that nobody defines: its canonical slot is a reference.
  bool is_reference(RawId canonical) const { return index(canonical) >= first_ref_; }
  // Whether a canonical symbol's content is a type's descriptor.
  bool is_gotype(RawId canonical) const {
    if (is_reference(canonical)) return false;
    const Override* o = override_of(canonical);
    return gotype_.test(index(o ? o->content : canonical));
  }
  // Calls f(RawId) for the definitions in [first, end) that are functions by their own records, dead or live.
  template <class F>
  void for_text(uint32_t first, uint32_t end, F&& f) const;
  // As the objects say. REQUIRES: not taken.
  bool used_in_iface(RawId canonical) const { return used_in_iface_.test(index(canonical)); }
  // By canonical RawId; for mark_live to start from.
  base::Bitmap take_used_in_iface() { return std::move(used_in_iface_); }

 private:
  friend class Resolver;
  // The name table: a few bits of the hash turn other names away, the text itself decides.
  struct NameEntry {
    uint32_t tag = 0;
    uint32_t canonical = 0;  // 0: the entry is free
  };

  bool is_called(Slot s, std::string_view name, uint32_t version, const base::NameHash& hash) const;
  const PackageNames& definitions(const Library& lib, uint32_t number) const;

  const Inputs* in_ = nullptr;
  std::unique_ptr<PackageNames[]> packages_;  // by library
  uint32_t first_def_ = 1, first_ref_ = 1;
  base::Column<uint32_t> canonical_;                    // by RawId - first_def_
  absl::flat_hash_map<uint32_t, Override> overrides_;  // looked up, never iterated
  base::Bitmap overridden_;                            // whether there is one, by canonical RawId
  std::vector<base::Column<NameEntry>> names_;          // open-addressed tables, by bucket of the hash
  std::vector<RawId> builtins_;                        // canonical, by the release's built-in number
  base::Bitmap used_in_iface_;                         // by canonical RawId: as the objects say
  base::Bitmap text_;                                  // functions, by RawId of a definition
  base::Bitmap gotype_;                                // descriptors of types, by RawId of a definition
};

template <class F>
void Resolution::for_text(uint32_t first, uint32_t end, F&& f) const {
  end = std::min(end, first_ref_);
  for (uint32_t raw = first; raw < end; raw++) {
    uint64_t word = text_.word(raw / 64) >> (raw % 64);
    if (word == 0) {
      raw |= 63;
      continue;
    }
    raw += static_cast<uint32_t>(std::countr_zero(word));
    if (raw < end) f(static_cast<RawId>(raw));
  }
}

// In every loop over relocations, so inline: most references are to a package's definition or to a slot of the object
// itself.
inline RawId Resolution::resolve(const Inputs& in, uint32_t object, objfmt::SymRef ref, bool* bad) const {
  const Object& o = in.objects[object];
  uint32_t named = o.view.def_count() - o.view.nameddef_count();
  switch (o.view.space(ref)) {
    case objfmt::RefSpace::kPackage: {
      if (ref.pkg >= o.packages.size()) break;
      const Object::Definitions& package = o.packages[ref.pkg];
      if (ref.sym >= package.count) break;
      return static_cast<RawId>(package.first_raw + ref.sym);
    }
    case objfmt::RefSpace::kSelf:
      if (ref.sym < o.view.pkgdef_count()) return static_cast<RawId>(o.first_pkgdef + ref.sym);
      if (ref.sym >= o.view.symbol_count()) break;
      return canonical(o.raw(ref.sym));
    case objfmt::RefSpace::kHashed64:
      if (ref.sym >= o.view.hashed64_count()) break;
      return canonical(static_cast<RawId>(o.first_def + ref.sym));
    case objfmt::RefSpace::kHashed:
      if (ref.sym >= o.view.hashed_count()) break;
      return canonical(static_cast<RawId>(o.first_def + o.view.hashed64_count() + ref.sym));
    case objfmt::RefSpace::kNamed:
      if (ref.sym >= o.view.symbol_count() - named) break;
      return canonical(o.raw(named + ref.sym));
    case objfmt::RefSpace::kBuiltin:
      if (ref.sym >= builtins_.size() || builtins_[ref.sym] == RawId::kNil) break;
      return builtins_[ref.sym];
    case objfmt::RefSpace::kNil:
      if (ref.sym == 0) return RawId::kNil;
      break;
  }
  if (bad) *bad = true;
  return RawId::kNil;
}

inline RawId Resolution::resolve(const Inputs& in, uint32_t object, objfmt::dense::Target target, bool* bad) const {
  const Object& o = in.objects[object];
  switch (target.kind) {
    case objfmt::dense::Target::kLocal:
      if (target.number < o.view.pkgdef_count()) return static_cast<RawId>(o.first_pkgdef + target.number);
      return canonical(o.raw(target.number));
    case objfmt::dense::Target::kExternal: {
      objfmt::SymRef ref = o.view.dense().external(target.number);
      if (ref.pkg >= o.packages.size()) return resolve(in, object, ref, bad);
      const Object::Definitions& package = o.packages[ref.pkg];
      if (ref.sym < package.count) return static_cast<RawId>(package.first_raw + ref.sym);
      if (bad) *bad = true;
      return RawId::kNil;
    }
    case objfmt::dense::Target::kNil: return RawId::kNil;
  }
  return RawId::kNil;
}

// REQUIRES: load_inputs succeeded. Fills Object::packages. Reports duplicates, blocked linknames,
// missing packages.
Resolution resolve_symbols(Services& sv, Inputs& in);
// What it has in memory while it joins slots, beside what it leaves.
uint64_t bytes_to_resolve(const Inputs& in);

}  // namespace dovetail::loader
