#include "base/phase_timer.h"

#include <sys/resource.h>

#include <ctime>

#include "base/file.h"

namespace dovetail::base {
namespace {

uint64_t clock_ns(clockid_t id) {
  timespec t;
  clock_gettime(id, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1000000000u + static_cast<uint64_t>(t.tv_nsec);
}

}  // namespace

void PhaseTimer::start(std::string_view name) {
  if (!enabled) return;
  stop();
  phases_.push_back({name, clock_ns(CLOCK_MONOTONIC), 0, clock_ns(CLOCK_PROCESS_CPUTIME_ID)});
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  phases_.back().faults = static_cast<uint64_t>(usage.ru_minflt);
  running_ = true;
}

void PhaseTimer::stop() {
  if (!running_) return;
  Phase& p = phases_.back();
  p.wall_ns = clock_ns(CLOCK_MONOTONIC) - p.start_ns;
  p.cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - p.cpu_ns;
  p.rss_bytes = resident_bytes();
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  p.faults = static_cast<uint64_t>(usage.ru_minflt) - p.faults;
  p.peak_rss_bytes = static_cast<uint64_t>(usage.ru_maxrss) * 1024;
  running_ = false;
}

}  // namespace dovetail::base
