// Which elements of two sequences belong together?
//
// Elements are matched by key: the k-th element of a key in A with the k-th in B, so that one that is missing
// costs one line of a report and not all that follow. Of the matched pairs the longest run that is in order
// in both (longest increasing subsequence, n log n) says which ones changed places.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace dovetail::linker::diff {

struct Alignment {
  struct Pair {
    uint32_t a, b;
    bool in_order;
  };
  std::vector<Pair> pairs;  // by a
  std::vector<uint32_t> only_a, only_b;

  bool same_sequence() const;
};

// Keys are compared as text; the views must stay valid during the call only.
Alignment align(const std::vector<std::string_view>& a, const std::vector<std::string_view>& b);
// Keys that are numbers already.
Alignment align(const std::vector<uint64_t>& a, const std::vector<uint64_t>& b);

}  // namespace dovetail::linker::diff
