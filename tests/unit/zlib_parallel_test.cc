// base/zlib_parallel.h against the serial stream, which go_deflate_test compares with Go's.
#include "base/zlib_parallel.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <cstring>
#include <string>
#include <vector>

#include "base/go_deflate.h"

namespace {

using namespace dovetail::base;
using Buffer = std::vector<uint8_t>;

// Records with numbers that repeat near and far, so that tables matter; `kind` changes what a warm-up has to
// learn.
Buffer input_of(size_t n, unsigned kind) {
  uint64_t state = kind + 1;
  const auto below = [&state](uint64_t m) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % m;
  };
  Buffer b;
  while (b.size() < n) {
    const std::string name = "main.(*t" + std::to_string(below(kind % 2 == 0 ? 40 : 4000)) + ").f";
    b.insert(b.end(), name.begin(), name.end());
    for (uint64_t i = below(8 + kind); i > 0; --i) b.push_back(static_cast<uint8_t>(below(30)));
    if (kind == 3 && below(5000) == 0) b.insert(b.end(), 100000, 0);
  }
  b.resize(n);
  return b;
}

Buffer serial(const Buffer& input) {
  Buffer out = {1, 2, 3};
  zlib_level1(input, out);
  return out;
}

TEST_CASE("a stream cut into segments has the bytes of a serial one") {
  const size_t sizes[] = {
      0, 1, 100, kDeflateBlock, kDeflateBlock + 1, 5 * kDeflateBlock, 5 * kDeflateBlock + 20, 1'300'000};
  std::vector<Buffer> inputs;
  for (const size_t size : sizes) {
    for (unsigned kind = 0; kind < 4; ++kind) inputs.push_back(input_of(size, kind));
  }
  std::vector<Buffer> want;
  for (const Buffer& input : inputs) want.push_back(serial(input));

  for (const unsigned threads : {1, 2, 5}) {
    ThreadPool pool(threads, threads == 5 ? 7 : 0);
    // Without a warm-up every segment but the first has to be compressed again.
    for (const ZlibCut cut :
         {ZlibCut{}, ZlibCut{4, 3}, ZlibCut{1, 2}, ZlibCut{3, 1}, ZlibCut{2, 0}, ZlibCut{1, 0}}) {
      std::vector<Buffer> outs(inputs.size(), Buffer{1, 2, 3});
      std::atomic<uint64_t> bytes_filled = 0;
      std::vector<ZlibJob> jobs;
      const auto fill_from = [&bytes_filled](const Buffer& input) {
        return [&input, &bytes_filled](uint64_t offset, MutableBytes to) {
          bytes_filled += to.size();
          if (!to.empty()) std::memcpy(to.data(), input.data() + offset, to.size());
        };
      };
      std::vector<decltype(fill_from(inputs[0]))> fillers;
      for (const Buffer& input : inputs) fillers.push_back(fill_from(input));
      for (size_t i = 0; i < inputs.size(); ++i) jobs.push_back({inputs[i].size(), fillers[i], &outs[i]});
      zlib_level1(jobs, pool, cut);
      for (size_t i = 0; i < inputs.size(); ++i) {
        INFO(threads << " threads, " << cut.segment_blocks << " blocks, warm-up " << cut.warm_up_blocks
                     << ", input " << i);
        REQUIRE((outs[i] == want[i]));
      }
      uint64_t bytes = 0;
      for (const Buffer& input : inputs) bytes += input.size();
      if (cut.warm_up_blocks == 0) CHECK(bytes_filled > bytes * 3 / 2);  // it did happen
    }
  }
}

}  // namespace
