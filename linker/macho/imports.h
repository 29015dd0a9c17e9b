// Symbols of libraries that a program uses: a word in .got each, which the system's loader fills in, and for functions a
// stub in .plt (__symbol_stub1) that jumps there.
//
// Both follow from one walk over the code, in the order in which functions are laid out: the first relocation against
// an imported symbol makes its word, the first call its stub. Code that takes such a symbol's address is changed to
// load it. An address of one in data is left alone: cmd/link makes no entry for it either, so it stays zero.
// cmd/link ld/macho.go domacho, MachoAddBind, ld/lib.go AddGotSym, Go 1.26.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "linker/cgo_directives.h"
#include "linker/image.h"
#include "linker/macho/macho_format.h"
#include "linker/place_text.h"

namespace dovetail::linker {

class MachoImports {
 public:
  struct Slot {
    SymId symbol;
    int32_t got = -1, stub = -1;  // offset of its word, of its stub
    std::string_view name, library;
  };

  MachoImports(Services& sv, Program& program, const CgoDirectives& cgo, const MachoMachine& machine)
      : sv_(sv), p_(program), cgo_(cgo), machine_(machine) {}

  // Makes .plt and .got.
  void define_sections();
  // REQUIRES: define_sections.
  void scan(const TextPlan& text);
  // REQUIRES: scan. What becomes of a relocation in `code` against an imported symbol.
  void redirect(SymKind from, base::MutableBytes code, loader::LinkReloc* r) const;

  // Gives an imported symbol another name outside.
  void rename(SymId s, std::string_view name) { const_cast<Slot*>(find(s))->name = name; }
  const std::vector<Slot>& slots() const { return slots_; }        // ascending by symbol
  const std::vector<SymId>& got_symbols() const { return got_symbols_; }    // of the words in .got
  const std::vector<SymId>& stub_symbols() const { return stub_symbols_; }  // of the stubs
  SymId got() const { return got_; }
  const Slot* find(SymId s) const;

 private:
  void gather_slots();
  bool add(SymId from, const loader::LinkReloc& r, Slot& slot);
  void add_word(Slot& slot);
  void add_stub(Slot& slot);
  void complain(SymId from, const std::string& text);

  Services& sv_;
  Program& p_;
  const CgoDirectives& cgo_;
  const MachoMachine& machine_;
  SymId got_ = SymId::kNil, plt_ = SymId::kNil;
  std::vector<SectionBytes> sections_;  // .plt and .got
  std::vector<Slot> slots_;
  std::vector<SymId> got_symbols_, stub_symbols_;
  uint64_t order_ = 0;
};

// The binding opcodes of the words in .got, which is at `offset` of segment number `segment`. `libraries`: in the order
// of their load commands.
std::vector<uint8_t> bind_opcodes(const MachoImports& imports, std::span<const std::string_view> libraries,
                                  uint8_t segment, uint64_t offset);

}  // namespace dovetail::linker
