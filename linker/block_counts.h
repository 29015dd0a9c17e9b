// In a build with DOVETAIL_COUNT_BLOCKS, a table on stderr of what the link asked of each block of dense objects.
#pragma once

#include "loader/inputs.h"

namespace dovetail::linker {

void print_block_counts(const loader::Inputs& in);

}  // namespace dovetail::linker
