#include "linker/block_counts.h"

#include <cstdio>

#include "base/file.h"
#include "objfmt/dense/asked.h"

namespace dovetail::linker {

using objfmt::dense::Block;
using objfmt::dense::kBlockCount;

// Pages count for each block that has a byte on them.
void print_block_counts(const loader::Inputs& in) {
  uint64_t sizes[kBlockCount] = {}, resident[kBlockCount] = {};
  for (const loader::Object& object : in.objects) {
    if (!object.view.is_dense()) continue;
    for (uint32_t b = 1; b < kBlockCount; b++) {
      base::Bytes block = object.view.dense().block(static_cast<Block>(b));
      sizes[b] += block.size();
      resident[b] += base::resident_pages(block);
    }
  }
  std::fprintf(stderr, "%-18s %12s %12s %12s %10s\n", "block", "bytes", "asked for", "times", "pages");
  for (uint32_t b = 1; b < kBlockCount; b++) {
    auto count = [](const std::atomic<uint64_t>& n) { return static_cast<unsigned long long>(n.load()); };
    std::fprintf(stderr, "%-18s %12llu %12llu %12llu %10llu\n", objfmt::dense::kBlockNames[b],
                 static_cast<unsigned long long>(sizes[b]), count(objfmt::dense::asked.bytes[b]),
                 count(objfmt::dense::asked.times[b]), static_cast<unsigned long long>(resident[b]));
  }
}

}  // namespace dovetail::linker
