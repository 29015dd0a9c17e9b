#include "loader/text_runs.h"

#include <algorithm>

namespace dovetail::loader {

TextRuns::TextRuns(const Program& program, std::span<const SymId> functions, uint32_t most)
    : first_(program.in.objects.size() + 1) {
  std::vector<uint32_t> object_of_run;
  for (uint32_t i = 0; i < functions.size(); i++) {
    uint32_t object = program.syms.object[index(functions[i])];
    if (object == kNoObject) object = 0;
    if (runs_.empty() || object_of_run.back() != object || runs_.back().end - runs_.back().begin == most) {
      runs_.push_back({i, i});
      object_of_run.push_back(object);
    }
    runs_.back().end = i + 1;
  }
  for (uint32_t object : object_of_run) first_[object + 1]++;
  for (size_t o = 1; o < first_.size(); o++) first_[o] += first_[o - 1];
  by_object_.resize(runs_.size());
  std::vector<uint32_t> next(first_.begin(), first_.end() - 1);
  for (uint32_t r = 0; r < runs_.size(); r++) by_object_[next[object_of_run[r]]++] = r;
}

uint32_t TextRuns::find(uint32_t position) const {
  auto it = std::upper_bound(runs_.begin(), runs_.end(), position,
                             [](uint32_t p, const TextRun& run) { return p < run.begin; });
  return static_cast<uint32_t>(it - runs_.begin()) - 1;
}

}  // namespace dovetail::loader
