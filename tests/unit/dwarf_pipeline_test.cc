// dwarf/pipeline.h against the serial stream, which go_deflate_test compares with Go's.
#include "dwarf/pipeline.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <string>
#include <vector>

namespace {

using namespace dovetail;
using dwarf::Extent;
using dwarf::kSectionCount;
using Buffer = std::vector<uint8_t>;

struct Random {
  uint64_t state;
  uint64_t below(uint64_t m) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % m;
  }
};

// Records with numbers that repeat near and far.
Buffer input_of(size_t n, unsigned kind) {
  Random r{kind + 1};
  Buffer b;
  while (b.size() < n) {
    const std::string name = "main.(*t" + std::to_string(r.below(kind % 2 == 0 ? 40 : 4000)) + ").f";
    b.insert(b.end(), name.begin(), name.end());
    for (uint64_t i = r.below(8 + kind); i > 0; --i) b.push_back(static_cast<uint8_t>(r.below(30)));
    if (kind == 3 && r.below(5000) == 0) b.insert(b.end(), 100000, 0);
  }
  b.resize(n);
  return b;
}

// Each piece takes a part of each stream; the last one what is left.
std::vector<Extent> cut(const std::vector<Buffer>& inputs, const Extent& prefix, size_t pieces, uint64_t longest) {
  Random r{longest};
  std::vector<Extent> ends;
  Extent at = prefix;
  for (size_t i = 0; i < pieces; i++) {
    for (size_t s = 0; s < kSectionCount; s++) {
      uint64_t left = inputs[s].size() - at[s];
      at[s] += i + 1 == pieces ? left : std::min(left, r.below(longest + 1));
    }
    ends.push_back(at);
  }
  return ends;
}

TEST_CASE("streams made piece by piece have the bytes of serial ones") {
  const size_t block = base::kDeflateBlock;
  const size_t sizes[kSectionCount] = {0, 100, block, 5 * block + 20, 700'000, 1'300'000, 4'000'000, 1};
  const Extent prefix{0, 100, 7, 0, 12, 0, 1, 0};
  std::vector<Buffer> inputs, want;
  for (size_t s = 0; s < kSectionCount; s++) {
    inputs.push_back(input_of(sizes[s], static_cast<unsigned>(s)));
    want.push_back({1, 2, 3});
    base::zlib_level1(inputs[s], want[s]);
  }
  for (const unsigned threads : {1, 2, 5}) {
    base::ThreadPool pool(threads, threads == 5 ? 7 : 0);
    using Cut = std::pair<size_t, uint64_t>;
    for (const auto& [pieces, longest] : {Cut{1, 0}, Cut{3, 1'000'000}, Cut{40, 200'000}, Cut{900, 9'000}}) {
      const std::vector<Extent> ends = cut(inputs, prefix, pieces, longest);
      std::vector<Buffer> outs(kSectionCount, Buffer{1, 2, 3});
      dwarf::CompressionPipeline pipeline(pool);
      for (size_t s = 0; s < kSectionCount; s++) {
        pipeline.add(inputs[s].size(), base::Bytes(inputs[s]).first(prefix[s]), outs[s]);
      }
      pipeline.run(ends, [&](unsigned, size_t piece, const dwarf::SectionBytes& to) {
        const Extent& begin = piece == 0 ? prefix : ends[piece - 1];
        for (size_t s = 0; s < kSectionCount; s++) {
          uint64_t n = ends[piece][s] - begin[s];
          if (n != 0) std::memcpy(to[s], inputs[s].data() + begin[s], n);
        }
      });
      for (size_t s = 0; s < kSectionCount; s++) {
        INFO(threads << " threads, " << pieces << " pieces, stream " << s);
        REQUIRE((outs[s] == want[s]));
      }
    }
  }
}

}  // namespace
