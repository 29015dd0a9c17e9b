#include "linker/cli/diff_align.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/hash/hash.h"
#include "base/text.h"

namespace dovetail::linker::diff {
namespace {

constexpr uint32_t kNone = UINT32_MAX;

// Marks the pairs of a longest subsequence whose b rises. REQUIRES: pairs are sorted by a.
void mark_in_order(std::vector<Alignment::Pair>& pairs) {
  std::vector<uint32_t> tails, previous(pairs.size(), kNone);
  for (uint32_t i = 0; i < pairs.size(); i++) {
    auto it = std::lower_bound(tails.begin(), tails.end(), pairs[i].b,
                               [&](uint32_t t, uint32_t b) { return pairs[t].b < b; });
    if (it != tails.begin()) previous[i] = *(it - 1);
    if (it == tails.end()) {
      tails.push_back(i);
    } else {
      *it = i;
    }
  }
  for (uint32_t i = tails.empty() ? kNone : tails.back(); i != kNone; i = previous[i])
    pairs[i].in_order = true;
}

// The elements of each key form a chain through `next`, in order; `heads` has the first not yet taken.
template <typename Key, typename Hash>
Alignment align_by(const std::vector<Key>& a, const std::vector<Key>& b) {
  Alignment result;
  absl::flat_hash_map<Key, uint32_t, Hash> heads;
  heads.reserve(b.size());
  std::vector<uint32_t> next(b.size(), kNone);
  for (auto i = static_cast<uint32_t>(b.size()); i-- > 0;) {
    auto [it, fresh] = heads.try_emplace(b[i], i);
    if (!fresh) {
      next[i] = it->second;
      it->second = i;
    }
  }
  std::vector<bool> taken(b.size());
  for (uint32_t i = 0; i < a.size(); i++) {
    auto it = heads.find(a[i]);
    if (it == heads.end() || it->second == kNone) {
      result.only_a.push_back(i);
      continue;
    }
    result.pairs.push_back({i, it->second, false});
    taken[it->second] = true;
    it->second = next[it->second];
  }
  for (uint32_t i = 0; i < b.size(); i++) {
    if (!taken[i]) result.only_b.push_back(i);
  }
  mark_in_order(result.pairs);
  return result;
}

}  // namespace

bool Alignment::same_sequence() const {
  return only_a.empty() && only_b.empty() &&
         std::all_of(pairs.begin(), pairs.end(), [](const Pair& p) { return p.in_order; });
}

Alignment align(const std::vector<std::string_view>& a, const std::vector<std::string_view>& b) {
  return align_by<std::string_view, base::TextHash>(a, b);
}
Alignment align(const std::vector<uint64_t>& a, const std::vector<uint64_t>& b) {
  return align_by<uint64_t, absl::Hash<uint64_t>>(a, b);
}

}  // namespace dovetail::linker::diff
