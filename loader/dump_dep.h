// -dumpdep: which symbol made which other symbol live, as cmd/link prints it.
//
// An edge is printed when its target is first reached (or again, once as a type that an interface may
// hold), so the text follows from the order of visits (loader/serial_flood.h); nothing but the text is kept.
#pragma once

#include <string_view>

#include "absl/functional/function_ref.h"
#include "loader/init_order.h"
#include "loader/serial_flood.h"

namespace dovetail::loader {

// Calls `print` with pieces of the text, each of whole lines.
void dump_dependencies(Services& sv, const Inputs& in, const Resolution& res, const InitOrder& inits,
                       const DirectedSymbols& directed, absl::FunctionRef<void(std::string_view)> print);

}  // namespace dovetail::loader
