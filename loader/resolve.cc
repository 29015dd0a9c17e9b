// How slots are joined in parallel.
//
// Every worker owns the keys (content hashes, name hashes) of one residue class
// and walks all slots in order-key order, taking those that are its own: so each
// key meets its slots in the serial order, whatever the number of workers. The
// walk over foreign keys reads only a column of hashes.
//
// Names are hashed once, in parallel, into a column. Package definitions are
// found by name only if a named slot of some object has the same name (or the
// linker asks for it), so their hashes are not even kept: a bitmap of the hashes
// of named slots turns nearly all of them away.
//
// An object's pages are given back as soon as a walk is through with it.
#include "loader/resolve.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/text.h"
#include "loader/go_text.h"
#include "loader/linkname.h"

namespace dovetail::loader {

using base::NameHash;
using objfmt::SymFlags;
using objfmt::SymKind;
using objfmt::SymRef;

namespace {

// One key while its slots are being joined. Copies are nearly always alike, and then only the first is
// remembered; what differs goes into an Override on the side.
struct JoinSlot {
  NameHash hash;
  uint32_t canonical = 0;  // 0: no slot yet
  uint32_t shape = 0;
};

// Size, alignment and Local of a definition in one word, or kUncommon.
constexpr uint32_t kUncommon = ~0u, kShapeSizeBits = 24, kShapeLocal = 1u << 31;

constexpr uint16_t kAbiStatic = objfmt::goobj::kAbiStatic;
constexpr uint64_t kOrderDuplicate = uint64_t{1} << 40, kOrderReference = uint64_t{3} << 40;

constexpr uint32_t kAhead = 12;  // slots that a key is asked for in advance

constexpr uint64_t kBitsPerName = 16;  // of the filter for package definitions: one in 16 of the others passes

uint64_t mix(uint64_t h) {
  h ^= h >> 32;
  h *= 0x9fb21c651e98df25u;
  h ^= h >> 29;
  return h;
}

// Which worker a key belongs to: by the upper half of a hash, whose lower bits pick the place in a table.
unsigned owner(uint64_t hash, unsigned workers) { return static_cast<unsigned>((hash >> 32) * workers >> 32); }

uint64_t table_size(uint64_t entries) { return std::bit_ceil(std::max<uint64_t>(64, entries + entries / 2)); }

}  // namespace

// Table of one residue class, linear probing.
template <class Slot>
class SlotTable {
 public:
  explicit SlotTable(uint64_t expected) : slots_(table_size(expected)) { base::touch(slots_); }
  // For other keys, in the same memory if it is large enough: what is fresh from the system costs more to touch.
  void reset(uint64_t expected) {
    uint64_t size = table_size(expected);
    if (size > slots_.size()) slots_ = base::Column<Slot>(size);
    base::touch(slots_);
    used_ = 0;
  }

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
  void prefetch(uint64_t position) const { __builtin_prefetch(&slots_[position & (slots_.size() - 1)]); }
  const base::Column<Slot>& slots() const { return slots_; }

 private:
  uint64_t probe(const NameHash& hash, uint64_t position) const {
    uint64_t mask = slots_.size() - 1;
    uint64_t i = position & mask;
    while (!(slots_[i].hash == hash) && !(slots_[i].hash == NameHash{})) i = (i + 1) & mask;
    return i;
  }
  void grow() {
    base::Column<Slot> old(slots_.size() * 2);
    base::touch(old);
    old.swap(slots_);
    for (const Slot& s : old) {
      if (!(s.hash == NameHash{})) slots_[probe(s.hash, s.hash.lo)] = s;
    }
  }

  base::Column<Slot> slots_;
  uint64_t used_ = 0;
};

// Keys that a worker is about to look up. Which of a column are its own is as good as random, so they are gathered
// without a branch; then all their cache lines are asked for before the first is used: the tables are far larger than
// a cache, and a miss costs more than everything else that is done for a slot.
class OwnKeys {
 public:
  // True when it is full, and has to be flushed.
  bool add(const NameHash& hash, uint32_t local, bool own) {
    hashes_[count_] = hash;
    locals_[count_] = local;
    count_ += own;
    return count_ == kCapacity;
  }
  template <class Table, class F>
  void flush(Table& table, F&& f) {
    for (uint32_t k = 0; k < count_; k++) table.prefetch(hashes_[k].lo);
    for (uint32_t k = 0; k < count_; k++) f(table.insert(hashes_[k], hashes_[k].lo), locals_[k]);
    count_ = 0;
  }

 private:
  static constexpr uint32_t kCapacity = 32;
  NameHash hashes_[kCapacity];
  uint32_t locals_[kCapacity];
  uint32_t count_ = 0;
};

class Resolver {
 public:
  Resolver(Services& sv, Inputs& in) : sv_(sv), in_(in) {}

  Resolution run() {
    res_.in_ = &in_;
    res_.first_def_ = in_.first_def_raw;
    res_.first_ref_ = in_.first_ref_raw;
    res_.canonical_.resize(in_.raw_count - in_.first_def_raw);
    res_.used_in_iface_ = base::Bitmap(uint64_t{in_.raw_count} + 1);
    res_.overridden_ = base::Bitmap(in_.raw_count);
    changed_.resize(sv_.threads.threads());
    tables_.resize(sv_.threads.threads(), SlotTable<JoinSlot>(0));
    link_packages();
    if (sv_.diag.failed()) return std::move(res_);
    sv_.threads.for_workers([&](unsigned worker) { join_hashed(worker); });
    scan_slots();
    if (sv_.diag.failed()) return std::move(res_);
    join_names();
    in_.trim(sv_.threads);
    for (const auto& list : changed_) {
      for (const auto& [canonical, o] : list) {
        res_.overrides_.emplace(canonical, o);
        res_.overridden_.set(canonical);
      }
    }
    find_builtins();
    apply_ref_flags();
    if (sv_.options.check_linkname) check_linknames(sv_, in_, res_, linkname_slots_);
    return std::move(res_);
  }

 private:
  // Package numbers of each object to the first object of that package.
  void link_packages() {
    absl::flat_hash_map<std::string, uint32_t> first;
    for (const Library& lib : in_.libraries) {
      if (lib.object_count) first.emplace(lib.prefix, lib.first_object);
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

  // Reads every record that has a name to be found by: checks it, hashes the name, notes flags that all copies
  // share. Records of content-addressed definitions are checked when they are reached.
  void scan_slots() {
    uint64_t named = 0;
    for (const Object& o : in_.objects) {
      named_start_.push_back(named);
      named += o.view.nameddef_count() + o.view.namedref_count();
    }
    hashes_.resize(named);
    uint64_t bits = std::bit_ceil(std::max<uint64_t>(64, named * kBitsPerName));
    mentioned_ = base::Bitmap(bits);
    mentioned_shift_ = 64 - static_cast<unsigned>(std::countr_zero(bits));
    for (const Builtin& b : release().builtins) mentioned_.set(base::hash_name(b.name, b.abi).lo >> mentioned_shift_);
    candidates_.resize(in_.objects.size());
    std::vector<std::vector<uint32_t>> linknames(in_.objects.size());
    in_.for_objects(sv_.threads, [&](uint32_t o) { scan_named(o, linknames[o]); });
    for (auto& list : linknames) linkname_slots_.insert(linkname_slots_.end(), list.begin(), list.end());
    // Definitions are checked before references, each in order.
    std::sort(linkname_slots_.begin(), linkname_slots_.end());
    in_.for_objects(sv_.threads, [&](uint32_t o) { scan_pkgdefs(o); });
  }

  bool well_formed(uint32_t o, uint32_t i) {
    const Object& object = in_.objects[o];
    if (!object.view.record_ok(i)) {
      sv_.diag.exit(uint64_t{o} << 32 | i,
                    base::concat(in_.libraries[object.library].file, "(", object.member, "): malformed object: symbol ",
                                 i, ": name or kind out of bounds"));
      return false;
    }
    uint16_t abi = object.view.abi(i);
    if (abi > 1 && abi != kAbiStatic) {
      sv_.diag.fatal(uint64_t{o} << 32 | i, base::concat("invalid symbol ABI: ", abi));
      return false;
    }
    return true;
  }
  static bool has_key(const ObjectView& view, uint32_t i) {
    return view.abi(i) != kAbiStatic && view.name_length(i) != 0;
  }

  void scan_named(uint32_t o, std::vector<uint32_t>& linknames) {
    const Object& object = in_.objects[o];
    const ObjectView& view = object.view;
    uint32_t first = view.def_count() - view.nameddef_count(), end = view.symbol_count();
    NameHash* hashes = &hashes_[named_start_[o]];
    for (uint32_t i = first; i < end; i++) {
      if (!well_formed(o, i)) return;
      if ((view.flags(i) & SymFlags::kLinkname) && (i >= view.def_count() || view.data_size(i) == 0)) {
        linknames.push_back(index(object.raw(i)));
      }
      if (!has_key(view, i)) continue;
      if (i + kAhead < end) __builtin_prefetch(view.name(i + kAhead).data());
      NameHash h = base::hash_name(view.name(i), view.abi(i));
      hashes[i - first] = h;
      mentioned_.set(h.lo >> mentioned_shift_);
    }
  }

  void scan_pkgdefs(uint32_t o) {
    const Object& object = in_.objects[o];
    const ObjectView& view = object.view;
    for (uint32_t i = 0; i < view.pkgdef_count(); i++) {
      if (!well_formed(o, i)) return;
      if (view.flags(i) & SymFlags::kUsedInIface) res_.used_in_iface_.set(index(object.raw(i)));
      if (!has_key(view, i)) continue;
      if (i + kAhead < view.pkgdef_count()) __builtin_prefetch(view.name(i + kAhead).data());
      NameHash h = base::hash_name(view.name(i), view.abi(i));
      if (mentioned_.test(h.lo >> mentioned_shift_)) candidates_[o].push_back({h, i});
    }
  }

  // Content-addressed definitions. The first copy gives the order, the largest (the first of equals) the
  // content, all of them alignment and flags.
  void join_hashed(unsigned worker) {
    unsigned workers = sv_.threads.threads();
    uint64_t total = 0;
    for (const Object& o : in_.objects) total += o.view.hashed_count();
    SlotTable<JoinSlot> short_table(0);
    SlotTable<JoinSlot>& long_table = tables_[worker];
    long_table.reset(total / 3 / workers);
    OwnKeys own;
    for (const Object& o : in_.objects) {
      uint32_t i = o.view.pkgdef_count(), end = i + o.view.hashed64_count();
      auto join = [&](SlotTable<JoinSlot>& table) {
        own.flush(table, [&](JoinSlot& slot, uint32_t local) { join_copy(o, local, slot, worker); });
      };
      for (; i < end; i++) {
        uint64_t h = o.view.hash64(i), mixed = mix(h);
        // All zero marks an empty slot: the low half is never zero here.
        if (own.add({h, mixed | 1}, i, owner(mixed, workers) == worker)) join(short_table);
      }
      join(short_table);
      for (end = o.view.def_count() - o.view.nameddef_count(); i < end; i++) {
        const uint8_t* p = o.view.hash(i);
        NameHash h{base::load64(p + 8), base::load64(p)};
        if (h == NameHash{}) h.hi = 1;
        if (own.add(h, i, owner(h.lo, workers) == worker)) join(long_table);
      }
      join(long_table);
    }
  }

  void join_copy(const Object& o, uint32_t i, JoinSlot& slot, unsigned worker) {
    uint32_t raw = index(o.raw(i)), shape = shape_of(o.view, i);
    if (slot.canonical == 0) {
      slot.canonical = raw, slot.shape = shape;
    } else if (shape != slot.shape || shape == kUncommon) {
      Override& known = override_of(slot, worker);
      if (o.view.size(i) > known.size) known.content = static_cast<RawId>(raw), known.size = o.view.size(i);
      add_properties(known, o.view, i);
    }
    if (o.view.flags(i) & SymFlags::kUsedInIface) res_.used_in_iface_.set(slot.canonical);
    res_.canonical_[raw - res_.first_def_] = slot.canonical;
  }

  static uint32_t shape_of(const ObjectView& view, uint32_t i) {
    uint32_t size = view.size(i), align = view.align(i);
    if (size >> kShapeSizeBits != 0 || !std::has_single_bit(align | (align == 0)) || align >> 30 != 0) return kUncommon;
    uint32_t log = align == 0 ? 31 : static_cast<uint32_t>(std::countr_zero(align));
    return size | log << kShapeSizeBits | (view.flags(i) & SymFlags::kLocal ? kShapeLocal : 0);
  }

  // What is known of a key whose copies differ, begun with its first.
  Override& override_of(JoinSlot& slot, unsigned worker) {
    slot.shape = kUncommon;
    auto [it, added] = changed_[worker].try_emplace(slot.canonical);
    if (added) {
      Slot first = in_.slot(static_cast<RawId>(slot.canonical));
      const ObjectView& view = in_.objects[first.object].view;
      it->second = {static_cast<RawId>(slot.canonical), view.size(first.local), view.align(first.local),
                    (view.flags(first.local) & SymFlags::kLocal) != 0};
    }
    return it->second;
  }
  static void add_properties(Override& known, const ObjectView& view, uint32_t i) {
    known.align = std::max(known.align, view.align(i));
    known.local |= (view.flags(i) & SymFlags::kLocal) != 0;
  }

  void join_names() {
    unsigned workers = sv_.threads.threads();
    res_.names_.resize(workers);
    sv_.threads.for_workers([&](unsigned worker) { res_.names_[worker] = join_names_of(worker, workers); });
    keep_own();
    hashes_ = {};
    candidates_ = {};
    tables_ = {};
  }

  // The hash's residue picks the worker, other bits the place in its table.
  static bool mine(const NameHash& h, unsigned worker, unsigned workers) {
    return (int{!(h == NameHash{})} & int{owner(h.hi, workers) == worker}) != 0;
  }

  // Calls f(slot of the table, object, local index) for the worker's own named slots: definitions, or references.
  template <class F>
  void for_named(SlotTable<JoinSlot>& table, unsigned worker, unsigned workers, bool references, F&& f) {
    OwnKeys own;
    for (uint32_t o = 0; o < in_.objects.size(); o++) {
      const ObjectView& view = in_.objects[o].view;
      uint32_t defs = view.nameddef_count(), begin = references ? defs : 0;
      uint32_t end = references ? defs + view.namedref_count() : defs, first = view.def_count() - defs;
      auto join = [&] { own.flush(table, [&](JoinSlot& slot, uint32_t i) { f(slot, o, first + i); }); };
      for (uint32_t i = begin; i < end; i++) {
        const NameHash& h = hashes_[named_start_[o] + i];
        if (own.add(h, i, mine(h, worker, workers))) join();
      }
      join();
    }
  }

  base::Column<Resolution::NameEntry> join_names_of(unsigned worker, unsigned workers) {
    SlotTable<JoinSlot>& table = tables_[worker];
    table.reset(hashes_.size() / 2 / workers);
    // Of package definitions with one name the last counts: cmd/link's table is overwritten.
    for (uint32_t o = 0; o < in_.objects.size(); o++) {
      for (const auto& [h, i] : candidates_[o]) {
        if (mine(h, worker, workers)) start(table.insert(h, h.lo), o, i);
      }
    }
    for_named(table, worker, workers, false, [&](JoinSlot& slot, uint32_t o, uint32_t i) {
      if (slot.canonical == 0) {
        start(slot, o, i);
      } else {
        join_definition(slot, {o, i}, worker);
      }
      uint32_t raw = index(in_.objects[o].raw(i));
      res_.canonical_[raw - res_.first_def_] = slot.canonical;
    });
    for_named(table, worker, workers, true, [&](JoinSlot& slot, uint32_t o, uint32_t i) {
      const ObjectView& view = in_.objects[o].view;
      uint16_t flags = view.flags(i);
      if (slot.canonical == 0) {
        start(slot, o, i);
      } else if ((flags & SymFlags::kLocal) && !(slot.shape & kShapeLocal && slot.shape != kUncommon)) {
        override_of(slot, worker).local = true;
      }
      if (flags & SymFlags::kUsedInIface) res_.used_in_iface_.set(slot.canonical);
      res_.canonical_[index(in_.objects[o].raw(i)) - res_.first_def_] = slot.canonical;
    });
    return keep_names(table.slots());
  }

  // Static slots and unnamed definitions stand for themselves; all unnamed references are one symbol (cmd/link
  // loader/loader.go loadObjRefs, Go 1.26).
  void keep_own() {
    uint32_t unnamed = 0;
    for (uint32_t o = 0; o < in_.objects.size(); o++) {
      const Object& object = in_.objects[o];
      uint32_t first = object.view.def_count() - object.view.nameddef_count();
      uint32_t count = object.view.nameddef_count() + object.view.namedref_count();
      for (uint32_t i = 0; i < count; i++) {
        if (!(hashes_[named_start_[o] + i] == NameHash{})) continue;
        uint32_t raw = index(object.raw(first + i)), canonical = raw;
        if (raw >= res_.first_ref_ && object.view.abi(first + i) != kAbiStatic) {
          if (unnamed == 0) unnamed = raw;
          canonical = unnamed;
        }
        res_.canonical_[raw - res_.first_def_] = canonical;
      }
    }
  }

  // The table that later passes look names up in.
  static base::Column<Resolution::NameEntry> keep_names(const base::Column<JoinSlot>& slots) {
    auto count = std::count_if(slots.begin(), slots.end(), [](const JoinSlot& s) { return s.canonical != 0; });
    base::Column<Resolution::NameEntry> names(table_size(static_cast<uint64_t>(count)));
    base::touch(names);
    uint64_t mask = names.size() - 1;
    for (const JoinSlot& s : slots) {
      if (s.canonical == 0) continue;
      uint64_t i = s.hash.lo & mask;
      while (names[i].canonical) i = (i + 1) & mask;
      names[i] = {static_cast<uint32_t>(s.hash.hi), s.canonical};
    }
    return names;
  }

  void start(JoinSlot& slot, uint32_t o, uint32_t i) {
    const ObjectView& view = in_.objects[o].view;
    slot.canonical = index(in_.objects[o].raw(i));
    slot.shape = shape_of(view, i);
    if (view.flags(i) & SymFlags::kUsedInIface) res_.used_in_iface_.set(slot.canonical);
  }

  // A second definition of a name. "BSS" is data without bytes.
  //   new dupok:  it wins only if larger          old dupok: it stays
  //   text or bytes against BSS: they win, with the larger size
  //   BSS against BSS: the larger wins            else: an error
  void join_definition(JoinSlot& slot, Slot n, unsigned worker) {
    const ObjectView& nv = in_.objects[n.object].view;
    uint16_t flags = nv.flags(n.local);
    if (flags & SymFlags::kUsedInIface) res_.used_in_iface_.set(slot.canonical);
    uint32_t shape = shape_of(nv, n.local);
    if ((flags & SymFlags::kDupok) && shape == slot.shape && shape != kUncommon) return;
    Override& known = override_of(slot, worker);
    Slot o = in_.slot(known.content);
    const ObjectView& ov = in_.objects[o.object].view;
    RawId raw = in_.objects[n.object].raw(n.local);
    uint32_t size = nv.size(n.local), old_size = ov.size(o.local);
    auto take_new = [&] { known.content = raw, known.size = std::max(size, known.size); };
    if (flags & SymFlags::kDupok) {
      if (old_size < size) take_new();
    } else if (!(ov.flags(o.local) & SymFlags::kDupok)) {
      SymKind kind = nv.kind(n.local), old_kind = ov.kind(o.local);
      bool bytes = nv.data_size(n.local) != 0, old_bytes = ov.data_size(o.local) != 0;
      bool bss = objfmt::is_data(kind) && !bytes, old_bss = objfmt::is_data(old_kind) && !old_bytes;
      if (old_bss && (objfmt::is_text(kind) || bytes || (bss && size > old_size))) {
        take_new();
      } else if (bss) {
        known.size = std::max(size, known.size);
      } else {
        report_duplicate(n, o, index(raw));
      }
    }
    add_properties(known, nv, n.local);
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
  std::vector<SlotTable<JoinSlot>> tables_;  // by worker
  base::Column<NameHash> hashes_;       // of named slots, object by object; zero: no name to be found by
  std::vector<uint64_t> named_start_;   // where an object's begin
  std::vector<std::vector<std::pair<NameHash, uint32_t>>> candidates_;  // by object: package definitions' local indices
  base::Bitmap mentioned_;        // some bits of the hashes of named slots
  unsigned mentioned_shift_ = 0;  // which
  std::vector<absl::flat_hash_map<uint32_t, Override>> changed_;  // by worker, disjoint
  std::vector<uint32_t> linkname_slots_;  // RawIds of definitions without bytes, then references
};

RawId Resolution::lookup_mentioned(std::string_view name, uint32_t version, const NameHash& hash) const {
  if (names_.empty()) return RawId::kNil;
  const base::Column<NameEntry>& names = names_[owner(hash.hi, static_cast<unsigned>(names_.size()))];
  uint64_t mask = names.size() - 1;
  for (uint64_t i = hash.lo & mask; names[i].canonical; i = (i + 1) & mask) {
    if (names[i].tag != static_cast<uint32_t>(hash.hi)) continue;
    Slot s = in_->slot(static_cast<RawId>(names[i].canonical));
    const ObjectView& view = in_->objects[s.object].view;
    if (view.abi(s.local) == version && view.name(s.local) == name) return static_cast<RawId>(names[i].canonical);
  }
  return RawId::kNil;
}

// Package definitions that no named slot mentions have no entry: they are looked for in the objects of
// the package that their name begins with (behind "type:" and the like), the last one first.
RawId Resolution::lookup(std::string_view name, uint32_t version) const {
  if (RawId raw = lookup_mentioned(name, version); raw != RawId::kNil) return raw;
  std::string_view package = name;
  if (size_t colon = package.find(':'); colon != std::string_view::npos) package.remove_prefix(colon + 1);
  while (!package.empty() && package[0] == '*') package.remove_prefix(1);
  size_t bracket = package.find('[');
  size_t slash = package.substr(0, bracket).rfind('/');
  size_t dot = package.find('.', slash == std::string_view::npos ? 0 : slash);
  package = package.substr(0, dot);
  for (size_t l = in_->libraries.size(); l-- > 0;) {
    const Library& lib = in_->libraries[l];
    if (lib.object_count == 0 || lib.prefix != package) continue;
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

Resolution resolve_symbols(Services& sv, Inputs& in) { return Resolver(sv, in).run(); }

}  // namespace dovetail::loader
