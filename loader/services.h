// Tools that every pass uses; never results.
#pragma once

#include <string_view>

#include "base/diag.h"
#include "base/parallel.h"
#include "base/phase_timer.h"
#include "loader/options.h"

namespace dovetail::loader {

struct Services {
  const Options& options;
  std::string_view program;  // argv[0], which messages carry
  base::Diagnostics& diag;
  base::ThreadPool& threads;
  base::PhaseTimer& timer;
};

}  // namespace dovetail::loader
