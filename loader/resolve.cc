// How slots are joined in parallel.
//
// Every worker owns the keys (content hashes, name hashes) of one residue class
// and walks all slots in order-key order, taking those that are its own: so each
// key meets its slots in the serial order, whatever the number of workers. The
// walk over foreign keys reads only a column of hashes.
//
// Names are hashed once, in parallel, into a column. Package definitions are
// found by name only if a named slot of some object has the same name (or the
// linker asks for it), so they get no table entry of their own: the table is
// built from the named slots first, and a bitmap of its hashes turns most
// package definitions away.
#include "loader/resolve.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/text.h"
#include "loader/go_text.h"
#include "loader/linkname.h"

namespace dovetail::loader {

using base::NameHash;
using objfmt::SymFlags;
using objfmt::SymKind;
using objfmt::SymRef;

namespace {

constexpr uint16_t kAbiStatic = objfmt::goobj::kAbiStatic;
constexpr uint64_t kOrderDuplicate = uint64_t{1} << 40, kOrderLinknameVar = uint64_t{2} << 40,
                   kOrderReference = uint64_t{3} << 40;

// Bits of a slot's meta: alignment below, what was seen above.
constexpr uint32_t kAlignMask = (1u << 24) - 1, kMetaLocal = 1u << 24, kMetaChanged = 1u << 25;

uint64_t mix(uint64_t h) {
  h ^= h >> 32;
  h *= 0x9fb21c651e98df25u;
  h ^= h >> 29;
  return h;
}

uint64_t table_size(uint64_t entries) { return std::bit_ceil(std::max<uint64_t>(64, entries + entries / 2)); }

}  // namespace

// Table of one residue class, linear probing.
template <class Slot>
class SlotTable {
 public:
  explicit SlotTable(uint64_t expected) : slots_(table_size(expected)) {}

  // The slot of a key; a new one has hash set and the rest zero.
  Slot& insert(const NameHash& hash, uint64_t position) {
    if (used_ * 4 >= slots_.size() * 3) grow();
    Slot& slot = slots_[probe(hash, position)];
    if (slot.hash == NameHash{}) {
      slot.hash = hash;
      used_++;
    }
    return slot;
  }
  Slot* find(const NameHash& hash, uint64_t position) {
    Slot& slot = slots_[probe(hash, position)];
    return slot.hash == NameHash{} ? nullptr : &slot;
  }
  std::vector<Slot>& slots() { return slots_; }

 private:
  uint64_t probe(const NameHash& hash, uint64_t position) const {
    uint64_t mask = slots_.size() - 1;
    uint64_t i = position & mask;
    while (!(slots_[i].hash == hash) && !(slots_[i].hash == NameHash{})) i = (i + 1) & mask;
    return i;
  }
  void grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& s : old) {
      if (!(s.hash == NameHash{})) slots_[probe(s.hash, s.hash.lo)] = s;
    }
  }

  std::vector<Slot> slots_;
  uint64_t used_ = 0;
};

class Resolver {
 public:
  Resolver(Services& sv, Inputs& in) : sv_(sv), in_(in) {}

  Resolution run() {
    res_.in_ = &in_;
    res_.first_def_ = in_.first_def_raw;
    res_.first_ref_ = in_.first_ref_raw;
    res_.canonical_.resize(in_.raw_count - in_.first_def_raw);
    res_.used_in_iface_ = base::Bitmap(in_.raw_count);
    changed_.resize(sv_.threads.threads());
    link_packages();
    if (sv_.diag.failed()) return std::move(res_);
    scan_slots();
    if (sv_.diag.failed()) return std::move(res_);
    sv_.threads.for_workers([&](unsigned worker) { join_hashed(worker); });
    join_names();
    for (const auto& list : changed_) {
      for (const auto& [canonical, o] : list) res_.overrides_.emplace(canonical, o);
    }
    find_builtins();
    apply_ref_flags();
    if (sv_.options.check_linkname) check_linknames(sv_, in_, res_, linkname_slots_);
    return std::move(res_);
  }

 private:
  using NamedSlot = Resolution::NamedSlot;

  // Package numbers of each object to the first object of that package.
  void link_packages() {
    absl::flat_hash_map<std::string, uint32_t> first;
    for (const Library& lib : in_.libraries) {
      if (lib.object_count) first.emplace(path_to_prefix(lib.path), lib.first_object);
    }
    for (Object& o : in_.objects) {
      o.packages.resize(o.view.package_count());
      for (uint32_t i = 1; i < o.packages.size(); i++) {
        auto it = first.find(std::string(o.view.package(i)));
        if (it == first.end()) {
          return sv_.diag.fatal(kOrderReference,
                                base::concat(in_.libraries[o.library].path, ": reference to nonexistent package ",
                                             o.view.package(i)));
        }
        o.packages[i] = it->second;
      }
    }
  }

  // Reads every symbol record once: checks it, hashes its name, notes flags that all copies share.
  void scan_slots() {
    hashes_.resize(in_.raw_count);
    std::vector<std::vector<uint32_t>> linknames(in_.objects.size());
    sv_.threads.for_each(in_.objects.size(), [&](uint64_t o) { scan_object(static_cast<uint32_t>(o), linknames[o]); });
    for (auto& list : linknames) linkname_slots_.insert(linkname_slots_.end(), list.begin(), list.end());
    // Definitions are checked before references, each in order.
    std::sort(linkname_slots_.begin(), linkname_slots_.end());
  }

  void scan_object(uint32_t o, std::vector<uint32_t>& linknames) {
    const Object& object = in_.objects[o];
    const ObjectView& view = object.view;
    uint32_t pkgdefs = view.pkgdef_count(), named = view.def_count() - view.nameddef_count();
    for (uint32_t i = 0; i < view.symbol_count(); i++) {
      if (!view.well_formed(i)) {
        return sv_.diag.exit(uint64_t{o} << 32 | i,
                             base::concat(in_.libraries[object.library].file, "(", object.member,
                                          "): malformed object: symbol ", i, ": name, kind or index ranges out of bounds"));
      }
      uint16_t flags = view.flags(i);
      uint32_t raw = index(object.raw(i));
      if (i < pkgdefs) {
        if (flags & SymFlags::kUsedInIface) res_.used_in_iface_.set(raw);
      } else if (i < named) {
        continue;  // content-addressed: no name
      } else if ((flags & SymFlags::kLinkname) && (i >= view.def_count() || view.data_size(i) == 0)) {
        linknames.push_back(raw);
      }
      uint16_t abi = view.abi(i);
      if (abi == kAbiStatic || view.name_length(i) == 0) continue;
      if (abi > 1) {
        return sv_.diag.fatal(uint64_t{o} << 32 | i, base::concat("invalid symbol ABI: ", abi));
      }
      hashes_[raw] = base::hash_name(view.name(i), abi);
    }
  }

  // Content-addressed definitions. The first copy gives the order, the largest (the first of equals) the
  // content, all of them alignment and flags.
  void join_hashed(unsigned worker) {
    uint64_t total = 0;
    for (const Object& o : in_.objects) total += o.view.hashed64_count() + o.view.hashed_count();
    uint64_t expected = total / 3 / sv_.threads.threads();
    SlotTable<NamedSlot> short_table(expected), long_table(expected);
    for (const Object& o : in_.objects) {
      uint32_t i = o.view.pkgdef_count(), end = i + o.view.hashed64_count();
      for (; i < end; i++) {
        uint64_t h = o.view.hash64(i), mixed = mix(h);
        if ((mixed >> 40) % sv_.threads.threads() != worker) continue;
        // All zero marks an empty slot: the low half is never zero here.
        join_copy(o, i, short_table.insert({h, mixed | 1}, mixed | 1), worker);
      }
      for (end = o.view.def_count() - o.view.nameddef_count(); i < end; i++) {
        const uint8_t* p = o.view.hash(i);
        NameHash h{base::load64(p + 8), base::load64(p)};
        if ((h.lo >> 40) % sv_.threads.threads() != worker) continue;
        if (h == NameHash{}) h.hi = 1;
        join_copy(o, i, long_table.insert(h, h.lo), worker);
      }
    }
    collect_changed(short_table.slots(), worker);
    collect_changed(long_table.slots(), worker);
  }

  void join_copy(const Object& o, uint32_t i, NamedSlot& slot, unsigned) {
    uint32_t raw = index(o.raw(i)), size = o.view.size(i), align = o.view.align(i);
    uint16_t flags = o.view.flags(i);
    if (slot.canonical == 0) {
      slot.canonical = slot.content = raw;
      slot.size = size;
      slot.meta = std::min(align, kAlignMask) | (flags & SymFlags::kLocal ? kMetaLocal : 0);
    } else {
      if (size > slot.size) slot.content = raw, slot.size = size, slot.meta |= kMetaChanged;
      add_properties(slot, flags, align);
    }
    if (flags & SymFlags::kUsedInIface) res_.used_in_iface_.set(slot.canonical);
    res_.canonical_[raw - res_.first_def_] = slot.canonical;
  }

  static void add_properties(NamedSlot& slot, uint16_t flags, uint32_t align) {
    if (std::min(align, kAlignMask) > (slot.meta & kAlignMask)) {
      slot.meta = (slot.meta & ~kAlignMask) | std::min(align, kAlignMask) | kMetaChanged;
    }
    if ((flags & SymFlags::kLocal) && !(slot.meta & kMetaLocal)) slot.meta |= kMetaLocal | kMetaChanged;
  }

  void collect_changed(const std::vector<NamedSlot>& slots, unsigned worker) {
    for (const NamedSlot& s : slots) {
      if (!(s.meta & kMetaChanged)) continue;
      changed_[worker].push_back({s.canonical, Override{static_cast<RawId>(s.content), s.size, s.meta & kAlignMask,
                                                        (s.meta & kMetaLocal) != 0}});
    }
  }

  void join_names() {
    unsigned workers = sv_.threads.threads();
    res_.names_.resize(workers);
    std::vector<NameHash> wanted;
    for (const Builtin& b : release().builtins) wanted.push_back(base::hash_name(b.name, b.abi));
    base::Bitmap mentioned(uint64_t{1} << 24);
    sv_.threads.for_workers([&](unsigned worker) { join_names_of(worker, workers, wanted, mentioned); });
    hashes_ = {};
  }

  // The hash's residue picks the worker, other bits the place in its table.
  static bool mine(const NameHash& h, unsigned worker, unsigned workers) { return h.hi % workers == worker; }

  template <class F>
  void for_named(unsigned worker, unsigned workers, uint32_t begin, uint32_t end, F&& f) {
    for (uint32_t raw = begin; raw < end; raw++) {
      const NameHash& h = hashes_[raw];
      if (!(h == NameHash{}) && mine(h, worker, workers)) f(h, raw);
    }
  }

  void join_names_of(unsigned worker, unsigned workers, const std::vector<NameHash>& wanted, base::Bitmap& mentioned) {
    uint32_t first_def = in_.first_def_raw, first_ref = in_.first_ref_raw, end = in_.raw_count;
    SlotTable<NamedSlot> table((end - first_def) / 8 / workers);
    auto mention = [&](const NameHash& h, uint32_t) {
      table.insert(h, h.lo);
      mentioned.set(h.lo >> 40);
    };
    for (const NameHash& h : wanted) {
      if (mine(h, worker, workers)) mention(h, 0);
    }
    for_named(worker, workers, first_def, end, mention);
    // Of package definitions with one name the last counts: the first slot in no sense but cmd/link's
    // (its table is overwritten).
    for_named(worker, workers, 1, first_def, [&](const NameHash& h, uint32_t raw) {
      if (!mentioned.test(h.lo >> 40)) return;
      if (NamedSlot* slot = table.find(h, h.lo)) start(*slot, raw);
    });
    for_named(worker, workers, first_def, first_ref, [&](const NameHash& h, uint32_t raw) {
      NamedSlot& slot = *table.find(h, h.lo);
      if (slot.canonical == 0) {
        start(slot, raw);
      } else {
        join_definition(slot, raw);
      }
      res_.canonical_[raw - first_def] = slot.canonical;
    });
    for_named(worker, workers, first_ref, end, [&](const NameHash& h, uint32_t raw) {
      NamedSlot& slot = *table.find(h, h.lo);
      Slot ref = in_.slot(static_cast<RawId>(raw));
      uint16_t flags = in_.objects[ref.object].view.flags(ref.local);
      if (slot.canonical == 0) {
        start(slot, raw);
      } else {
        add_properties(slot, flags, 0);
      }
      if (flags & SymFlags::kUsedInIface) res_.used_in_iface_.set(slot.canonical);
      res_.canonical_[raw - first_def] = slot.canonical;
    });
    collect_changed(table.slots(), worker);
    res_.names_[worker] = std::move(table.slots());
    // Static and unnamed slots stand for themselves.
    if (worker == 0) {
      for (uint32_t raw = first_def; raw < end; raw++) {
        if (hashes_[raw] == NameHash{} && !is_hashed(raw)) res_.canonical_[raw - first_def] = raw;
      }
    }
  }

  bool is_hashed(uint32_t raw) const { return res_.canonical_[raw - res_.first_def_] != 0; }

  void start(NamedSlot& slot, uint32_t raw) {
    Slot s = in_.slot(static_cast<RawId>(raw));
    const ObjectView& view = in_.objects[s.object].view;
    slot.canonical = slot.content = raw;
    slot.size = view.size(s.local);
    slot.meta = std::min(view.align(s.local), kAlignMask) | (view.flags(s.local) & SymFlags::kLocal ? kMetaLocal : 0);
    if (view.flags(s.local) & SymFlags::kUsedInIface) res_.used_in_iface_.set(raw);
  }

  // A second definition of a name. "BSS" is data without bytes.
  //   new dupok:  it wins only if larger          old dupok: it stays
  //   text or bytes against BSS: they win, with the larger size
  //   BSS against BSS: the larger wins            else: an error
  void join_definition(NamedSlot& slot, uint32_t raw) {
    Slot n = in_.slot(static_cast<RawId>(raw)), o = in_.slot(static_cast<RawId>(slot.content));
    const ObjectView &nv = in_.objects[n.object].view, &ov = in_.objects[o.object].view;
    uint16_t flags = nv.flags(n.local);
    uint32_t size = nv.size(n.local), old_size = ov.size(o.local);
    auto take_new = [&] { slot.content = raw, slot.size = std::max(size, slot.size), slot.meta |= kMetaChanged; };
    if (flags & SymFlags::kDupok) {
      if (old_size < size) take_new();
    } else if (!(ov.flags(o.local) & SymFlags::kDupok)) {
      SymKind kind = nv.kind(n.local), old_kind = ov.kind(o.local);
      bool bytes = nv.data_size(n.local) != 0, old_bytes = ov.data_size(o.local) != 0;
      bool bss = objfmt::is_data(kind) && !bytes, old_bss = objfmt::is_data(old_kind) && !old_bytes;
      if (old_bss && (objfmt::is_text(kind) || bytes || (bss && size > old_size))) {
        take_new();
      } else if (bss) {
        if (size > slot.size) slot.size = size, slot.meta |= kMetaChanged;
      } else {
        report_duplicate(n, o, raw);
      }
    }
    add_properties(slot, flags, nv.align(n.local));
    if (flags & SymFlags::kUsedInIface) res_.used_in_iface_.set(slot.canonical);
  }

  void report_duplicate(Slot n, Slot o, uint32_t raw) {
    auto describe = [&](Slot s) {
      const ObjectView& view = in_.objects[s.object].view;
      return base::concat(in_.library_of(s.object).path, " (type ",
                          release().link_sym_kinds[static_cast<size_t>(view.kind(s.local))].name, " size ",
                          view.size(s.local), ")");
    };
    sv_.diag.fatal(kOrderDuplicate + raw,
                   base::concat("duplicated definition of symbol ", in_.objects[n.object].view.name(n.local), ", from ",
                                describe(n), " and ", describe(o)));
  }

  void find_builtins() {
    for (const Builtin& b : release().builtins) {
      RawId raw = res_.lookup(b.name, b.abi);
      res_.builtins_.push_back(raw == RawId::kNil || res_.is_reference(raw) ? RawId::kNil : raw);
    }
  }

  void apply_ref_flags() {
    sv_.threads.for_each(in_.objects.size(), [&](uint64_t o) {
      const ObjectView& view = in_.objects[o].view;
      for (uint32_t i = 0; i < view.ref_flags_count(); i++) {
        auto [target, flags] = view.ref_flags(i);
        if (!(flags & SymFlags::kUsedInIface)) continue;
        RawId raw = res_.resolve(in_, static_cast<uint32_t>(o), target);
        if (raw != RawId::kNil) res_.used_in_iface_.set(index(raw));
      }
    });
  }

  const Release& release() const { return sv_.options.release ? *sv_.options.release : newest_release(); }

  Services& sv_;
  Inputs& in_;
  Resolution res_;
  std::vector<NameHash> hashes_;  // by RawId; zero: no name to be found by
  std::vector<std::vector<std::pair<uint32_t, Override>>> changed_;  // by worker
  std::vector<uint32_t> linkname_slots_;  // RawIds of definitions without bytes, then references
};

const Resolution::NamedSlot* Resolution::find(const NameHash& hash) const {
  if (names_.empty()) return nullptr;
  const std::vector<NamedSlot>& table = names_[hash.hi % names_.size()];
  uint64_t mask = table.size() - 1;
  for (uint64_t i = hash.lo & mask;; i = (i + 1) & mask) {
    if (table[i].hash == hash) return &table[i];
    if (table[i].hash == NameHash{}) return nullptr;
  }
}

// Package definitions that no named slot mentions have no entry: they are looked for in the objects of
// the package that their name begins with (behind "type:" and the like), the last one first.
RawId Resolution::lookup(std::string_view name, uint32_t version) const {
  const NamedSlot* slot = find(base::hash_name(name, version));
  if (slot && slot->canonical) return static_cast<RawId>(slot->canonical);
  std::string_view package = name;
  if (size_t colon = package.find(':'); colon != std::string_view::npos) package.remove_prefix(colon + 1);
  while (!package.empty() && package[0] == '*') package.remove_prefix(1);
  size_t bracket = package.find('[');
  size_t slash = package.substr(0, bracket).rfind('/');
  size_t dot = package.find('.', slash == std::string_view::npos ? 0 : slash);
  package = package.substr(0, dot);
  for (size_t l = in_->libraries.size(); l-- > 0;) {
    const Library& lib = in_->libraries[l];
    if (lib.object_count == 0 || path_to_prefix(lib.path) != package) continue;
    for (uint32_t o = lib.first_object + lib.object_count; o-- > lib.first_object;) {
      const ObjectView& view = in_->objects[o].view;
      for (uint32_t i = view.pkgdef_count(); i-- > 0;) {
        if (view.name_length(i) == name.size() && view.abi(i) == version && view.name(i) == name) {
          return in_->objects[o].raw(i);
        }
      }
    }
  }
  return RawId::kNil;
}

RawId Resolution::resolve(const Inputs& in, uint32_t object, SymRef ref, bool* bad) const {
  const Object& o = in.objects[object];
  const ObjectView& view = o.view;
  uint32_t base = 0, count = 0;
  switch (view.space(ref)) {
    case objfmt::RefSpace::kNil:
      if (ref.sym != 0 && bad) *bad = true;
      return RawId::kNil;
    case objfmt::RefSpace::kPackage: {
      if (ref.pkg >= o.packages.size()) break;
      const Object& other = in.objects[o.packages[ref.pkg]];
      if (ref.sym >= other.view.pkgdef_count()) break;
      return static_cast<RawId>(other.first_pkgdef + ref.sym);
    }
    case objfmt::RefSpace::kSelf:
      if (ref.sym >= view.symbol_count()) break;
      return canonical(o.raw(ref.sym));
    case objfmt::RefSpace::kHashed64:
      base = 0, count = view.hashed64_count();
      if (ref.sym >= count) break;
      return canonical(static_cast<RawId>(o.first_def + base + ref.sym));
    case objfmt::RefSpace::kHashed:
      base = view.hashed64_count(), count = view.hashed_count();
      if (ref.sym >= count) break;
      return canonical(static_cast<RawId>(o.first_def + base + ref.sym));
    case objfmt::RefSpace::kNamed:
      base = view.hashed64_count() + view.hashed_count(), count = view.nameddef_count();
      if (ref.sym < count) return canonical(static_cast<RawId>(o.first_def + base + ref.sym));
      if (ref.sym - count >= view.namedref_count()) break;
      return canonical(static_cast<RawId>(o.first_ref + (ref.sym - count)));
    case objfmt::RefSpace::kBuiltin:
      if (ref.sym >= builtins_.size() || builtins_[ref.sym] == RawId::kNil) break;
      return builtins_[ref.sym];
  }
  if (bad) *bad = true;
  return RawId::kNil;
}

Resolution resolve_symbols(Services& sv, Inputs& in) { return Resolver(sv, in).run(); }

}  // namespace dovetail::loader
