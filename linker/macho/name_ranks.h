// Numbers in place of names: the same for equal names, ascending with the names' bytes.
//
// Symbols are sorted by name with Go's own unstable sort, whose every comparison decides where equal names end up. It
// has to be one long serial sort; with numbers to compare it is a short one. Ranking itself is parallel and may be any
// sort: names are compared eight bytes at a time, and those that agree so far (packages have long names) look at their
// next eight together.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/parallel.h"

namespace dovetail::linker {

// By number in `names`, which hold no NUL.
std::vector<uint32_t> name_ranks(base::ThreadPool& threads, std::span<const std::string_view> names);

}  // namespace dovetail::linker
