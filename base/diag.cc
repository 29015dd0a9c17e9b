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
  auto same = [](const Diagnostic& a, const Diagnostic& b) {
    return a.once && b.once && a.order == b.order && a.text == b.text;
  };
  out.erase(std::unique(out.begin(), out.end(), same), out.end());
  return out;
}

}  // namespace dovetail::base
