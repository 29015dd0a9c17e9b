#include "linker/benchmark.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "base/file.h"

namespace dovetail::linker {
namespace {

using Json = nlohmann::ordered_json;

// "mark_live" -> "BenchmarkMarkLive", as cmd/link makes names that Go's tools for benchmarks can read.
std::string benchmark_name(std::string_view phase) {
  std::string name = "Benchmark";
  bool first = true;  // letter of a word
  for (char c : phase) {
    if (c != '_') name += first ? absl::ascii_toupper(static_cast<unsigned char>(c)) : c;
    first = c == '_';
  }
  return name;
}

// cmd/link counts what Go's allocator gave out (B/op, allocs/op); here that would say little, so these lines have the CPU
// time of all threads, pages made present, and what is resident when the phase ends.
void print_lines(const base::PhaseTimer& timer) {
  uint64_t total = 0;
  for (const base::Phase& p : timer.phases()) {
    absl::PrintF("%s 1 %d ns/op\t%d cpu-ns/op\t%d faults/op\t%d heap-B\t%d file-B\t%d peak-B\n", benchmark_name(p.name),
                 p.wall_ns, p.cpu_ns, p.faults, p.heap_bytes, p.file_bytes, p.peak_bytes);
    total += p.wall_ns;
  }
  absl::PrintF("%s 1 %d ns/op\n", benchmark_name("total_time"), total);
}

double microseconds(uint64_t ns) { return static_cast<double>(ns) / 1e3; }

Json trace_event(const char* kind, std::string_view name, size_t thread, uint64_t at_ns) {
  return {{"name", name}, {"ph", kind}, {"pid", 1}, {"tid", thread + 1}, {"ts", microseconds(at_ns)}};
}

// A row for each thread. Phases begin and end on the first one, whose work stands within them.
Json trace_events(const base::PhaseTimer& timer, const std::vector<std::vector<base::WorkSpan>>& work) {
  const std::vector<base::Phase>& phases = timer.phases();
  Json events = Json::array();
  for (size_t thread = 0; thread < work.size(); thread++) {
    Json name = trace_event("M", "thread_name", thread, 0);
    name["args"] = {{"name", absl::StrFormat("thread %d", thread + 1)}};
    events.push_back(std::move(name));
  }
  for (const base::Phase& p : phases) {
    Json event = trace_event("X", p.name, 0, p.start_ns);
    event["dur"] = microseconds(p.wall_ns);
    event["args"] = {{"cpu_us", microseconds(p.cpu_ns)}, {"faults", p.faults}};
    events.push_back(std::move(event));
    Json memory = trace_event("C", "resident bytes", 0, p.start_ns + p.wall_ns);
    memory["args"] = {{"heap", p.heap_bytes}, {"files", p.file_bytes}};
    events.push_back(std::move(memory));
  }
  for (size_t thread = 0; thread < work.size(); thread++) {
    for (const base::WorkSpan& span : work[thread]) {
      auto after = std::upper_bound(phases.begin(), phases.end(), span.start_ns,
                                    [](uint64_t ns, const base::Phase& p) { return ns < p.start_ns; });
      Json event = trace_event("X", after == phases.begin() ? "start" : after[-1].name, thread, span.start_ns);
      event["dur"] = microseconds(span.wall_ns);
      event["args"] = {{"cpu_us", microseconds(span.cpu_ns)}, {"faults", span.faults}, {"written_bytes", span.written_bytes}};
      events.push_back(std::move(event));
    }
  }
  return events;
}

void write_trace(const loader::Services& sv, const std::string& path) {
  const std::string text = Json{{"traceEvents", trace_events(sv.timer, sv.threads.work())}}.dump() + "\n";
  absl::Status status = base::write_file(path, std::array{base::as_bytes(text)});
  if (!status.ok()) std::fprintf(stderr, "--trace: %s: %s\n", path.c_str(), std::string(status.message()).c_str());
}

}  // namespace

void print_benchmark(const loader::Services& sv, const loader::Tuning& tuning) {
  if (!sv.options.benchmark.empty()) print_lines(sv.timer);
  if (!tuning.trace.empty()) write_trace(sv, tuning.trace);
}

}  // namespace dovetail::linker
