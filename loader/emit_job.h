// Bytes that a pass writes itself, once every address is known.
#pragma once

#include <functional>
#include <vector>

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

// The same for what is copied out of objects: `run` writes what comes from one of them, while that is being read.
struct ObjectJob {
  SymId symbol;
  std::function<void(uint32_t object, base::MutableBytes)> run;
};

struct EmitJobs {
  std::vector<EmitJob> jobs;
  std::vector<ObjectJob> by_object;
};

}  // namespace dovetail::loader
