// -benchmark: a line per phase on stdout, in the format of Go's benchmarks. --trace: phases, and when which thread worked,
// as Chrome trace events.
#pragma once

#include "loader/services.h"

namespace dovetail::linker {

void print_benchmark(const loader::Services& sv, const loader::Tuning& tuning);

}  // namespace dovetail::linker
