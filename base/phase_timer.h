// Wall and CPU time and memory of each pass and of each thread's part in it, for -benchmark and --trace.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace dovetail::base {

struct Phase {
  std::string_view name;
  uint64_t start_ns = 0, wall_ns = 0, cpu_ns = 0;
  // At the end of the phase: memory of our own, pages of mapped files, and the most of both together so far.
  uint64_t heap_bytes = 0, file_bytes = 0, peak_bytes = 0;
  uint64_t faults = 0;                          // pages that were made present, without reading a disk
};

// One stretch of work of one thread: its part in a parallel loop.
class WorkSpan {
 public:
  // Begins now, on the calling thread, which must also end it.
  WorkSpan();
  void end();

  uint64_t start_ns = 0, wall_ns = 0, cpu_ns = 0;
  uint64_t faults = 0;
  uint64_t written_bytes = 0;  // into the output

 private:
  void add_counts(int sign);
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
