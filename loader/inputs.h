// Everything that is read: libraries in load order, their objects, the import graph.
//
// Load order follows cmd/link (ld/lib.go loadlib; parity.md of the docs, "Inputs"):
// the main package, then breadth first what each library imports, then runtime. It fixes
// the order keys. `postorder` (depth-first over imports) fixes the order of text and DWARF.
// Invariant: frozen after load_inputs; objects of one library are consecutive.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "loader/ids.h"
#include "loader/services.h"
#include "objfmt/goobj/view.h"

namespace dovetail::loader {

using ObjectView = objfmt::goobj::View;

struct Library {
  std::string path;     // import path; "main" for the program
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
  std::vector<uint32_t> packages;   // referenced package number -> object (of resolve_symbols)

  // RawId of a local index.
  RawId raw(uint32_t local) const {
    uint32_t pkgdefs = view.pkgdef_count(), defs = view.def_count();
    if (local < pkgdefs) return static_cast<RawId>(first_pkgdef + local);
    if (local < defs) return static_cast<RawId>(first_def + (local - pkgdefs));
    return static_cast<RawId>(first_ref + (local - defs));
  }
};

struct CgoDirective {  // of the pragma block: verb and arguments
  uint32_t library;
  std::vector<std::string> words;
};

struct Inputs {
  std::vector<Library> libraries;    // in load order
  std::vector<uint32_t> postorder;   // libraries
  std::vector<Object> objects;       // in load order
  std::vector<CgoDirective> cgo_directives;
  std::deque<base::MappedFile> files;
  uint64_t mapped_bytes = 0;
  std::string header_line;           // "go object linux amd64 go1.26.8 ...", of the first object
  uint32_t raw_count = 1;            // RawIds are below this; 0 is nil
  uint32_t first_def_raw = 1;        // where each of the three passes begins
  uint32_t first_ref_raw = 1;

  const Library& library_of(uint32_t object) const { return libraries[objects[object].library]; }
  // The slot of a RawId. REQUIRES: not nil, below raw_count. Logarithmic in the number of objects.
  Slot slot(RawId raw) const;
  // Gives pages of inputs back; they are read again when needed. Between phases, or when a pass is through with an
  // object: what has been touched counts as ours until then. For small links it is not worth the time.
  void drop_object(uint32_t o) const {
    if (mapped_bytes > kDropAbove) base::MappedFile::drop(objects[o].view.bytes());
  }
  void drop_pages() const {
    if (mapped_bytes <= kDropAbove) return;
    for (const base::MappedFile& file : files) base::MappedFile::drop(file.bytes());
  }
  void drop_pages(base::ThreadPool& threads) const {
    if (mapped_bytes <= kDropAbove) return;
    threads.for_ranges(files.size(), 16, [&](uint64_t begin, uint64_t end) {
      for (uint64_t i = begin; i < end; i++) base::MappedFile::drop(files[i].bytes());
    });
  }
  static constexpr uint64_t kDropAbove = uint64_t{64} << 20;
};

// Maps, parses and orders. Reports to sv.diag; the result is complete only if nothing failed.
Inputs load_inputs(Services& sv);

}  // namespace dovetail::loader
