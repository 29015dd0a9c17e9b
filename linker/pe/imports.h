// What a program imports from libraries: the table of addresses that Windows fills in, and the tables that tell it with
// what.
//
//   .windynamic  in .data: for each library an address per imported symbol, and a zero. Symbols that the program
//                imports are parts of it.
//   .idata       a descriptor per library and an empty one; names of libraries; names of symbols, each with a hint;
//                for each library again where the names are
//
// Libraries come in the order opposite to that of their first symbols, symbols of a library in descending order.
// cmd/link ld/pe.go initdynimport, addimports, Go 1.26.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "linker/cgo_directives.h"

namespace dovetail::linker {

struct PeImports {
  struct Symbol {
    SymId symbol;
    std::string_view name;
  };
  struct Library {
    std::string_view name;
    std::vector<Symbol> symbols;
  };
  std::vector<Library> libraries;
  SymId table = SymId::kNil;  // .windynamic
};

// Makes .windynamic, and imported symbols parts of it. REQUIRES: directives are applied.
PeImports make_pe_imports(Services& sv, loader::Program& program, const CgoDirectives& cgo);

// The bytes of .idata and of .windynamic. `address`: of .idata, `table_address`: both relative to the image.
struct PeImportTables {
  std::vector<uint8_t> descriptors, addresses;
};
PeImportTables write_pe_imports(const PeImports& imports, uint32_t address, uint32_t table_address);

}  // namespace dovetail::linker
