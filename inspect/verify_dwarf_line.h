// Line tables of an image.
#pragma once

#include <functional>

#include "inspect/verify.h"

namespace dovetail::inspect {

// The table that begins at `offset` of .debug_line, as far as addresses go. Returns where it ends, as far as is known. `is_code` tells whether an address lies in
// code, or at its end.
uint64_t verify_line_table(base::Bytes section, uint64_t offset, const std::function<bool(uint64_t)>& is_code,
                       Findings* findings);

}  // namespace dovetail::inspect
