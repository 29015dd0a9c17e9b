// Call frame information (.debug_frame): how to find a function's caller from each of its instructions.
#pragma once

#include "inspect/dump.h"

namespace dovetail::inspect {

// Rows of the list that is open: common entries, and those of functions, with their instructions. Of an image; libdwarf
// divides the section into entries.
absl::Status dump_frames(const Member& member, const DumpOptions& options, DumpWriter& w);

}  // namespace dovetail::inspect
