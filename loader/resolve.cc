// How slots are joined in parallel.
//
// Twice, for content-addressed and for named slots: one walk over the objects
// reads a slot's record once and deals it, with its key (the compiler's content
// hash, the name's hash) and what a join asks of it, to one of 64 buckets;
// then each bucket is joined by one thread, in order-key order, in a table that
// its cache holds. So each key meets its slots in the serial order, whatever the
// number of threads, and a join reads an object only where copies differ.
//
// Package definitions are found by name only if a named slot of some object has
// the same name (or the linker asks for it): 32 bits of their hashes are kept, and
// a filter of those of named slots turns nearly all of them away.
//
// An object's pages are given back as soon as a walk is through with it.
#include "loader/resolve.h"

#include <algorithm>
#include <bit>

#include "base/per_thread.h"
#include "base/text.h"
#include "loader/go_text.h"
#include "loader/key_buckets.h"
#include "loader/linkname.h"

namespace dovetail::loader {

using base::NameHash;
using objfmt::SymFlags;
using objfmt::SymKind;
using objfmt::SymbolTraits;
using objfmt::SymRef;

namespace {

// What a join asks of a slot, in one word: size, alignment and Local of a definition, or kUncommon; and two flags.
// Copies are nearly always alike; what differs goes into an Override on the side.
constexpr uint32_t kSizeBits = 24, kNoAlign = 31, kUncommon = uint32_t{30} << kSizeBits;
constexpr uint32_t kShapeLocal = 1u << 29, kShapeDupok = 1u << 30, kShapeInIface = 1u << 31;
constexpr uint32_t kCompared = kShapeDupok - 1;

constexpr uint16_t kAbiStatic = objfmt::goobj::kAbiStatic;
constexpr uint64_t kOrderDuplicate = uint64_t{1} << 40, kOrderReference = uint64_t{3} << 40;

constexpr uint32_t kAhead = 24, kRecordsAhead = 64;  // names and records that are asked for in advance

uint64_t mix(uint64_t h) {
  h ^= h >> 32;
  h *= 0x9fb21c651e98df25u;
  h ^= h >> 29;
  return h;
}

template <class View>
inline SymbolTraits traits_of(const View& view, uint32_t i) {
  if constexpr (requires { view.traits(i); }) {
    return view.traits(i);
  } else {
    return {view.kind(i), view.abi(i), view.flags(i), view.align(i), view.record_ok(i)};
  }
}

template <class View>
inline uint32_t shape_of(const View& view, uint32_t i, const SymbolTraits& t) {
  uint32_t size = view.size(i), align = objfmt::alignment_in_link(t.align), flags = t.flags;
  uint32_t shape = (flags & SymFlags::kDupok ? kShapeDupok : 0) | (flags & SymFlags::kUsedInIface ? kShapeInIface : 0);
  if (size >> kSizeBits != 0 || (align & (align - 1)) != 0) return shape | kUncommon;
  uint32_t log = align == 0 ? kNoAlign : static_cast<uint32_t>(std::countr_zero(align));
  return shape | size | log << kSizeBits | (flags & SymFlags::kLocal ? kShapeLocal : 0);
}

// Which names may be among those of named slots: two bits for each in one word.
class NameFilter {
 public:
  NameFilter() = default;
  explicit NameFilter(uint64_t slots)
      : words_(std::min(kMostWords, std::bit_ceil(std::max<uint64_t>(kBuckets, slots / kSlotsPerWord)))),
        shift_(32 - static_cast<unsigned>(std::countr_zero(words_.size()))) {
    base::touch(words_);
  }
  static uint32_t tag_of(const NameHash& hash) { return static_cast<uint32_t>(hash.hi >> 32); }
  // Names of one bucket share no word with others, so threads may set those of different buckets.
  void set(uint32_t tag) { words_[tag >> shift_] |= bits_of(tag); }
  bool test(uint32_t tag) const { return (words_[tag >> shift_] & bits_of(tag)) == bits_of(tag); }

 private:
  // One name in 1000 of the others passes where names have four slots each (measured: helm).
  static constexpr uint64_t kSlotsPerWord = 8, kMostWords = uint64_t{1} << 20;
  static uint64_t bits_of(uint32_t tag) { return uint64_t{1} << (tag & 63) | uint64_t{1} << (tag >> 6 & 63); }

  base::Column<uint64_t> words_;
  unsigned shift_ = 0;
};

}  // namespace

class Resolver {
 public:
  Resolver(Services& sv, Inputs& in) : sv_(sv), in_(in), batches_(in.batches) {}

  Resolution run() {
    res_.in_ = &in_;
    res_.packages_ = std::make_unique<PackageNames[]>(in_.libraries.size());
    res_.first_def_ = in_.first_def_raw;
    res_.first_ref_ = in_.first_ref_raw;
    res_.canonical_.resize(in_.raw_count - in_.first_def_raw);
    res_.used_in_iface_ = base::Bitmap(uint64_t{in_.raw_count} + 1);
    res_.overridden_ = base::Bitmap(in_.raw_count);
    res_.text_ = base::Bitmap(in_.first_ref_raw);
    res_.gotype_ = base::Bitmap(in_.first_ref_raw);
    changed_ = base::PerThread<Overrides>(sv_.threads.threads());
    tables_ = base::PerThread<KeyTable>(sv_.threads.threads());
    link_packages();
    if (sv_.diag.failed()) return std::move(res_);
    join_hashed();
    scan_slots();
    if (sv_.diag.failed()) return std::move(res_);
    join_names();
    in_.trim(sv_.threads);
    changed_.for_each([&](const Overrides& changed) {
      for (const auto& [canonical, o] : changed) {
        res_.overrides_.emplace(canonical, o);
        res_.overridden_.set(canonical);
      }
    });
    find_builtins();
    apply_ref_flags();
    if (sv_.options.check_linkname) check_linknames(sv_, in_, res_, linkname_slots_);
    return std::move(res_);
  }

 private:
  using Overrides = absl::flat_hash_map<uint32_t, Override>;

  // Package numbers of each object to the definitions of that package's first object.
  void link_packages() {
    absl::flat_hash_map<std::string_view, uint32_t, base::TextHash> first;
    for (const Library& lib : in_.libraries) {
      if (lib.object_count) first.emplace(lib.prefix, lib.first_object);
    }
    sv_.threads.for_ranges(in_.objects.size(), 16, [&](uint64_t begin, uint64_t end) {
      for (uint64_t number = begin; number < end; number++) {
        Object& o = in_.objects[number];
        o.packages.resize(o.view.package_count());
        for (uint32_t i = 1; i < o.packages.size(); i++) {
          auto it = first.find(o.view.package(i));
          if (it == first.end()) {
            sv_.diag.fatal(kOrderReference + number,
                           base::concat(in_.libraries[o.library].path, ": reference to nonexistent package ",
                                        o.view.package(i)));
            break;
          }
          const Object& other = in_.objects[it->second];
          o.packages[i] = {other.first_pkgdef, other.view.pkgdef_count()};
        }
      }
    });
  }

  // Where the slots of each batch begin, of those that `count` counts in an object.
  template <class Count>
  std::vector<uint64_t> batch_starts(Count&& count) const {
    std::vector<uint64_t> starts{0};
    for (size_t b = 0; b + 1 < batches_.size(); b++) {
      uint64_t sum = starts.back();
      for (uint32_t o = batches_[b]; o < batches_[b + 1]; o++) sum += count(in_.objects[o].view);
      starts.push_back(sum);
    }
    return starts;
  }

  // Content-addressed definitions. The first copy gives the order, the largest (the first of equals) the
  // content, all of them alignment and flags. Those with short hashes have buckets of their own.
  void join_hashed() {
    auto hashed = [](const ObjectView& v) { return v.hashed64_count() + v.hashed_count(); };
    buckets_.reset(batch_starts(hashed), 2 * kBuckets);
    in_.for_batches(sv_.threads, [&](unsigned, uint64_t batch) { deal_hashed(batch); });
    sv_.threads.for_each_by(2 * kBuckets, [&](unsigned worker, uint64_t bucket) {
      join_hashed(worker, static_cast<uint32_t>(bucket));
    });
  }

  void deal_hashed(uint64_t batch) {
    uint64_t* counts = buckets_.counts(batch);
    for (uint32_t o = batches_[batch]; o < batches_[batch + 1]; o++) {
      const ObjectView& view = in_.objects[o].view;
      uint32_t i = view.pkgdef_count(), end = i + view.hashed64_count();
      for (; i < end; i++) counts[kBuckets + bucket_of(mix(view.hash64(i)))]++;
      for (end += view.hashed_count(); i < end; i++) counts[bucket_of(base::load64(view.hash(i) + 8))]++;
    }
    buckets_.start(batch);
    for (uint32_t o = batches_[batch]; o < batches_[batch + 1]; o++) {
      in_.objects[o].view.visit([&](const auto& view) { deal_hashed(view, in_.objects[o].first_def, counts); });
    }
  }
  template <class View>
  void deal_hashed(const View& view, uint32_t raw, uint64_t* counts) {
    uint32_t i = view.pkgdef_count(), end = i + view.hashed64_count();
    for (; i < end; i++) {
      uint64_t h = view.hash64(i), mixed = mix(h);
      SymbolTraits t = traits_of(view, i);
      note_kind(t, raw);
      buckets_.put(counts, kBuckets + bucket_of(mixed), {{h, mixed}, raw, hashed_shape(view, i, t, raw)});
      raw++;
    }
    for (end += view.hashed_count(); i < end; i++) {
      const uint8_t* p = view.hash(i);
      view.prefetch(i + kRecordsAhead);
      NameHash h{base::load64(p + 8), base::load64(p)};
      SymbolTraits t = traits_of(view, i);
      note_kind(t, raw);
      buckets_.put(counts, bucket_of(h.hi), {h, raw, hashed_shape(view, i, t, raw)});
      raw++;
    }
  }
  // cmd/link looks at the alignment of dead ones, too.
  template <class View>
  uint32_t hashed_shape(const View& view, uint32_t i, const SymbolTraits& t, uint32_t raw) {
    uint32_t shape = shape_of(view, i, t);
    if ((shape & kUncommon) == kUncommon && !objfmt::alignment_ok(t.align)) {
      report_malformed(in_.slot(static_cast<RawId>(raw)).object, i);
    }
    return shape;
  }

  // For reach and for the order of functions, which else would read records for one bit of each.
  void note_kind(const SymbolTraits& t, uint32_t raw) {
    if (objfmt::is_text(t.kind)) res_.text_.set(raw);
    if (t.flags & SymFlags::kGotype) res_.gotype_.set(raw);
  }

  void join_hashed(unsigned worker, uint32_t bucket) {
    KeyTable& table = tables_[worker];
    table.reset(buckets_.size(bucket) / 3);
    for (uint64_t b = 0; b < buckets_.batches(); b++) {
      for (const KeyedSlot& copy : buckets_.run(b, bucket)) {
        KeyedSlot& known = table.find(copy.hash);
        uint32_t shape = copy.shape & kCompared;
        if (known.raw == 0) {
          known = {copy.hash, copy.raw, shape};
        } else if (shape != known.shape || shape == kUncommon) {
          add_copy(override_of(known, worker), copy.raw);
        }
        if (copy.shape & kShapeInIface) res_.used_in_iface_.set(known.raw);
        res_.canonical_[copy.raw - res_.first_def_] = known.raw;
      }
    }
  }

  void add_copy(Override& known, uint32_t raw) {
    Slot copy = in_.slot(static_cast<RawId>(raw));
    const ObjectView& view = in_.objects[copy.object].view;
    if (view.size(copy.local) > known.size) known.content = static_cast<RawId>(raw), known.size = view.size(copy.local);
    add_properties(known, view, copy.local);
  }

  // What is known of a key whose copies differ, begun with its first.
  Override& override_of(KeyedSlot& slot, unsigned worker) {
    slot.shape = kUncommon;
    auto [it, added] = changed_[worker].try_emplace(slot.raw);
    if (added) {
      Slot first = in_.slot(static_cast<RawId>(slot.raw));
      const ObjectView& view = in_.objects[first.object].view;
      it->second = {static_cast<RawId>(slot.raw), view.size(first.local), objfmt::alignment_in_link(view.align(first.local)),
                    (view.flags(first.local) & SymFlags::kLocal) != 0};
    }
    return it->second;
  }
  static void add_properties(Override& known, const ObjectView& view, uint32_t i) {
    known.align = std::max(known.align, objfmt::alignment_in_link(view.align(i)));
    known.local |= (view.flags(i) & SymFlags::kLocal) != 0;
  }

  // Reads every record that has a name to be found by: checks it, hashes the name, notes flags that all copies
  // share. Records of content-addressed definitions are checked when they are reached.
  void scan_slots() {
    std::vector<uint64_t> starts =
        batch_starts([](const ObjectView& v) { return v.nameddef_count() + v.namedref_count(); });
    mentioned_ = NameFilter(starts.back());
    pkgdef_tags_.resize(res_.first_def_);
    uint64_t most = 0;  // slots of a batch
    for (size_t b = 0; b + 1 < starts.size(); b++) most = std::max(most, starts[b + 1] - starts[b]);
    buckets_.reset(std::move(starts), 2 * kBuckets);
    base::PerThread<std::vector<KeyedSlot>> scratch(sv_.threads.threads());
    scratch.for_each([&](std::vector<KeyedSlot>& slots) { slots.reserve(most); });
    std::vector<NamedNotes> notes(batches_.size());
    in_.for_batches(sv_.threads, [&](unsigned worker, uint64_t b) {
      deal_named(b, scratch[worker], notes[b]);
      for (uint32_t o = batches_[b]; o < batches_[b + 1]; o++) {
        in_.objects[o].view.visit([&](const auto& view) { scan_pkgdefs(view, o); });
      }
    });
    for (const NamedNotes& n : notes) {
      linkname_slots_.insert(linkname_slots_.end(), n.linknames.begin(), n.linknames.end());
      for (uint32_t raw : n.unnamed_refs) res_.canonical_[raw - res_.first_def_] = unnamed_ref(raw);
    }
    // Definitions are checked before references, each in order.
    std::sort(linkname_slots_.begin(), linkname_slots_.end());
  }

  struct NamedNotes {
    std::vector<uint32_t> linknames, unnamed_refs;  // RawIds
  };

  // All unnamed references are one symbol, the first of them.
  uint32_t unnamed_ref(uint32_t raw) {
    if (first_unnamed_ == 0) first_unnamed_ = raw;
    return first_unnamed_;
  }

  bool well_formed(const SymbolTraits& t, uint32_t o, uint32_t i) {
    if (t.ok && (t.abi <= 1 || t.abi == kAbiStatic)) return true;
    return report_malformed(o, i), false;
  }
  [[gnu::noinline]] void report_malformed(uint32_t o, uint32_t i) {
    const Object& object = in_.objects[o];
    uint64_t order = uint64_t{o} << 32 | i;
    if (object.view.record_ok(i)) {
      return sv_.diag.fatal(order, base::concat("invalid symbol ABI: ", object.view.abi(i)));
    }
    sv_.diag.exit(order, base::concat(in_.libraries[object.library].file, "(", object.member,
                                      "): malformed object: symbol ", i, ": name, kind or alignment out of bounds"));
  }
  template <class View>
  static bool has_key(const View& view, uint32_t i, const SymbolTraits& t) {
    return t.abi != kAbiStatic && view.has_name(i);
  }

  void deal_named(uint64_t batch, std::vector<KeyedSlot>& scratch, NamedNotes& notes) {
    scratch.clear();
    for (uint32_t o = batches_[batch]; o < batches_[batch + 1]; o++) {
      in_.objects[o].view.visit([&](const auto& view) { scan_named(view, o, scratch, notes); });
    }
    uint64_t* counts = buckets_.counts(batch);
    for (const KeyedSlot& slot : scratch) counts[named_bucket(slot)]++;
    buckets_.start(batch);
    for (const KeyedSlot& slot : scratch) buckets_.put(counts, named_bucket(slot), slot);
  }
  // Definitions are joined before references.
  uint32_t named_bucket(const KeyedSlot& slot) const {
    return bucket_of(slot.hash.hi) + (slot.raw >= res_.first_ref_ ? kBuckets : 0);
  }

  template <class View>
  void scan_named(const View& view, uint32_t o, std::vector<KeyedSlot>& slots, NamedNotes& notes) {
    const Object& object = in_.objects[o];
    uint32_t end = view.symbol_count();
    for (uint32_t i = view.def_count() - view.nameddef_count(); i < end; i++) {
      view.prefetch(i + kRecordsAhead);
      SymbolTraits t = traits_of(view, i);
      if (!well_formed(t, o, i)) return;
      uint32_t raw = index(object.raw(i));
      if (i < view.def_count()) note_kind(t, raw);
      if ((t.flags & SymFlags::kLinkname) && (i >= view.def_count() || view.data_size(i) == 0)) {
        notes.linknames.push_back(raw);
      }
      if (!has_key(view, i, t)) {
        // Stands for itself, but for unnamed references (cmd/link loader/loader.go loadObjRefs, Go 1.26).
        res_.canonical_[raw - res_.first_def_] = raw;
        if (raw >= res_.first_ref_ && t.abi != kAbiStatic) notes.unnamed_refs.push_back(raw);
        continue;
      }
      if (i + kAhead < end) view.prefetch_name(i + kAhead);
      NameHash h = view.name_hash(i);
      slots.push_back({h, raw, shape_of(view, i, t)});
    }
  }

  template <class View>
  void scan_pkgdefs(const View& view, uint32_t o) {
    const Object& object = in_.objects[o];
    for (uint32_t i = 0; i < view.pkgdef_count(); i++) {
      view.prefetch(i + kRecordsAhead);
      SymbolTraits t = traits_of(view, i);
      if (!well_formed(t, o, i)) return;
      uint32_t raw = object.first_pkgdef + i;
      note_kind(t, raw);
      if (t.flags & SymFlags::kUsedInIface) res_.used_in_iface_.set(raw);
      if (!has_key(view, i, t)) continue;
      if (i + kAhead < view.pkgdef_count()) view.prefetch_name(i + kAhead);
      pkgdef_tags_[raw] = view.name_tag(i);
    }
  }

  // Package definitions that a named slot may mention, by bucket and in order.
  std::vector<std::vector<KeyedSlot>> find_mentioned() {
    sv_.threads.for_each(kBuckets, [&](uint64_t bucket) {
      for (uint64_t b = 0; b < 2 * buckets_.batches(); b++) {
        auto of = static_cast<uint32_t>(bucket) + (b % 2 ? kBuckets : 0);
        for (const KeyedSlot& slot : buckets_.run(b / 2, of)) mentioned_.set(NameFilter::tag_of(slot.hash));
      }
    });
    for (const Builtin& b : release().builtins) mentioned_.set(NameFilter::tag_of(base::hash_name(b.name, b.abi)));
    std::vector<std::vector<KeyedSlot>> found(batches_.size() - 1), mentioned(kBuckets);
    in_.for_batches(sv_.threads, [&](unsigned, uint64_t b) {
      objfmt::NameBuffer buffer;
      for (uint32_t o = batches_[b]; o < batches_[b + 1]; o++) {
        const ObjectView& view = in_.objects[o].view;
        uint32_t raw = in_.objects[o].first_pkgdef;
        for (uint32_t i = 0; i < view.pkgdef_count(); i++, raw++) {
          if (!mentioned_.test(pkgdef_tags_[raw])) continue;
          SymbolTraits t = traits_of(view, i);
          if (!has_key(view, i, t)) continue;
          found[b].push_back({base::hash_name(view.name(i, buffer), t.abi), raw, shape_of(view, i, t)});
        }
      }
    });
    for (const auto& list : found) {
      for (const KeyedSlot& slot : list) mentioned[bucket_of(slot.hash.hi)].push_back(slot);
    }
    return mentioned;
  }

  void join_names() {
    std::vector<std::vector<KeyedSlot>> mentioned = find_mentioned();
    res_.names_.resize(kBuckets);
    sv_.threads.for_each_by(kBuckets, [&](unsigned worker, uint64_t bucket) {
      res_.names_[bucket] = join_names(worker, static_cast<uint32_t>(bucket), mentioned[bucket]);
    });
    buckets_ = {};
    pkgdef_tags_ = {};
    mentioned_ = {};
    tables_ = {};
  }

  base::Column<Resolution::NameEntry> join_names(unsigned worker, uint32_t bucket,
                                                 const std::vector<KeyedSlot>& mentioned) {
    KeyTable& table = tables_[worker];
    table.reset((buckets_.size(bucket) + buckets_.size(kBuckets + bucket)) / 3);
    auto start = [&](KeyedSlot& known, const KeyedSlot& slot) {
      known = {slot.hash, slot.raw, slot.shape & kCompared};
    };
    // Of package definitions with one name the last counts: cmd/link's table is overwritten.
    for (const KeyedSlot& slot : mentioned) start(table.find(slot.hash), slot);
    auto for_slots = [&](uint32_t of, auto&& f) {
      for (uint64_t b = 0; b < buckets_.batches(); b++) {
        for (const KeyedSlot& slot : buckets_.run(b, of)) {
          KeyedSlot& known = table.find(slot.hash);
          if (known.raw == 0) {
            start(known, slot);
          } else {
            f(known, slot);
          }
          if (slot.shape & kShapeInIface) res_.used_in_iface_.set(known.raw);
          res_.canonical_[slot.raw - res_.first_def_] = known.raw;
        }
      }
    };
    for_slots(bucket, [&](KeyedSlot& known, const KeyedSlot& slot) { join_definition(known, slot, worker); });
    for_slots(kBuckets + bucket, [&](KeyedSlot& known, const KeyedSlot& slot) {
      if (is_local(slot) && !(known.shape & kShapeLocal)) override_of(known, worker).local = true;
    });
    return keep_names(table);
  }

  bool is_local(const KeyedSlot& slot) const {
    if ((slot.shape & kCompared) != kUncommon) return (slot.shape & kShapeLocal) != 0;
    Slot s = in_.slot(static_cast<RawId>(slot.raw));
    return (in_.objects[s.object].view.flags(s.local) & SymFlags::kLocal) != 0;
  }

  // The table that later passes look names up in.
  static base::Column<Resolution::NameEntry> keep_names(const KeyTable& table) {
    auto slots = table.slots();
    auto count = std::count_if(slots.begin(), slots.end(), [](const KeyedSlot& s) { return s.raw != 0; });
    base::Column<Resolution::NameEntry> names(table_size(static_cast<uint64_t>(count)));
    base::touch(names);
    uint64_t mask = names.size() - 1;
    for (const KeyedSlot& s : slots) {
      if (s.raw == 0) continue;
      uint64_t i = s.hash.lo & mask;
      while (names[i].canonical) i = (i + 1) & mask;
      names[i] = {static_cast<uint32_t>(s.hash.hi), s.raw};
    }
    return names;
  }

  // A second definition of a name. "BSS" is data without bytes.
  //   new dupok:  it wins only if larger          old dupok: it stays
  //   text or bytes against BSS: they win, with the larger size
  //   BSS against BSS: the larger wins            else: an error
  void join_definition(KeyedSlot& slot, const KeyedSlot& copy, unsigned worker) {
    uint32_t shape = copy.shape & kCompared;
    if ((copy.shape & kShapeDupok) && shape == slot.shape && shape != kUncommon) return;
    Override& known = override_of(slot, worker);
    RawId raw = static_cast<RawId>(copy.raw);
    Slot n = in_.slot(raw), o = in_.slot(known.content);
    const ObjectView& nv = in_.objects[n.object].view;
    const ObjectView& ov = in_.objects[o.object].view;
    uint32_t size = nv.size(n.local), old_size = ov.size(o.local);
    auto take_new = [&] { known.content = raw, known.size = std::max(size, known.size); };
    if (copy.shape & kShapeDupok) {
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
  const std::vector<uint32_t>& batches_;     // of objects, as walks go over them
  KeyBuckets buckets_;
  base::PerThread<KeyTable> tables_;
  base::Column<uint32_t> pkgdef_tags_;       // some bits of the hashes of package definitions' names, by RawId
  NameFilter mentioned_;                     // of the hashes of named slots
  uint32_t first_unnamed_ = 0;
  base::PerThread<Overrides> changed_;       // disjoint
  std::vector<uint32_t> linkname_slots_;  // RawIds of definitions without bytes, then references
};

RawId Resolution::lookup_mentioned(std::string_view name, uint32_t version, const NameHash& hash) const {
  if (names_.empty()) return RawId::kNil;
  const base::Column<NameEntry>& names = names_[bucket_of(hash.hi)];
  uint64_t mask = names.size() - 1;
  for (uint64_t i = hash.lo & mask; names[i].canonical; i = (i + 1) & mask) {
    auto found = static_cast<RawId>(names[i].canonical);
    if (names[i].tag == static_cast<uint32_t>(hash.hi) && is_called(in_->slot(found), name, version, hash)) return found;
  }
  return RawId::kNil;
}

// Dense objects have the hash of most names at hand.
bool Resolution::is_called(Slot s, std::string_view name, uint32_t version, const NameHash& hash) const {
  const ObjectView& view = in_->objects[s.object].view;
  if (view.abi(s.local) != version) return false;
  if (view.is_dense() && s.local >= view.def_count() - view.nameddef_count()) return view.name_hash(s.local) == hash;
  objfmt::NameBuffer buffer;
  return view.name(s.local, buffer) == name;
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
    if (RawId raw = definitions(lib, static_cast<uint32_t>(l)).find(name, version); raw != RawId::kNil) return raw;
  }
  return RawId::kNil;
}

// The names of a package's definitions; made when somebody asks, since few packages are asked for.
const PackageNames& Resolution::definitions(const Library& lib, uint32_t number) const {
  PackageNames& names = packages_[number];
  std::call_once(names.made, [&] {
    for (uint32_t o = lib.first_object; o < lib.first_object + lib.object_count; o++) {
      const Object& object = in_->objects[o];
      for (uint32_t i = 0; i < object.view.pkgdef_count(); i++) {
        uint16_t version = object.view.abi(i);
        if (version < 2) names.by_name[version].insert_or_assign(object.view.name(i), object.raw(i));
      }
    }
  });
  return names;
}

Resolution resolve_symbols(Services& sv, Inputs& in) { return Resolver(sv, in).run(); }

uint64_t bytes_to_resolve(const Inputs& in) { return uint64_t{in.raw_count} * sizeof(KeyedSlot); }

}  // namespace dovetail::loader
