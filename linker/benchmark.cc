#include "linker/benchmark.h"

#include <array>
#include <cstdio>
#include <string>

#include "absl/strings/str_format.h"
#include "base/file.h"

namespace dovetail::linker {
namespace {

void print_table(const base::PhaseTimer& timer) {
  double wall = 0, cpu = 0;
  std::printf("%-22s %12s %12s %12s %12s %12s\n", "phase", "wall ms", "cpu ms", "rss MB", "peak MB", "faults");
  for (const base::Phase& p : timer.phases()) {
    std::printf("%-22.*s %12.3f %12.3f %12.1f %12.1f %12llu\n", static_cast<int>(p.name.size()), p.name.data(),
                static_cast<double>(p.wall_ns) / 1e6, static_cast<double>(p.cpu_ns) / 1e6,
                static_cast<double>(p.rss_bytes) / 1048576, static_cast<double>(p.peak_rss_bytes) / 1048576,
                static_cast<unsigned long long>(p.faults));
    wall += static_cast<double>(p.wall_ns) / 1e6;
    cpu += static_cast<double>(p.cpu_ns) / 1e6;
  }
  std::printf("%-22s %12.3f %12.3f\n", "total", wall, cpu);
}

// Chrome's trace events: one for each phase.
void write_trace(const base::PhaseTimer& timer, const std::string& path) {
  std::string text = "[";
  std::string_view separator = "\n";
  for (const base::Phase& p : timer.phases()) {
    absl::StrAppendFormat(&text, "%s{\"name\":\"%s\",\"ph\":\"X\",\"pid\":1,\"tid\":1,\"ts\":%.3f,\"dur\":%.3f,"
                          "\"args\":{\"cpu_us\":%.3f}}", std::string(separator), std::string(p.name),
                          static_cast<double>(p.start_ns) / 1e3, static_cast<double>(p.wall_ns) / 1e3,
                          static_cast<double>(p.cpu_ns) / 1e3);
    separator = ",\n";
  }
  text += "\n]\n";
  absl::Status status = base::write_file(path, std::array{base::as_bytes(text)});
  if (!status.ok()) std::fprintf(stderr, "--trace: %s: %s\n", path.c_str(), std::string(status.message()).c_str());
}

}  // namespace

void print_benchmark(const loader::Services& sv, const loader::Tuning& tuning) {
  if (!sv.options.benchmark.empty()) print_table(sv.timer);
  if (!tuning.trace.empty()) write_trace(sv.timer, tuning.trace);
}

}  // namespace dovetail::linker
