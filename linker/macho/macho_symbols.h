// The symbol table and the names of its symbols.
//
// Local symbols, exported ones, imported ones; each kind by name, in the order that Go's sort.Slice makes of the
// sequence of all symbols where names are equal (the two ABIs of a function, file-local symbols). With -s, what is
// imported and exported stays. Names follow in the same order, each with '_' before it. The indirect symbol tables name
// imported symbols by their place here. cmd/link ld/macho.go collectmachosyms, machosymorder, machosymtab, Go 1.26.
#pragma once

#include <span>
#include <vector>

#include "linker/cgo_directives.h"
#include "linker/macho/imports.h"
#include "linker/symtab_sequence.h"

namespace dovetail::linker {

class MachoSymbols {
 public:
  enum Class : uint8_t { kLocal, kExported, kImported, kClassCount };

  MachoSymbols(Services& sv, const CgoDirectives& cgo, const MachoImports& imports)
      : sv_(sv), cgo_(cgo), imports_(imports) {}

  // REQUIRES: no symbol is made and no kind or flag changes afterwards. `in` outlives this.
  void plan(const NativeSymbolInputs& in);
  uint64_t count() const { return entries_.size(); }
  uint64_t count(Class c) const { return counts_[c]; }
  uint64_t names_size() const { return names_size_; }
  // The place in the table of an imported symbol.
  uint32_t number(SymId imported) const;

  // `section_number`: in the file, by Image::sections. A symbol that has no section is an error.
  void write(std::span<const uint8_t> section_number, uint64_t symtab, uint64_t strtab, base::Sink sink) const;

 private:
  struct Entry {
    SymId symbol;
    uint32_t name_bytes;  // '_' and NUL included
    Class kind;
    bool undefined;
    bool suffix;
  };
  struct Export {
    SymId symbol;
    bool dynamic;
  };
  void collect_all(const SymtabSequence& sequence);
  void collect_dynamic(const SymtabSequence& sequence);
  Entry entry_of(const SymtabEntry& e) const;
  const Export* find_export(SymId s) const;
  void sort(const SymtabSequence& sequence);

  Services& sv_;
  const CgoDirectives& cgo_;
  const MachoImports& imports_;
  const NativeSymbolInputs* in_ = nullptr;
  std::vector<Export> exports_;  // ascending by symbol
  std::vector<Entry> entries_;
  std::vector<uint64_t> chunk_names_;  // where each chunk's names begin
  uint64_t counts_[kClassCount] = {};
  uint64_t names_size_ = 0;
  std::vector<std::pair<SymId, uint32_t>> numbers_;  // of imported symbols, ascending
};

}  // namespace dovetail::linker
