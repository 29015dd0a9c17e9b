#include "base/diag.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace dovetail::base {

std::vector<Diagnostic> Diagnostics::take() {
  std::vector<Diagnostic> out = std::exchange(pending_, {});
  std::sort(out.begin(), out.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.order, a.text) < std::tie(b.order, b.text);
  });
  return out;
}

}  // namespace dovetail::base
