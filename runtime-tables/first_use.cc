#include "runtime-tables/first_use.h"

namespace dovetail::runtime_tables {

std::vector<uint32_t> FirstUse::order(base::ThreadPool& threads) {
  uint64_t chunks = candidates_.size();
  threads.for_each(chunks, [&](uint64_t c) {
    std::erase_if(candidates_[c], [&](const Candidate& candidate) {
      return candidate.key < kUnique && slots_[candidate.key] != candidate.position;
    });
  });
  std::vector<uint64_t> begin(chunks + 1);
  for (uint64_t c = 0; c < chunks; c++) begin[c + 1] = begin[c] + candidates_[c].size();
  std::vector<uint32_t> keys(begin[chunks]);
  threads.for_each(chunks, [&](uint64_t c) {
    uint32_t* out = keys.data() + begin[c];
    for (const Candidate& candidate : candidates_[c]) *out++ = candidate.key;
    candidates_[c] = {};
  });
  return keys;
}

}  // namespace dovetail::runtime_tables
