#include "loader/strict_dups.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "base/text.h"
#include "loader/options.h"

namespace dovetail::loader {
namespace {

using base::concat;
using objfmt::SymFlags;

class StrictDups {
 public:
  StrictDups(Services& sv, const Inputs& in, const Resolution& res) : sv_(sv), in_(in), res_(res) {}

  bool run() {
    for (const Object& object : in_.objects) {
      const ObjectView& view = object.view;
      for (uint32_t i = view.def_count() - view.nameddef_count(); i < view.def_count(); i++) {
        RawId raw = object.raw(i), canonical = res_.canonical(raw);
        if (canonical != raw) meet(raw, canonical);
      }
    }
    return mismatches_ > 0 && sv_.options.strict_duplicates > 1 && (sv_.options.no_dwarf || same_flags());
  }

 private:
  struct Def {
    RawId raw;
    const Object* object;
    uint32_t local;
    bool dupok() const { return object->view.flags(local) & SymFlags::kDupok; }
    bool text() const { return objfmt::is_text(object->view.kind(local)); }
    bool bytes() const { return object->view.data_size(local) != 0; }
    bool bss() const { return objfmt::is_data(object->view.kind(local)) && !bytes(); }
    uint32_t size() const { return object->view.size(local); }
  };

  Def def(RawId raw) const {
    Slot s = in_.slot(raw);
    return {raw, &in_.objects[s.object], s.local};
  }
  std::string_view package(const Def& d) const { return in_.libraries[d.object->library].path; }

  // A definition of a name that is defined already. Which one stands afterwards: see
  // Resolver::join_definition.
  void meet(RawId raw, RawId canonical) {
    auto it = standing_.find(index(canonical));
    Def now = def(raw), old = def(it == standing_.end() ? canonical : it->second);
    bool replace;
    if (now.dupok()) {
      compare(now, old);
      replace = old.size() < now.size();
    } else {
      replace =
          !old.dupok() && old.bss() && (now.text() || now.bytes() || (now.bss() && now.size() > old.size()));
    }
    if (replace) standing_.insert_or_assign(index(canonical), raw);
  }

  void compare(const Def& now, const Def& old) {
    base::Bytes data = now.object->view.data(now.local), old_data = old.object->view.data(old.local);
    std::string reason = "same length but different contents";
    if (data.size() != old_data.size()) {
      reason = concat("new length ", data.size(), " != old length ", old_data.size());
    } else if (std::equal(data.begin(), data.end(), old_data.begin())) {
      if (now.size() == old.size()) return;
      reason = concat("different sizes: new size ", now.size(), " != old size ", old.size());
    }
    std::string_view name = now.object->view.name(now.local);
    sv_.diag.report(
        base::Severity::kNote, index(now.raw),
        concat("cmd/link: while reading object for '", package(now), "': duplicate symbol '", name,
               "', previous def at '", package(old), "', with mismatched payload: ", reason));
    // Debug information of wrappers names the line where the compiler needed one.
    for (std::string_view prefix : {"go:info.go.interface", "go:info.go.builtin", "go:debuglines"}) {
      if (name.starts_with(prefix)) return;
    }
    mismatches_++;
  }

  // Whether all packages were compiled with the same flags, as far as they say so for DWARF's producer
  // attribute. cmd/link ld/dwarf.go dwarfGenerateDebugInfo, Go 1.26.
  bool same_flags() const {
    std::optional<std::string_view> first;
    for (const Library& lib : in_.libraries) {
      if (lib.object_count == 0) continue;
      std::string_view flags;
      RawId raw = res_.lookup(concat("go:cuinfo.producer.", lib.path), 0);
      if (raw != RawId::kNil && !res_.is_reference(raw)) {
        Slot s = res_.content(in_, raw);
        flags = base::as_text(in_.objects[s.object].view.data(s.local));
      }
      if (first && *first != flags) return false;
      first = flags;
    }
    return true;
  }

  Services& sv_;
  const Inputs& in_;
  const Resolution& res_;
  absl::flat_hash_map<uint32_t, RawId> standing_;  // by canonical RawId: the definition, if not that one
  uint64_t mismatches_ = 0;
};

}  // namespace

bool check_strict_dups(Services& sv, const Inputs& in, const Resolution& res) {
  return StrictDups(sv, in, res).run();
}

}  // namespace dovetail::loader
