// Everything that is read: libraries in load order, their objects, the import graph.
//
// Load order follows cmd/link (ld/lib.go loadlib; parity.md of the docs, "Inputs"):
// the main package, then breadth first what each library imports, then runtime. It fixes
// the order keys. `postorder` (depth-first over imports) fixes the order of text and DWARF.
// Invariant: frozen after load_inputs; objects of one library are consecutive.
#pragma once

#include <algorithm>
#include <array>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "base/file.h"
#include "loader/ids.h"
#include "loader/services.h"
#include "objfmt/dense/asked.h"
#include "objfmt/any_view.h"
#include "objfmt/resource_object.h"

namespace dovetail::loader {

using ObjectView = objfmt::AnyView;

struct Library {
  std::string path;     // import path; "main" for the program
  std::string prefix;   // the same as symbol names spell it
  std::string file;
  std::string source;   // who asked for it first: file text for diagnostics
  uint64_t fingerprint = 0;
  uint32_t first_object = 0, object_count = 0;
  std::vector<uint32_t> imports;  // libraries, in the order of the objects' import tables
};

// One Go object: an archive member. Also cmd/link's compilation unit.
struct Object {
  ObjectView view;
  uint32_t library = 0;
  std::string member;               // name in the archive
  uint32_t first_pkgdef = 0;        // RawId of the first package definition
  uint32_t first_def = 0;           // RawId of the first content-addressed or named definition
  uint32_t first_ref = 0;           // RawId of the first named reference
  // By the number of a referenced package: its definitions (of resolve_symbols).
  struct Definitions {
    uint32_t first_raw = 0, count = 0;
  };
  std::vector<Definitions> packages;

  // RawId of a local index.
  RawId raw(uint32_t local) const {
    uint32_t pkgdefs = view.pkgdef_count(), defs = view.def_count();
    if (local < pkgdefs) return static_cast<RawId>(first_pkgdef + local);
    if (local < defs) return static_cast<RawId>(first_def + (local - pkgdefs));
    return static_cast<RawId>(first_ref + (local - defs));
  }
  // Its RawIds: package definitions, other definitions, references.
  struct RawRange {
    uint32_t first, count;
  };
  std::array<RawRange, 3> raw_ranges() const {
    uint32_t pkgdefs = view.pkgdef_count();
    return {{{first_pkgdef, pkgdefs}, {first_def, view.def_count() - pkgdefs}, {first_ref, view.namedref_count()}}};
  }
};

struct CgoDirective {  // of the pragma block: verb and arguments
  uint32_t library;
  std::vector<std::string> words;
};

// Finds the object of a RawId among those of one pass: a first guess for every 256 ids, and a few steps.
class ObjectIndex {
 public:
  void add(uint32_t first) { starts_.push_back(first); }
  // REQUIRES: all objects are added; `end` is the first RawId behind them.
  void finish(uint32_t end);
  uint32_t find(uint32_t raw) const {
    uint32_t o = guess_[(raw - starts_[0]) >> kShift];
    while (starts_[o + 1] <= raw) o++;
    return o;
  }
  uint32_t start(uint32_t o) const { return starts_[o]; }

 private:
  static constexpr unsigned kShift = 8;
  std::vector<uint32_t> starts_, guess_;
};

struct Inputs {
  std::vector<Library> libraries;    // in load order
  std::vector<uint32_t> postorder;   // libraries
  std::vector<Object> objects;       // in load order
  std::vector<uint32_t> batches;     // of neighbouring objects: batch b is [batches[b], batches[b + 1])
  std::vector<CgoDirective> cgo_directives;
  std::vector<objfmt::ResourceSection> resources;  // of the one resource object
  base::AddressSpace space;
  std::deque<base::MappedFile> files;
  uint64_t mapped_bytes = 0;
  uint64_t goobj_bytes = 0;          // of the same inputs as goobj, nearly: what memory use is measured against
  std::string header_line;           // "go object linux amd64 go1.26.8 ...", of the first object
  uint32_t raw_count = 1;            // RawIds are below this; 0 is nil
  uint32_t first_def_raw = 1;        // where each of the three passes begins
  uint32_t first_ref_raw = 1;
  std::array<ObjectIndex, 3> by_pass;

  const Library& library_of(uint32_t object) const { return libraries[objects[object].library]; }
  // The object of a RawId, and the slot. REQUIRES: not nil, below raw_count.
  uint32_t object_of(RawId raw) const { return pass_of(raw).find(index(raw)); }
  Slot slot(RawId id) const {
    uint32_t raw = index(id), pass = (raw >= first_def_raw) + (raw >= first_ref_raw);
    uint32_t o = by_pass[pass].find(raw);
    const ObjectView& view = objects[o].view;
    return {o, raw - by_pass[pass].start(o) + (pass == 0 ? 0 : pass == 1 ? view.pkgdef_count() : view.def_count())};
  }
  // Pages of inputs are given back when more than the budget is resident, of inputs and of everything else; they are
  // read again when needed. What has been touched counts as ours until then, but touching it again costs 4 microseconds
  // for 16 pages (docs/design.md, "Memory"). Passes go over the batches in one order; so of pages that are all read in
  // each pass, those are given back that have just been read, or else the last ones of the order: what stays is what
  // the next pass begins with.
  void trim() const;
  void trim(std::span<uint32_t> read, uint64_t more) const;  // objects, just read; sorts them; `more`: than the budget
  // In the middle of one object: what has been read of it, if it alone is as large as a batch may be.
  void trim_within(uint32_t object, uint64_t more = 0) const;
  // Between loops, by all threads. A pass that will need much memory at once says how much.
  void trim(base::ThreadPool& threads, uint64_t headroom = 0) const;
  // While inputs are loaded: the objects from `first` on, which came last.
  void trim_from(base::ThreadPool& threads, uint32_t first) const;
  // Calls f(object) for each, neighbours on one thread, and gives back what has been read, many at a time.
  void for_objects(base::ThreadPool& threads, absl::FunctionRef<void(uint32_t)> f) const;
  // The same by batches, for what keeps something per batch or per thread: f(worker, batch).
  void for_batches(base::ThreadPool& threads, absl::FunctionRef<void(unsigned, uint64_t)> f) const;
  // REQUIRES: all objects are there; once.
  void make_batches(const base::ThreadPool& threads);

 private:
  static constexpr uint64_t kLeastBudget = uint64_t{64} << 20;
  // `headroom` below zero: beyond the budget by so much.
  bool over_budget(int64_t headroom = 0) const {
    uint64_t budget = std::max(kLeastBudget, goobj_bytes / 100 * 36);
    if (objfmt::dense::kCountBlocks) return false;  // what has been touched is to be seen
    return mapped_bytes > budget && static_cast<int64_t>(base::resident_memory().all()) + headroom > static_cast<int64_t>(budget);
  }
  void drop(uint32_t begin, uint32_t end) const;
  void drop_batch(uint32_t batch) const { drop(batches[batch], batches[batch + 1]); }

  std::vector<uint32_t> batch_order_;  // the largest first: one object may be a thirtieth of all bytes
  mutable uint64_t trimmed_ = 0;       // batches, by trim(); changed atomically
  const ObjectIndex& pass_of(RawId raw) const {
    return by_pass[(index(raw) >= first_def_raw) + (index(raw) >= first_ref_raw)];
  }
};

// Reports objects of which a name could not be read when it was asked for (dense ones: names are not checked before).
void check_names(Services& sv, const Inputs& in);

// Maps, parses and orders. Reports to sv.diag; the result is complete only if nothing failed.
Inputs load_inputs(Services& sv);

}  // namespace dovetail::loader
