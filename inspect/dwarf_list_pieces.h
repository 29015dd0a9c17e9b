// Location and range lists as objects have them: what a function adds to .debug_loclists and .debug_rnglists (DWARF 5),
// or .debug_loc and .debug_ranges.
#pragma once

#include "inspect/dump.h"

namespace dovetail::inspect {

// The lists of a symbol, one after another, as a list "lists" of the row that is open. Addresses count from the symbol
// that a relocation names. False: damaged.
bool dump_list_piece(const DumpObject& o, uint32_t symbol, uint16_t version, DumpWriter& w);

}  // namespace dovetail::inspect
