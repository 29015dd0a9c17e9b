// The symbol table for debuggers and profilers: .symtab and .strtab.
//
// cmd/link walks all symbols twice, once for local and once for global ones, and appends names to one growing
// string. What comes out is a function of a single sequence (runtime.text, functions in address order,
// runtime.etext, the rest by id) and of each symbol's binding. So the sequence is cut into chunks; plan_
// counts the entries and name bytes of each binding per chunk, prefix sums give each chunk its four places in
// the output, and emit_ walks the chunks again, in any order, writing names and entries where they belong.
//
// Names are the text in the objects with U+00B7 as '.', and ".abi0" behind a function whose ABIInternal twin
// exists, dead or alive. They are never shared. cmd/link ld/symtab.go asmElfSym, genelfsym, putelfsym,
// mangleABIName, Go 1.26.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/file.h"
#include "linker/symtab_sequence.h"

namespace dovetail::linker {

struct NativeSymbolPlan {
  struct Count {
    uint64_t symbols = 0, name_bytes = 0;
  };
  struct Chunk {  // what stands before it
    Count locals, globals;
  };
  std::vector<Chunk> chunks;
  uint32_t first_global = 0;
  uint64_t symbol_count = 0;
  uint64_t strtab_size = 0;
  uint64_t symtab_size() const { return symbol_count * 24; }
};

// Needs names, kinds and flags, no addresses. REQUIRES: no symbol is made and no kind or flag changes
// afterwards.
NativeSymbolPlan plan_native_symbols(Services& sv, const NativeSymbolInputs& in);

// Where emit_ writes and what it needs for it.
struct NativeSymbolTarget {
  std::span<const uint16_t> section_number;  // of Image::sections, in the file (ElfPlan)
  uint64_t symtab, strtab;                   // offsets in the file
  base::Sink sink;
};

// In parallel. A symbol that has no section is an error.
void emit_native_symbols(Services& sv, const NativeSymbolInputs& in, const NativeSymbolPlan& plan,
                         const NativeSymbolTarget& target);

}  // namespace dovetail::linker
