// Speed of base/go_deflate.h on given files, stage by stage. Not part of the default build:
//
//   g++ -std=c++20 -O2 -march=x86-64-v2 -I. bench/deflate_bench.cc \
//     base/{adler32,go_deflate,deflate_match,deflate_bits,go_huffman}.cc
//
// Input worth measuring is debug information: link with -ldflags=-compressdwarf=false, then take a section
// with objcopy -O binary --only-section=.debug_info --set-section-flags .debug_info=alloc PROGRAM FILE.
//
// The time of a block is the least of several runs, which a busy machine disturbs little.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/go_deflate.h"

namespace {

using namespace dovetail::base;

template <class Body>
double seconds(Body body) {
  const auto begin = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

constexpr int kRuns = 10;

struct Times {
  double find = 0;
  double encode = 0;
  double append = 0;
};

Times measure(Bytes input) {
  const size_t blocks = (input.size() + kDeflateBlock - 1) / kDeflateBlock;
  std::vector<DeflateBits> bits(blocks);
  std::vector<Times> best(blocks, Times{1e9, 1e9, 1e9});
  DeflateTokens tokens;
  for (int run = 0; run < kRuns; ++run) {
    DeflateMatcher matcher;
    std::vector<uint8_t> out;
    out.reserve(input.size() + 100);
    ZlibStream stream(out);
    for (size_t i = 0; i < blocks; ++i) {
      const Bytes block =
          input.subspan(i * kDeflateBlock, std::min(kDeflateBlock, input.size() - i * kDeflateBlock));
      Times& t = best[i];
      t.find = std::min(t.find, seconds([&] { matcher.find_matches(block.data(), block.size(), tokens); }));
      t.encode = std::min(t.encode, seconds([&] { encode_deflate_block(block, tokens, bits[i]); }));
      t.append = std::min(t.append, seconds([&] { stream.append(bits[i]); }));
    }
  }
  Times sum;
  for (const Times& t : best) {
    sum.find += t.find;
    sum.encode += t.encode;
    sum.append += t.append;
  }
  return sum;
}

void report(const char* name, size_t size, Times t) {
  const double mb = static_cast<double>(size) / 1e6;
  std::printf("%-24s %8.2f MB   find %7.1f   encode %7.1f   append %8.1f   all %7.1f MB/s\n", name, mb,
              mb / t.find, mb / t.encode, mb / t.append, mb / (t.find + t.encode + t.append));
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::vector<uint8_t>> inputs;
  Times total;
  size_t total_size = 0;
  for (int i = 1; i < argc; ++i) {
    std::ifstream in(argv[i], std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    const Times t = measure(inputs.back());
    report(argv[i], inputs.back().size(), t);
    total = {total.find + t.find, total.encode + t.encode, total.append + t.append};
    total_size += inputs.back().size();
  }
  report("together", total_size, total);
}
