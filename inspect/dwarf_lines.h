// The line table of a unit.
#pragma once

#include "inspect/dump_writer.h"
#include "inspect/dwarf_reader.h"

namespace dovetail::inspect {

// A list "lines" in the row that is open; empty if the unit has no table. False: damaged.
bool dump_lines(Dwarf_Die unit, DumpWriter& w);

}  // namespace dovetail::inspect
