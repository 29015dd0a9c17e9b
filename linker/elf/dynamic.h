// The sections that a dynamic linker reads: .dynsym, .dynstr, .hash, .gnu.version, .gnu.version_r, .rela,
// .rela.plt, .plt, .got, .got.plt, .dynamic.
//
// Each is one symbol that the linker makes, laid out like any other; what depends on addresses is a
// relocation of it. Their contents follow from one walk over the code: an imported function gets a slot in
// the dynamic symbol table and in the procedure linkage table when the first call to it is met. Nothing in
// the code is rewritten: the relocation pass asks redirect() where a call of an imported symbol leads. A
// static image, nearly every one, has none of this. cmd/link ld/elf.go doelf, elfadddynsym, elfdynhash,
// ld/data.go dynreloc, amd64/asm.go adddynrel, Go 1.26.
#pragma once

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "linker/cgo_directives.h"
#include "linker/elf/elf_format.h"
#include "linker/place_text.h"

namespace dovetail::linker {

struct DynamicPlan {
  struct Slot {
    SymId symbol;
    uint32_t number = 0;         // in .dynsym; 0: none yet
    int32_t plt = -1, got = -1;  // offset of its entry
    std::string_view name, library, version;
  };
  bool active = false;
  SymId plt = SymId::kNil, got = SymId::kNil, rela = SymId::kNil, dynamic = SymId::kNil;
  uint32_t rela_size = 0;      // offset in .dynamic of the size of .rela
  std::array<SymId, 5> own{};  // sections whose addresses are not the loader's business
  std::vector<Slot> slots;     // imported and exported symbols, ascending
  uint32_t version_needs = 0;  // entries of .gnu.version_r

  bool is_own(SymId s) const { return std::find(own.begin(), own.end(), s) != own.end(); }
  // Turns a relocation of a symbol of kind `from` against an imported symbol into one against .plt or .got.
  // False: it stays as it is, and cannot be applied.
  bool redirect(SymKind from, loader::LinkReloc* r) const;
};

// Makes the symbols and their contents.
// REQUIRES: every other symbol has its final kind; buckets are not collected.
DynamicPlan plan_dynamic(Services& sv, loader::Program& program, const CgoDirectives& cgo,
                         const ElfMachine& machine, const TextPlan& text);

// .rela and .rela.plt stand together, without a gap. `sections`: the symbols of kind kElfRoSect, sorted.
// cmd/link ld/data.go dodata, Go 1.26.
void join_relocation_sections(loader::Program& program, std::vector<SymId>* sections);

}  // namespace dovetail::linker
