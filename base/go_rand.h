// The seeded generator of Go's math/rand, which `-randlayout` shuffles functions with.
//
// What it must equal, Go 1.26: rand.New(rand.NewSource(seed)) of math/rand (rng.go, rand.go): the same
// numbers for the same seed, and Shuffle's sequence of swaps. cmd/link ld/data.go textaddress uses nothing
// but Shuffle.
#pragma once

#include <array>
#include <cstdint>

namespace dovetail::base {

// An additive lagged Fibonacci generator: each number is the sum, modulo 2^64, of those 607 and 273 before
// it.
class GoRandom {
 public:
  explicit GoRandom(int64_t seed);  // 4 ms: see go_rand.cc

  uint64_t next();                                                    // Go's Uint64
  int64_t int63() { return static_cast<int64_t>(next() & kMask63); }  // Go's Int63
  int64_t int63n(int64_t n);                                          // Go's Int63n; REQUIRES: n > 0
  uint32_t uint32n(uint32_t n);  // Go's unexported int31n; REQUIRES: n > 0

  // Calls swap(i, j) as Go's Shuffle does for n elements: i from n - 1 down to 1, j in [0, i].
  template <class Swap>
  void shuffle(uint64_t n, Swap swap) {
    for (uint64_t i = n; i-- > 1;) {
      // Go changes over at 2^31 - 2 elements.
      swap(i, i < kLast32 ? uint64_t{uint32n(static_cast<uint32_t>(i + 1))}
                          : static_cast<uint64_t>(int63n(static_cast<int64_t>(i + 1))));
    }
  }

 private:
  static constexpr uint64_t kMask63 = (uint64_t{1} << 63) - 1;
  static constexpr uint64_t kLast32 = (uint64_t{1} << 31) - 1;
  static constexpr int kLength = 607;
  static constexpr int kTap = 273;

  std::array<uint64_t, kLength> state_;
  int tap_ = 0;
  int feed_ = kLength - kTap;
};

}  // namespace dovetail::base
