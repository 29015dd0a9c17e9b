// Wall and CPU time and memory of each pass, for -benchmark and --trace.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace dovetail::base {

struct Phase {
  std::string_view name;
  uint64_t start_ns = 0, wall_ns = 0, cpu_ns = 0;
  uint64_t rss_bytes = 0, peak_rss_bytes = 0;  // at the end of the phase
  uint64_t faults = 0;                          // pages that were made present, without reading a disk
};

class PhaseTimer {
 public:
  // `name` must outlive the timer. Ends the phase before it.
  void start(std::string_view name);
  void stop();
  const std::vector<Phase>& phases() const { return phases_; }
  bool enabled = false;

 private:
  std::vector<Phase> phases_;
  bool running_ = false;
};

}  // namespace dovetail::base
