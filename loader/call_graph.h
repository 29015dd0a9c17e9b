// -c: every direct call, as text.
#pragma once

#include <span>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "loader/symbols.h"

namespace dovetail::loader {

// Calls `print` with pieces of whole lines, "CALLER calls CALLEE", functions in text order and calls in the
// order of relocations. cmd/link ld/lib.go callgraph, Go 1.26.
void dump_call_graph(Services& sv, const Program& program, std::span<const SymId> functions,
                     absl::FunctionRef<void(std::string_view)> print);

}  // namespace dovetail::loader
