// Which symbols a symbol table has, in which order: the same for every file format but for a few rules.
//
// cmd/link walks all symbols: runtime.text, functions in address order, runtime.etext, the rest by id. The sequence is cut
// into chunks, so that formats can count entries and name bytes per chunk, and write chunks in any order.
// cmd/link ld/symtab.go genelfsym, mangleABIName, ld/pe.go writeSymbols, Go 1.26.
#pragma once

#include <algorithm>
#include <span>

#include "linker/symtab_names.h"

namespace dovetail::linker {

// What formats differ in.
struct SymtabRules {
  MiddleDot middle_dot = MiddleDot::kBecomesDot;
  bool etext_first = false;              // runtime.etext stands behind runtime.text, not behind the functions
  bool global_static_temporaries = true; // although no other package can name them
};

struct NativeSymbolInputs {
  const loader::Program& program;
  std::span<const SymId> text;                             // functions in address order
  SymId text_start = SymId::kNil, text_end = SymId::kNil;  // runtime.text, runtime.etext
  std::span<const ExternalName> external_names;            // ascending by symbol; empty in nearly every link
  const SymtabNames* names;                                // or nullptr
  SymtabRules rules = {};
};

struct SymtabEntry {
  enum Type : uint8_t { kFunction, kObject, kUndefined };
  SymId symbol;
  std::string_view suffix;  // behind the name: ".abi0" of a function whose ABIInternal twin exists, dead or alive
  bool local;
  Type type;
  uint64_t name_bytes;      // NUL included
};

class SymtabSequence {
 public:
  static constexpr uint64_t kGrain = 4096;  // positions in a chunk
  static constexpr std::string_view kAbi0Suffix = ".abi0";

  explicit SymtabSequence(const NativeSymbolInputs& in) : in_(in), program_(in.program), syms_(in.program.syms) {}

  uint64_t size() const { return in_.text.size() + 2 + (syms_.count() - 1); }
  uint64_t chunk_count() const { return (size() + kGrain - 1) / kGrain; }

  // Calls f(entry) for each entry of a chunk, in order.
  template <class F>
  void for_chunk(uint64_t chunk, F&& f) const {
    uint64_t end = std::min(size(), (chunk + 1) * kGrain);
    SymtabEntry entry;
    for (uint64_t i = chunk * kGrain; i < end; i++) {
      if (at(i, &entry)) f(entry);
    }
  }

  // The entry of one symbol that is no marker; false if it has none.
  bool describe_symbol(SymId s, SymtabEntry* e) const {
    return objfmt::is_text(syms_.kind[index(s)]) ? function(s, e) : data(s, e);
  }
  // The name that tables are sorted by: as it is known outside, without suffix, every U+00B7 as it was. Of the text
  // kept, or of the object.
  std::string_view sort_name(SymId s) const;
  // entry.name_bytes of them, NUL included.
  void store_name(const SymtabEntry& entry, uint8_t* out) const;

 private:
  bool at(uint64_t i, SymtabEntry* e) const;
  bool function(SymId s, SymtabEntry* e) const;
  bool data(SymId s, SymtabEntry* e) const;
  void describe(SymId s, SymtabEntry::Type type, SymtabEntry* e) const;
  std::string_view name(SymId s) const;
  SymtabName own_name(SymId s) const;
  std::string_view external_name(SymId s) const;
  bool has_internal_twin(SymId s) const;
  bool is_local(SymId s, SymtabName name) const;

  const NativeSymbolInputs& in_;
  const Program& program_;
  const loader::Symbols& syms_;
};

// The section of a symbol, or that of the one which it is a part of; 0 if it has none.
uint32_t symtab_section(const loader::Symbols& symbols, SymId s);

}  // namespace dovetail::linker
