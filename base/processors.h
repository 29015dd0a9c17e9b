// How many threads are worth having.
#pragma once

#include <string>

namespace dovetail::base {

// Processors that this process may use at once: those of its affinity mask, but no more than the CPU quota of its control
// groups comes to, rounded up and at least two, as Go 1.25 and later have it (runtime/cgroup_linux.go). A container may
// see many more than it has time on.
unsigned usable_processors();

// The least quota of the process' control group and of those above it, version 2 or 1, in processors; 0 if there is none
// or it cannot be read. `root` is put before every path, for tests.
double processor_quota(const std::string& root = "");

}  // namespace dovetail::base
