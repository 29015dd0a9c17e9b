// Debug information of objects and images through libdwarf.
#pragma once

#include "inspect/dump.h"

namespace dovetail::inspect {

// Rows of the list that is open: the units of an image with their entries; of an object one unit that holds the entries
// of its symbols. Only from section bytes of ours: libdwarf's own readers of containers are not used.
absl::Status dump_dwarf(const Member& member, const DumpOptions& options, DumpWriter& w);

}  // namespace dovetail::inspect
