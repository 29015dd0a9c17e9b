// Debug information that objects hold for functions and variables: DWARF entries whose abbreviation numbers
// the linker defines (cmd/internal/dwarf/dwarf.go PutDefaultFunc, putvar, PutGlobal and its table of
// abbreviations, Go 1.26).
//
// An entry refers to types by symbols "go:info.NAME", which the linker makes from the runtime's description
// of the type, "type:NAME"; a relocation that changes no bytes names that one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "compiler-emit/object_parts.h"

namespace dovetail::emit {

struct DebugEntry {
  std::vector<uint8_t> bytes;
  std::vector<Relocation> relocs;
};

struct DebugContext {
  bool dwarf5 = true;
  // Bytes of an index of a function's address: as many as twice the object's functions need
  // (cmd/internal/obj/data.go WriteDwTxtAddrx).
  uint32_t functions = 0;
  absl::FunctionRef<SymbolId(std::string_view)> named;  // the handle of a symbol that is known by its name
};

// REQUIRES: the function has a line; types of variables are not empty.
DebugEntry function_entry(const DebugContext& context, std::string_view name, SymbolId symbol,
                          const Function& f, bool external);
DebugEntry variable_entry(const DebugContext& context, std::string_view name, SymbolId symbol,
                          std::string_view type);

}  // namespace dovetail::emit
