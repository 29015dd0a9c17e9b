// The seam between what a Go program needs and what a file format needs.
//
// One object per link. The passes of linker/link.cc call it in the order below and ask nothing else about the
// format; facts that are mere numbers are in loader::Platform. Addresses, sections and segments are the image's
// (linker/image.h); what stands in the file beside them is the format's own: headers, notes, the symbol table, what
// the system's loader reads, a signature.
#pragma once

#include <memory>
#include <span>

#include "base/file.h"
#include "linker/address_scan.h"
#include "linker/arch/cpu.h"
#include "linker/cgo_directives.h"
#include "linker/place_data.h"
#include "loader/emit_job.h"

namespace dovetail::linker {

// What a link has when its format is chosen; all of it outlives the format and fills up on the way.
struct FormatInputs {
  Services& sv;
  const Cpu& cpu;
  Program& program;
  Image& image;
  const CgoDirectives& cgo;
};

class Format {
 public:
  virtual ~Format() = default;

  // Symbols of the format that come before those that the runtime is set up with: cmd/link ld/lib.go linksetup.
  virtual void define_setup_symbols() {}
  // Symbols of the format, before code is placed: cmd/link ld/main.go doelf, domacho, dope.
  virtual void define_symbols() {}
  // Objects once each, on any thread, while code is placed and data is not.
  virtual void scan_object(uint32_t) {}
  // Tables that follow from code. `functions`: in the order in which they were before FIPS code was gathered.
  virtual void plan_unwind(std::span<const SymId>) {}
  // What the system's loader is to fill in or to look up: tables of imports, relocations that are left to it.
  // `text`: functions in the order in which they are laid out. REQUIRES: every other symbol has its final kind.
  // Makes symbols that are data like any other. cmd/link ld/data.go dynreloc.
  virtual void plan_dynamic(std::span<const SymId> text) = 0;
  // Of an image that may be moved: `scan` has the addresses that the system's loader shall adjust. `buckets`: where the
  // data will be, not yet sorted.
  virtual void plan_addresses(const DataBuckets&, const AddressScan&) {}
  // The scan shall keep where in their symbols these addresses are.
  virtual bool keep_address_offsets() const { return false; }
  // Thread-local data stands in a section.
  virtual bool thread_local_section() const { return false; }
  // Data are sorted, not yet placed.
  virtual void arrange(DataBuckets*) const {}
  // Addresses may stand in code.
  virtual bool addresses_in_code() const { return true; }
  // Code that loads the offset of thread-local data from a table is rewritten to have it as a constant.
  virtual bool local_thread_data() const { return false; }
  // Turns a relocation of a symbol of kind `from` against an imported symbol into one against what was made for it;
  // `bytes`, the symbol's, may have to change for it. False: it stays as it is, and cannot be applied. Called by many
  // threads.
  virtual bool redirect(SymKind, base::MutableBytes, loader::LinkReloc*) const { return false; }

  // Symbols in segments have addresses: gives those their own that are parts of others.
  virtual void place_symbols() {}
  // Bytes that are made in place when every address is known.
  virtual void add_jobs(loader::EmitJobs*) const {}
  // How the native symbol table differs from ELF's.
  virtual SymtabRules symtab_rules() const { return {}; }
  // With -s too there is a symbol table, of what is imported and exported.
  virtual bool keeps_dynamic_symbols() const { return false; }
  // The native symbol table: its size. Not called with -s unless keeps_dynamic_symbols, and then names are not known.
  virtual void plan_symbols(const NativeSymbolInputs& symbols) = 0;
  // What is wrong with the entry symbol is said twice.
  virtual bool asks_entry_twice() const { return false; }
  // Everything about the file is decided: its size. REQUIRES: `image` is final, debug sections included.
  virtual uint64_t plan_file(uint64_t entry) = 0;
  // Bytes, each once. Symbols in parallel, and beside the writing of data. Called if plan_symbols was.
  virtual void write_symbols(base::Sink sink) = 0;
  virtual void write_headers(base::Sink sink) = 0;
  // All other bytes are in the file: what is computed from them.
  virtual void finish(base::OutputFile&) {}

  // For -c: bytes of the symbol table, and of the text with what stands before it.
  virtual uint64_t symtab_size() const = 0;
  virtual uint64_t text_size() const = 0;
};

std::unique_ptr<Format> make_format(const FormatInputs& inputs);

}  // namespace dovetail::linker
