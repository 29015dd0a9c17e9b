// What the cgo sections of packages ask for in a link without cgo.
//
// A package may import functions of shared libraries with //go:cgo_import_dynamic and no C at all (purego
// does). The imported name, an undefined function or a variable without contents, then stands for a symbol of
// a library, and the image is one for the dynamic linker. Directives are few; they act on a small table of
// names, in order, and the outcome is a list of changes to symbols. cmd/link ld/go.go setCgoAttr, ld/lib.go
// loadcgodirectives, Go 1.26.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "linker/native_symbols.h"
#include "loader/serial_flood.h"

namespace dovetail::linker {

struct CgoSymbol {
  std::string_view name;
  uint32_t version = 0;
  loader::RawId raw = loader::RawId::kNil;  // kNil: no object mentions it
  SymKind kind = SymKind::kNone;            // what it is now
  bool changed = false;                     // `kind` is not what the objects say
  std::string_view external_name;           // in libraries
  std::string_view library, library_version;
  bool export_static = false, export_dynamic = false, host = false;
};

struct CgoDirectives {
  std::vector<CgoSymbol> symbols;           // by first mention
  std::vector<uint32_t> exports;            // of symbols: in the dynamic symbol table, in this order
  std::vector<std::string_view> libraries;  // needed whether something is imported from them or not
  std::vector<std::string_view> mentioned_libraries;  // these and those of imports, each once, by first mention
  std::string_view interpreter;             // -I, else what a directive says; empty: the default
  bool dynamic = false;                     // the image needs the dynamic linker
};

// Reports to sv.diag. What it returns points into `in`.
CgoDirectives read_cgo_directives(Services& sv, const loader::Inputs& in, const loader::Resolution& res);

// What reachability has to know: symbols that are exported or changed, of those that objects mention.
loader::DirectedSymbols directed_symbols(const CgoDirectives& cgo);

// Gives the symbols their new kinds. REQUIRES: symbols are numbered.
void apply_cgo_directives(const CgoDirectives& cgo, loader::Program& program);

// By object: whether it may refer to imported symbols.
std::vector<bool> objects_with_imports(const CgoDirectives& cgo, const loader::Program& program);

// What is said of a relocation against an imported symbol for which there is no way.
std::string unsupported_import(const loader::Program& program, const loader::LinkReloc& r);

// Names in the symbol table that are not those of the objects, ascending by symbol.
std::vector<ExternalName> external_names(const CgoDirectives& cgo, const loader::Program& program);

}  // namespace dovetail::linker
