#include "bench/call_graph.h"

#include <algorithm>

namespace dovetail::bench {

CallGraph::CallGraph(Calls calls, uint32_t functions, uint32_t live, uint32_t functions_per_package)
    : calls_(calls), per_package_(functions_per_package) {
  ordinals_.reserve(functions);
  for (uint32_t f = 0; f < functions; f++) {
    bool is_live = uint64_t{f} * live % functions < live;  // the first one, and then evenly
    std::vector<uint32_t>& same = by_ordinal_[is_live];
    ordinals_.push_back({is_live, static_cast<uint32_t>(same.size()) & 0x7fffffff});
    same.push_back(f);
  }
}

uint32_t CallGraph::end_of(uint32_t package) const {
  return static_cast<uint32_t>(std::min<uint64_t>(functions(), uint64_t{package + 1} * per_package_));
}

std::vector<uint32_t> CallGraph::callees_of(uint32_t function) const {
  Ordinal o = ordinals_[function];
  const std::vector<uint32_t>& same = by_ordinal_[o.live];
  auto within = [&](uint64_t from, uint64_t to) {  // places, `to` excluded
    from = std::min<uint64_t>(from, same.size());
    to = std::min<uint64_t>(to, same.size());
    return std::vector<uint32_t>(same.begin() + static_cast<int64_t>(from),
                                 same.begin() + static_cast<int64_t>(to));
  };
  uint64_t place = o.place;
  switch (calls_) {
    case Calls::kChain:
      return within(place + 1, place + 2);
    case Calls::kStar:
      return place == 0 ? within(1, same.size()) : std::vector<uint32_t>();
    case Calls::kTree:
      return within(2 * place + 1, 2 * place + 3);
  }
  return {};
}

}  // namespace dovetail::bench
