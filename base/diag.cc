#include "base/diag.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_set.h"

namespace dovetail::base {

std::vector<Diagnostic> Diagnostics::take() {
  std::vector<Diagnostic> out = std::exchange(pending_, {});
  std::sort(out.begin(), out.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.order, a.text) < std::tie(b.order, b.text);
  });
  absl::flat_hash_set<uint64_t> said;  // looked up only
  auto again = [&](const Diagnostic& d) { return d.once != 0 && !said.insert(d.once).second; };
  out.erase(std::remove_if(out.begin(), out.end(), again), out.end());
  return out;
}

}  // namespace dovetail::base
