// Field tracking (GOEXPERIMENT=fieldtrack): which tagged fields of structures a program uses.
//
// The compiler marks each use in a function with a relocation of size 0 to a symbol go:track.FIELD that nobody
// defines; a field is used if that symbol is live. With -k the list goes into a variable of the program.
#pragma once

#include <string>

#include "loader/init_order.h"
#include "loader/serial_flood.h"

namespace dovetail::loader {

inline constexpr std::string_view kTrackPrefix = "go:track.";

bool tracks_fields(const Services& sv);

// The text for the variable of -k: a line for each field in the order of the symbols, with who reached it first,
// who reached that, and so on to the root. Empty without -k, or if no object mentions that variable. REQUIRES: the
// experiment is on; mark_live has not been called. cmd/link ld/go.go fieldtrack, Go 1.26.
std::string tracked_fields(Services& sv, const Inputs& in, const Resolution& res, const InitOrder& inits,
                           const DirectedSymbols& directed);

}  // namespace dovetail::loader
