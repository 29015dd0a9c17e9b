// The net below the rules: an object is what its writer makes of its contents, block by block. This catches what no
// rule of its own looks at: the order of externals, the width of columns, how names share, the residue.
#include <algorithm>

#include "base/text.h"
#include "compiler-emit/from_goobj.h"
#include "compiler-emit/to_goobj.h"
#include "inspect/verify_dense.h"

namespace dovetail::inspect {

using base::concat;
using namespace objfmt::dense;

void verify_dense_canonical(const View& view, Findings* findings) {
  absl::StatusOr<std::vector<uint8_t>> goobj = emit::goobj_from_dense(view.bytes());
  if (!goobj.ok()) return findings->add("canonical.goobj", {}, std::string(goobj.status().message()));
  absl::StatusOr<std::vector<uint8_t>> again = emit::dense_from_goobj(*goobj, false);
  if (!again.ok()) return findings->add("canonical.goobj", {}, std::string(again.status().message()));
  absl::StatusOr<View> wanted = View::parse(*again);
  if (!wanted.ok()) return findings->add("canonical.goobj", {}, std::string(wanted.status().message()));
  // The header but for the sizes, which compression changes.
  base::Bytes have = view.bytes(), want = wanted->bytes();
  for (uint32_t at = 0; at < kHeaderSize; at += 4) {
    if (at == kBlockCountAt || at == kSizeAt || base::load32(&have[at]) == base::load32(&want[at])) continue;
    findings->add("canonical.block", {.block = "header", .offset = at},
                  want_have(base::load32(&want[at]), base::load32(&have[at])));
  }
  for (uint32_t b = 1; b < kBlockCount; b++) {
    have = view.block(static_cast<Block>(b)), want = wanted->block(static_cast<Block>(b));
    if (b == static_cast<uint32_t>(Block::kResidue) && have.empty()) continue;  // not required
    auto [w, h] = std::mismatch(want.begin(), want.end(), have.begin(), have.end());
    if (w == want.end() && h == have.end()) continue;
    auto at = static_cast<uint64_t>(w - want.begin());
    auto byte = [&](base::Bytes block) { return at < block.size() ? std::to_string(block[at]) : "nothing"; };
    findings->add("canonical.block", {.block = kBlockNames[b], .offset = at},
                  concat("a writer makes ", want.size(), " bytes with ", byte(want), " here; have ", have.size(),
                         " with ", byte(have)));
  }
}

}  // namespace dovetail::inspect
