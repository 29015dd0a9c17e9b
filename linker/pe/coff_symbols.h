// The COFF symbol table and its string table, for debuggers and profilers.
//
// cmd/link appends symbols one by one, and names of more than eight bytes to one growing string. Like ELF's table
// (linker/native_symbols.h) it is made chunk by chunk of the sequence, with prefix sums in between. The string table
// begins with its size; names of sections come before those of symbols. cmd/link ld/pe.go writeSymbols, Go 1.26.
#pragma once

#include "base/file.h"
#include "linker/symtab_sequence.h"

namespace dovetail::linker {

inline constexpr SymtabRules kCoffSymtabRules = {MiddleDot::kStays, true, false};

struct CoffSymbolPlan {
  struct Count {
    uint64_t symbols = 0, name_bytes = 0;
  };
  std::vector<Count> before;  // each chunk
  Count total;
};

// REQUIRES: symbols that have no address are not in the table.
CoffSymbolPlan plan_coff_symbols(Services& sv, const NativeSymbolInputs& in);

struct CoffSymbolTarget {
  const Image& image;
  uint64_t symtab, strtab;  // offsets in the file
  uint64_t first_name;      // offset in the string table
  base::Sink sink;
};

// In parallel. A symbol that is in none of the three sections of the program is an error.
void emit_coff_symbols(Services& sv, const NativeSymbolInputs& in, const CoffSymbolPlan& plan,
                       const CoffSymbolTarget& target);

}  // namespace dovetail::linker
