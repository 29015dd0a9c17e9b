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

void WorkSpan::add_counts(int sign) {
  const auto add = [sign](uint64_t& sum, uint64_t count) { sum += sign < 0 ? -count : count; };
  add(cpu_ns, clock_ns(CLOCK_THREAD_CPUTIME_ID));
  rusage usage;
  getrusage(RUSAGE_THREAD, &usage);
  add(faults, static_cast<uint64_t>(usage.ru_minflt));
  add(written_bytes, OutputFile::bytes_written_here());
}

WorkSpan::WorkSpan() : start_ns(clock_ns(CLOCK_MONOTONIC)) { add_counts(-1); }

void WorkSpan::end() {
  wall_ns = clock_ns(CLOCK_MONOTONIC) - start_ns;
  add_counts(+1);
}

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
  const Resident resident = resident_memory();
  p.heap_bytes = resident.heap;
  p.file_bytes = resident.file;
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  p.faults = static_cast<uint64_t>(usage.ru_minflt) - p.faults;
  p.peak_bytes = static_cast<uint64_t>(usage.ru_maxrss) * 1024;
  running_ = false;
}

}  // namespace dovetail::base
