// Debug information that objects hold for functions and variables: DWARF entries whose abbreviation numbers
// the linker defines (cmd/internal/dwarf/dwarf.go PutDefaultFunc, PutConcreteFunc, PutAbstractFunc,
// putInlinedFunc, putscope, putvar, PutGlobal and its table of abbreviations, Go 1.26).
//
// An entry refers to types by symbols "go:info.NAME", which the linker makes from the runtime's description
// of the type, "type:NAME"; a relocation that changes no bytes names that one. What is the same in all copies
// of an inlined function is its abstract entry, "go:info.NAME$abstract", in each object that has a copy.
#pragma once

#include <string>
#include <string_view>

#include "compiler-emit/debug_entry.h"

namespace dovetail::emit {

// A function's entry, and the lists that it refers to. Those relocations of `info` have no target yet: the
// symbols of the lists, which are made if the lists are not empty.
struct FunctionDebug {
  DebugEntry info, ranges, locations;
  std::vector<size_t> range_refs, location_refs;  // indices of info.relocs
};

// REQUIRES: the function has a line; types of variables without an origin are not empty; inlined calls,
// blocks and origins are right.
FunctionDebug function_entry(const DebugContext& context, std::string_view name, SymbolId symbol,
                             const Function& f, bool external);
// `offsets` gets the places of the variables' entries.
DebugEntry abstract_entry(const DebugContext& context, std::string_view name, const AbstractFunction& f,
                          bool external, std::vector<uint32_t>* offsets);
DebugEntry variable_entry(const DebugContext& context, std::string_view name, SymbolId symbol,
                          std::string_view type);

}  // namespace dovetail::emit
