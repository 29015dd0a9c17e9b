// -benchmark: a line per phase on stdout. --trace: the same as Chrome trace events.
#pragma once

#include "loader/services.h"

namespace dovetail::linker {

void print_benchmark(const loader::Services& sv, const loader::Tuning& tuning);

}  // namespace dovetail::linker
