// Bytes that a pass writes itself, once every address is known.
#pragma once

#include <functional>

#include "base/bytes.h"
#include "loader/ids.h"

namespace dovetail::loader {

// `run` is given the whole range of the symbol in the image and writes a part of it; the
// jobs of one symbol write disjoint parts, in any order, on any thread. The range is zero
// before. `bytes` is a weight for balancing.
struct EmitJob {
  SymId symbol;
  uint64_t bytes;
  std::function<void(base::MutableBytes)> run;
};

}  // namespace dovetail::loader
