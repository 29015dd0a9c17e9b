// Which packages may reach for which symbols by //go:linkname.
#pragma once

#include <vector>

#include "loader/resolve.h"

namespace dovetail::loader {

// `slots`: RawIds, ascending, of named definitions without bytes and of named references that carry the
// linkname flag. Reports the first that is not allowed.
void check_linknames(Services& sv, const Inputs& in, const Resolution& res, const std::vector<uint32_t>& slots);

}  // namespace dovetail::loader
