// The flood, by all threads at once, object by object.
//
// Two bitmaps say what has been reached and which types may be met in an
// interface; both only grow, so the fixpoint is the same in whatever order
// symbols are visited. A third says what has been visited. An object that holds
// reached symbols which are not visited is "due". Threads go round all objects,
// importers before what they import, take the next that is due and visit what is
// to be visited in it, lowest number first, until nothing in it is left: so most
// references lead forward to objects that are read later in the same round, files
// are read forward, and a symbol that is reached costs two bits, no entry in a queue.
//
// A type is visited again when it becomes "used in interface" after its first
// visit: setter and visitor each write one bitmap and then read the other,
// sequentially consistent, so at least one sees both.
//
// Methods are kept back: a reached type's methods become live once something
// calls a method of that name and signature through an interface, names it, or
// uses reflection in a way that could find any exported method. Rounds of flood
// and match alternate until nothing is added; what earlier rounds know is asked at
// once when a type is reached.
#include "loader/reach.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <thread>

#include "absl/container/flat_hash_set.h"
#include "base/per_thread.h"
#include "base/text.h"
#include "loader/type_meta.h"

namespace dovetail::loader {

using objfmt::Aux;
using objfmt::AuxKind;
using objfmt::Reloc;
using objfmt::RelocKind;
using objfmt::SymFlags;
using objfmt::dense::Target;

namespace {

constexpr uint64_t kOrder = uint64_t{4} << 40;
constexpr uint64_t kMethodsPerRange = 4096;
// Between two looks at what is resident, each a system call.
constexpr uint64_t kObjectsPerTrim = 16, kVisitsPerTrim = 4096;
// The most that the pass may have resident beyond the budget, if it is not more than a twentieth of the inputs: it comes
// back to its objects, and has no other memory that grows.
constexpr uint64_t kMoreMemory = uint64_t{32} << 20;
constexpr uint32_t kNoneDue = ~0u;

struct MethodKey {
  std::string_view name;
  uint32_t type;  // canonical RawId of the function type
  friend bool operator==(const MethodKey&, const MethodKey&) = default;
};
struct MethodKeyHash {
  size_t operator()(const MethodKey& k) const { return base::hash_name(k.name, k.type).lo; }
};

// A method of a reached type that nothing calls yet.
struct MarkableMethod {
  MethodKey key;
  RawId symbols[3];  // type, and the functions called through interface and directly
};

class Flood {
 public:
  Flood(Services& sv, const Inputs& in, Resolution& res)
      : sv_(sv), in_(in), res_(res), workers_(sv.threads.threads()), visited_(in.raw_count), due_(in.objects.size()),
        busy_(in.objects.size()), place_(in.objects.size()) {
    order_.reserve(in.objects.size());
    for (size_t l = in.postorder.size(); l-- > 0;) {
      const Library& lib = in.libraries[in.postorder[l]];
      for (uint32_t o = lib.first_object; o < lib.first_object + lib.object_count; o++) {
        place_[o] = static_cast<uint32_t>(order_.size());
        order_.push_back(o);
      }
    }
    live_.live = base::Bitmap(uint64_t{in.raw_count} + 1);  // one more, to ask for the rank of the end
    live_.used_in_iface = res.take_used_in_iface();
    live_.defers = base::Bitmap(in.raw_count);
    live_.leaves = base::Bitmap(in.raw_count);
    defer_return_ = res.lookup("runtime.deferreturn", 1);
  }

  LiveSet run(const std::vector<RawId>& roots, const NewContent& changed) {
    for (RawId root : roots) mark(root);
    for (;;) {
      flood();
      if (sv_.diag.failed()) break;
      // Mentions are marked again in each round, which adds nothing.
      if (changed.symbol != RawId::kNil && live_.live.test(index(changed.symbol))) {
        for (RawId raw : changed.mentions) mark(raw);
      }
      if (!mark_methods()) break;
    }
    if (sv_.options.prune_weak_map && !sv_.diag.failed()) prune_map_inits();
    return std::move(live_);
  }

 private:
  struct Worker {
    std::vector<MarkableMethod> methods;
    std::vector<MethodKey> called;            // through interfaces
    absl::flat_hash_set<uint64_t> noted;      // interface type and offset of each of them
    std::vector<std::string_view> named;      // by name, from generic code or MethodByName
    std::vector<Slot> initialisers;
    std::vector<uint32_t> read;               // objects, since pages were given back
    uint64_t visits = 0;
    bool knows_reflection = false;
  };

  // What nobody defines has nothing to be visited for.
  void mark(RawId raw) {
    if (raw != RawId::kNil && live_.live.set(index(raw)) && !res_.is_reference(raw)) set_due(raw);
  }
  // The target of a reference in an object. If it is content-addressed, and the object's own copy leads nowhere, so does
  // the one that counts, which often lies in an object that has been visited.
  template <class Ref>
  void mark(RawId raw, uint32_t object, Ref ref) {
    if (raw == RawId::kNil || live_.live.test(index(raw))) return;
    if (leads_nowhere(in_.objects[object].view, ref)) return mark_leaf(raw);
    mark(raw);
  }
  static bool leads_nowhere(const ObjectView& view, Target to) {
    if (to.kind != Target::kLocal) return false;
    uint32_t hashed = to.number - view.pkgdef_count();
    return hashed < view.hashed64_count() + view.hashed_count() && view.leads_nowhere(to.number);
  }
  static bool leads_nowhere(const ObjectView& view, objfmt::SymRef ref) {
    uint32_t local = view.pkgdef_count() + ref.sym;
    switch (view.space(ref)) {
      case objfmt::RefSpace::kHashed: local += view.hashed64_count(); break;
      case objfmt::RefSpace::kHashed64: break;
      default: return false;
    }
    return view.leads_nowhere(local);
  }
  // Marks a type as one that an interface may hold; if it was reached before, it is visited again.
  void use_in_interface(RawId raw) {
    if (live_.used_in_iface.set(index(raw)) && live_.live.test_seq(index(raw))) revisit(raw);
  }
  void revisit(RawId raw) {
    visited_.clear(index(raw));
    set_due(raw);
  }
  void set_due(RawId raw) { due_.set(place_[in_.object_of(raw)]); }

  // Marks a symbol that leads nowhere, so that its object need not be visited for it.
  void mark_leaf(RawId raw) {
    if (raw == RawId::kNil || live_.live.test(index(raw))) return;
    live_.leaves.set(index(raw));
    visited_.set(index(raw));
    live_.live.set(index(raw));
  }

  void flood() {
    sv_.threads.for_workers([&](unsigned w) {
      Worker& worker = workers_[w];
      uint32_t next = 0;
      for (;;) {
        if (!any_claimable()) {  // a thread that only looks writes nothing that others read
          if (active_ == 0 && !any_due()) return;  // whoever is active now has taken what was left
          std::this_thread::yield();
          continue;
        }
        active_++;
        uint32_t at = claim(next);
        if (at != kNoneDue) {
          visit_object(order_[at], worker);
          busy_.clear(at);
          worker.read.push_back(order_[at]);
          if (at < next || worker.read.size() == kObjectsPerTrim) {
            // Of pages that are read round and round, the ones to give up are those that were read last.
            in_.trim(worker.read, more_memory());
            worker.read.clear();
          }
          if (at < next) mark_reflected(worker);
          next = at + 1;
        }
        active_--;
      }
    });
  }

  uint64_t more_memory() const { return std::min(kMoreMemory, in_.goobj_bytes / 20); }

  bool any_due() const {
    for (uint64_t w = 0; w < due_.word_count(); w++) {
      if (due_.word_seq(w) != 0) return true;
    }
    return false;
  }

  bool any_claimable() const {
    for (uint64_t w = 0; w < due_.word_count(); w++) {
      if ((due_.word_seq(w) & ~busy_.word_seq(w)) != 0) return true;
    }
    return false;
  }

  // The first place in the order from `next` on, round the end, whose object is due and has nobody busy with it; it is
  // busy then.
  uint32_t claim(uint32_t next) {
    uint64_t words = due_.word_count(), first = next / 64;
    for (uint64_t k = 0; k <= words; k++) {
      uint64_t w = (first + k) % words;
      uint64_t bits = due_.word_seq(w) & ~busy_.word_seq(w);
      if (k == 0) bits &= ~uint64_t{0} << (next % 64);
      for (; bits != 0; bits &= bits - 1) {
        auto at = static_cast<uint32_t>(w * 64 + static_cast<uint64_t>(std::countr_zero(bits)));
        if (busy_.set(at)) return at;
      }
    }
    return kNoneDue;
  }

  void visit_object(uint32_t o, Worker& worker) {
    const Object& object = in_.objects[o];
    uint32_t pkgdefs = object.view.pkgdef_count(), defs = object.view.def_count();
    // The bit goes first: what is reached from now on sets it again.
    while (due_.test_seq(place_[o])) {
      due_.clear(place_[o]);
      visit_range(o, object.first_pkgdef, object.first_pkgdef + pkgdefs, 0, worker);
      visit_range(o, object.first_def, object.first_def + (defs - pkgdefs), pkgdefs, worker);
    }
  }

  // Visits what has been reached among the RawIds of [first, end), of which the first has the local index `local`.
  void visit_range(uint32_t o, uint32_t first, uint32_t end, uint32_t local, Worker& worker) {
    for (uint32_t at = first; at < end;) {
      uint64_t word = at / 64, pending = live_.live.word_seq(word) & ~visited_.word_seq(word);
      pending &= ~uint64_t{0} << (at % 64);
      if (pending == 0) {
        at = static_cast<uint32_t>((word + 1) * 64);
        continue;
      }
      at = static_cast<uint32_t>(word * 64) + static_cast<uint32_t>(std::countr_zero(pending));
      if (at >= end) return;
      visited_.set(at);
      visit(static_cast<RawId>(at), {o, local + (at - first)}, worker);
      if (++worker.visits % kVisitsPerTrim == 0) in_.trim_within(o, more_memory());
      at++;
    }
  }

  void malformed_record(Slot s) {
    const Object& o = in_.objects[s.object];
    sv_.diag.exit(kOrder + index(o.raw(s.local)),
                  base::concat(in_.libraries[o.library].file, "(", o.member, "): malformed object: symbol ", s.local,
                               ": name, kind or alignment out of bounds"));
  }
  void malformed(Slot s, std::string_view what, uint32_t i) {
    const Object& o = in_.objects[s.object];
    sv_.diag.exit(kOrder + index(o.raw(s.local)),
                  base::concat(in_.libraries[o.library].file, "(", o.member, "): malformed object: symbol ", s.local, " (",
                               o.view.name(s.local), "): ", what, " ", i, ": out of range"));
  }

  // Canonical target of a reference; reports one that names nothing.
  RawId target(Slot s, Target to, std::string_view what, uint32_t i) {
    bool bad = false;
    RawId raw = res_.resolve(in_, s.object, to, &bad);
    if (bad) report_target(s, in_.objects[s.object].view.dense().ref(to), what, i);
    return raw;
  }
  RawId target(Slot s, objfmt::SymRef ref, std::string_view what, uint32_t i) {
    bool bad = false;
    RawId raw = res_.resolve(in_, s.object, ref, &bad);
    if (bad) report_target(s, ref, what, i);
    return raw;
  }
  [[gnu::noinline]] void report_target(Slot s, objfmt::SymRef ref, std::string_view what, uint32_t i) {
    const Release& release = *sv_.options.release;
    if (in_.objects[s.object].view.space(ref) != objfmt::RefSpace::kBuiltin || ref.sym >= release.builtins.size()) {
      return malformed(s, what, i);
    }
    sv_.diag.fatal(kOrder, base::concat("reference to undefined builtin \"", release.builtins[ref.sym].name,
                                        "\" from package \"", in_.library_of(s.object).path, "\""));
  }

  void visit(RawId raw, Slot s, Worker& worker) {
    if (const Override* o = res_.override_of(raw)) s = in_.slot(o->content);
    const ObjectView& view = in_.objects[s.object].view;
    if (!view.record_ok(s.local)) return malformed_record(s);
    // Of a dense object the range of data is asked for when what is live is numbered.
    if (!view.is_dense() && !view.ranges_ok(s.local)) return malformed(s, "index ranges of symbol", s.local);
    uint16_t flags = view.flags(s.local);
    if (flags & SymFlags::kReflectMethod) reflect_seen_.store(true, std::memory_order_relaxed);
    bool is_type = flags & SymFlags::kGotype;
    bool in_interface = is_type && live_.used_in_iface.test_seq(index(raw));
    bool has_methods = false;
    if (view.is_dense()) {
      has_methods = visit_edges(s, view.dense(), in_interface, worker);
      visit_aux(s, view.dense().auxs(s.local), flags, worker);
    } else {
      has_methods = visit_relocs(s, view, in_interface, worker);
      visit_aux(s, view.auxs(s.local), flags, worker);
    }
    if (has_methods) collect_methods(s, view, worker);
  }

  // Whether there are methods that may be called through an interface.
  bool visit_relocs(Slot s, const ObjectView& view, bool in_interface, Worker& worker) {
    auto relocs = view.relocs(s.local);
    bool has_methods = false;
    uint32_t i = 0;
    for (auto it = relocs.begin(); it != relocs.end(); ++it, i++) {
      Reloc r = *it;
      if (r.weak) continue;
      switch (r.kind) {
        case RelocKind::kMethodOff:
          has_methods = in_interface;
          for (int more = 0; more < 2; more++, i++) {
            ++it;
            if (!(it != relocs.end())) return malformed(s, "relocation (want three in a row)", i), false;
          }
          break;
        case RelocKind::kUseIfaceMethod:
          note_interface_method(s, target(s, r.target, "relocation", i), r.addend, i, worker);
          break;
        default:
          follow(s, r.kind, r.target, i, in_interface, worker);
      }
    }
    if (!relocs.ok()) malformed(s, "relocation", i);
    return has_methods;
  }

  // The same from the edges of a dense object.
  bool visit_edges(Slot s, const objfmt::dense::View& view, bool in_interface, Worker& worker) {
    bool has_methods = false;
    uint32_t i = 0;
    objfmt::dense::EdgeDecoder e = view.edges(s.local);
    for (; !e.done(); e.advance(), i++) {
      if (e.kind() & objfmt::kWeakRelocBit) continue;
      switch (auto kind = static_cast<RelocKind>(e.kind())) {
        case RelocKind::kMethodOff:
          has_methods = in_interface;
          break;
        case RelocKind::kUseIfaceMethod:
          note_interface_method(s, target(s, e.target(), "edge", i), e.addend(), i, worker);
          break;
        default:
          follow(s, kind, e.target(), i, in_interface, worker);
      }
    }
    if (!e.ok()) malformed(s, "edge", i);
    return has_methods;
  }

  // What a relocation keeps alive that is neither weak nor of a method.
  template <class Ref>
  [[gnu::always_inline]] void follow(Slot s, RelocKind kind, Ref ref, uint32_t i, bool in_interface, Worker& worker) {
    if (kind == RelocKind::kUseType || kind == RelocKind::kInitOrder) return;
    RawId to = target(s, ref, "relocation", i);
    if (kind == RelocKind::kUseIface) {
      if (to != RawId::kNil) use_in_interface(type_of(to));
      return;
    }
    if (kind == RelocKind::kUseNamedMethod) return worker.named.push_back(base::as_text(data_of(to)));
    if (to == RawId::kNil) return;
    if (to == defer_return_) live_.defers.set(index(in_.objects[s.object].raw(s.local)));
    if (in_interface && is_gotype(to)) {
      // Reflection finds a type's parts, so they may be met in an interface too.
      if (live_.used_in_iface.set(index(to))) {
        live_.live.set(index(to));
        return revisit(to);
      }
    }
    mark(to, s.object, ref);
  }

  void visit_aux(Slot s, ObjectView::Auxs auxs, uint16_t flags, Worker& worker) {
    uint32_t count = 0;
    for (Aux a : auxs) follow_aux(s, a.kind, a.target, count++);
    end_aux(s, auxs.ok(), count, flags, worker);
  }
  void visit_aux(Slot s, objfmt::dense::AuxDecoder auxs, uint16_t flags, Worker& worker) {
    uint32_t count = 0;
    for (; !auxs.done(); auxs.advance()) follow_aux(s, auxs.kind(), auxs.target(), count++);
    end_aux(s, auxs.ok(), count, flags, worker);
  }
  template <class Ref>
  [[gnu::always_inline]] void follow_aux(Slot s, AuxKind kind, Ref ref, uint32_t i) {
    if (kind == AuxKind::kGotype) return;
    if (sv_.options.no_dwarf && kind >= AuxKind::kDwarfInfo && kind <= AuxKind::kDwarfLines) return;
    RawId to = target(s, ref, "auxiliary symbol", i);
    if (is_leaf(kind)) {
      mark_leaf(to);
    } else {
      mark(to, s.object, ref);
    }
  }
  void end_aux(Slot s, bool ok, uint32_t count, uint16_t flags, Worker& worker) {
    if (!ok) return malformed(s, "auxiliary symbol behind", count);
    if (count != 0 && (flags & SymFlags::kPkgInit)) worker.initialisers.push_back(s);
  }

  // Metadata and pc tables have neither relocations nor auxiliary symbols (cmd/internal/obj/pcln.go, Go 1.26).
  static bool is_leaf(AuxKind kind) {
    return kind == AuxKind::kFuncInfo || (kind >= AuxKind::kPcsp && kind <= AuxKind::kPcdata);
  }

  bool is_gotype(RawId raw) const { return res_.is_gotype(raw); }
  // An itab stands for its type.
  RawId type_of(RawId raw) const {
    if (res_.is_reference(raw)) return raw;
    Slot s = res_.content(in_, raw);
    const ObjectView& view = in_.objects[s.object].view;
    if (!(view.flags(s.local) & SymFlags::kItab)) return raw;
    RawId type = res_.resolve(in_, s.object, itab_type(view, s.local));
    return type == RawId::kNil ? raw : type;
  }
  base::Bytes data_of(RawId raw) const {
    if (raw == RawId::kNil) return {};
    Slot s = res_.content(in_, raw);
    return in_.objects[s.object].view.data(s.local);
  }

  // A method of an interface type, by the offset of its entry there, that is called.
  void note_interface_method(Slot from, RawId interface, int64_t offset, uint32_t i, Worker& worker) {
    if (interface == RawId::kNil) return;
    bool small = offset == static_cast<uint32_t>(offset);
    if (small && !worker.noted.insert(uint64_t{index(interface)} << 32 | static_cast<uint32_t>(offset)).second) return;
    Slot s = res_.content(in_, interface);
    const ObjectView& view = in_.objects[s.object].view;
    if (!is_interface(view.data(s.local))) return malformed(from, "relocation (want an interface type)", i);
    MethodRefs refs = method_refs(RelocFinder(view, s.local), static_cast<uint64_t>(offset));
    RawId type = res_.resolve(in_, s.object, refs.type);
    std::optional<std::string_view> name = decode_name(data_of(res_.resolve(in_, s.object, refs.name)));
    if (!name || type == RawId::kNil) return malformed(from, "relocation (want an interface method)", i);
    worker.called.push_back({*name, index(type)});
  }

  // A reached type's methods, each marked by three R_METHODOFF relocations behind the one for its name.
  void collect_methods(Slot s, const ObjectView& view, Worker& worker) {
    std::optional<MethodTable> table = method_table(view.data(s.local), view.size(s.local));
    RelocFinder relocs(view, s.local);
    uint32_t found = 0;
    for (uint32_t i = 0; i + 2 < relocs.size(); i++) {
      if (relocs[i].kind != RelocKind::kMethodOff) continue;
      MarkableMethod m;
      for (uint32_t k = 0; k < 3; k++) m.symbols[k] = target(s, relocs[i + k].target, "relocation", i + k);
      // A method's type can be met through reflection.
      if (m.symbols[0] != RawId::kNil) use_in_interface(m.symbols[0]);
      i += 2;
      if (!table || found >= table->count) return malformed(s, "relocation (more than methods)", i);
      uint64_t entry = table->offset + uint64_t{kMethodSize} * found++;
      MethodRefs refs = method_refs(relocs, entry);
      std::optional<std::string_view> name = decode_name(data_of(res_.resolve(in_, s.object, refs.name)));
      if (!name) return malformed(s, "relocation (want a method name)", i);
      m.key = {*name, index(res_.resolve(in_, s.object, refs.type))};
      if (wanted(m.key)) {
        for (RawId raw : m.symbols) mark(raw);
      } else {
        worker.methods.push_back(m);
      }
    }
    if (table && found != table->count) malformed(s, "methods without relocations:", table->count - found);
  }

  // Once reflection has been met, exported methods that a thread has gathered before need not wait for the end of the
  // round: what they lead to is visited on the way through the objects that has just begun.
  void mark_reflected(Worker& worker) {
    if (worker.knows_reflection || !reflect_seen_.load(std::memory_order_relaxed)) return;
    worker.knows_reflection = true;
    std::erase_if(worker.methods, [&](const MarkableMethod& m) {
      if (!is_exported_name(m.key.name)) return false;
      for (RawId raw : m.symbols) mark(raw);
      return true;
    });
  }

  // By what has been matched so far.
  bool wanted(const MethodKey& key) const {
    if (reflect_seen_.load(std::memory_order_relaxed) && is_exported_name(key.name)) return true;
    return called_.contains(key) || named_.contains(key.name);
  }

  // Gathers what this round found; marks methods that something calls. False if nothing was added.
  bool mark_methods() {
    workers_.for_each([&](Worker& w) {
      called_.insert(w.called.begin(), w.called.end());
      named_.insert(w.named.begin(), w.named.end());
      waiting_.insert(waiting_.end(), w.methods.begin(), w.methods.end());
      w.called.clear(), w.named.clear(), w.methods.clear();
    });
    live_.reflect_seen = reflect_seen_;
    std::vector<uint8_t> marked(waiting_.size());
    sv_.threads.for_ranges(waiting_.size(), kMethodsPerRange, [&](uint64_t begin, uint64_t end) {
      for (uint64_t i = begin; i < end; i++) marked[i] = wanted(waiting_[i].key);
    });
    size_t kept = 0;
    for (size_t i = 0; i < waiting_.size(); i++) {
      const MarkableMethod m = waiting_[i];
      if (!marked[i]) {
        waiting_[kept++] = m;
        continue;
      }
      for (RawId raw : m.symbols) mark(raw);
    }
    waiting_.resize(kept);
    return any_due();
  }

  // Initialisers of large maps that nobody uses are functions of their own, called weakly: where such a call's
  // target is dead, it goes to runtime.mapinitnoop instead (cmd/link ld/deadcode.go mapinitcleanup, Go 1.26).
  void prune_map_inits() {
    workers_.for_each([&](const Worker& w) {
      for (Slot s : w.initialisers) {
        for (Reloc r : in_.objects[s.object].view.relocs(s.local)) {
          if (!r.weak || !r.is_direct_call()) continue;
          RawId to = res_.resolve(in_, s.object, r.target);
          if (to == RawId::kNil || live_.live.test(index(to))) continue;
          live_.pruned_initialisers.push_back(res_.canonical(in_.objects[s.object].raw(s.local)));
          break;
        }
      }
    });
    if (live_.pruned_initialisers.empty()) return;
    std::sort(live_.pruned_initialisers.begin(), live_.pruned_initialisers.end());
    // Live as it is: only its function data is numbered with it, nothing is followed.
    RawId noop = res_.lookup("runtime.mapinitnoop", 1);
    if (noop == RawId::kNil || !live_.live.set(index(noop)) || res_.is_reference(noop)) return;
    Slot s = res_.content(in_, noop);
    const ObjectView& view = in_.objects[s.object].view;
    if (!view.ranges_ok(s.local)) return malformed(s, "index ranges of symbol", s.local);
    visit_aux(s, view.auxs(s.local), 0, workers_[0]);
  }

  Services& sv_;
  const Inputs& in_;
  const Resolution& res_;
  LiveSet live_;
  RawId defer_return_ = RawId::kNil;
  base::PerThread<Worker> workers_;
  base::Bitmap visited_;           // by canonical RawId
  base::Bitmap due_, busy_;        // of objects, by place in order_
  std::vector<uint32_t> order_, place_;  // objects, importers first; the place of each
  std::atomic<bool> reflect_seen_{false};
  std::vector<MarkableMethod> waiting_;
  absl::flat_hash_set<MethodKey, MethodKeyHash> called_;
  absl::flat_hash_set<std::string_view, base::TextHash> named_;
  alignas(base::kApart) std::atomic<uint32_t> active_{0};  // threads that have an object, or look for one
};

}  // namespace

LiveSet mark_live(Services& sv, const Inputs& in, Resolution& res, const std::vector<RawId>& roots,
                  const NewContent& changed) {
  return Flood(sv, in, res).run(roots, changed);
}

}  // namespace dovetail::loader
