#include "base/processors.h"

#include <algorithm>
#include <cmath>
#include <thread>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/file.h"

namespace dovetail::base {
namespace {

// A control group of the process that may bound its CPU time.
struct Group {
  bool v1 = false;
  std::string path;         // within the hierarchy; empty: there is none
  std::string mount, top;   // where the hierarchy is mounted, and which of its groups stands there
};

std::vector<std::string> lines_of(const std::string& path) {
  absl::StatusOr<std::string> text = read_file(path);
  return text.ok() ? absl::StrSplit(*text, '\n') : std::vector<std::string>();
}

bool lists(const std::string& words, const char* word) {
  return absl::c_linear_search(std::vector<std::string>(absl::StrSplit(words, ',')), word);
}

// /proc/PID/cgroup: "hierarchy:controllers:path"; hierarchy 0 is that of version 2. A controller is in one of them.
Group find_group(const std::string& root) {
  Group group;
  for (const std::string& line : lines_of(absl::StrCat(root, "/proc/self/cgroup"))) {
    const std::vector<std::string> fields = absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (fields.size() != 3) continue;
    bool v1 = lists(fields[1], "cpu");
    if (!v1 && (group.v1 || fields[0] != "0")) continue;
    group.v1 = v1;
    group.path = fields[2];
  }
  return group;
}

// /proc/PID/mountinfo: "id parent device root mount-point options ... - type source super-options".
void find_mount(const std::string& root, Group* group) {
  for (const std::string& line : lines_of(absl::StrCat(root, "/proc/self/mountinfo"))) {
    const std::vector<std::string> halves = absl::StrSplit(line, absl::MaxSplits(" - ", 1));
    if (halves.size() != 2) continue;
    const std::vector<std::string> place = absl::StrSplit(halves[0], ' '), type = absl::StrSplit(halves[1], ' ');
    if (place.size() < 5 || type.size() < 3) continue;
    if (group->v1 ? type[0] != "cgroup" || !lists(type[2], "cpu") : type[0] != "cgroup2") continue;
    group->top = place[3] == "/" ? "" : place[3];
    group->mount = place[4];
    return;
  }
}

// In processors: the files have microseconds per period, or a word or a number below zero for no quota.
double quota_of(const Group& group, const std::string& folder) {
  auto first_line = [&](const char* name) {
    std::vector<std::string> lines = lines_of(absl::StrCat(folder, "/", name));
    return lines.empty() ? std::string() : lines[0];
  };
  std::string quota, period;
  if (group.v1) {
    quota = first_line("cpu.cfs_quota_us");
    period = first_line("cpu.cfs_period_us");
  } else {
    const std::vector<std::string> fields = absl::StrSplit(first_line("cpu.max"), ' ');
    if (fields.size() != 2) return 0;
    quota = fields[0], period = fields[1];
  }
  double of = 0, every = 0;
  if (!absl::SimpleAtod(quota, &of) || !absl::SimpleAtod(period, &every) || of <= 0 || every <= 0) return 0;
  return of / every;
}

}  // namespace

double processor_quota(const std::string& root) {
  Group group = find_group(root);
  if (group.path.empty()) return 0;
  find_mount(root, &group);
  if (group.mount.empty()) return 0;
  std::string below(absl::StripPrefix(group.path, group.top));  // from there
  bool inside = absl::StartsWith(group.path, group.top) && absl::StartsWith(below, "/");
  if (!inside || below == "/" || absl::StartsWith(below, "/..")) below.clear();
  double least = 0;
  for (;;) {
    double quota = quota_of(group, absl::StrCat(root, group.mount, below));
    if (quota > 0 && (least == 0 || quota < least)) least = quota;
    if (below.empty()) return least;
    below.resize(below.rfind('/'));
  }
}

unsigned usable_processors() {
  unsigned processors = std::max(1u, std::thread::hardware_concurrency());  // glibc asks for the affinity mask
  if (processors <= 2) return processors;
  double quota = processor_quota();
  if (quota == 0) return processors;
  return std::min(processors, static_cast<unsigned>(std::max(2.0, std::ceil(std::min(quota, 1e6)))));
}

}  // namespace dovetail::base
