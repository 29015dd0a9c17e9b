// The generator's 607 words start as a quick sequence from the seed, xored with 607 constants. Those are the
// state of the same generator, seeded with 1, after 7.8e12 numbers (math/rand/gen_cooked.go). Go keeps them
// as a table; we jump there. The sequence is linear, s[k] = s[k-607] + s[k-273], so s[n] is the sum of c[i] *
// s[i] where the c[i] are the coefficients of x^n modulo x^607 - x^334 - 1 over the integers modulo 2^64: 43
// squarings, 4 ms, paid for by links with -randlayout only.
#include "base/go_rand.h"

#include <algorithm>
#include <bit>

namespace dovetail::base {
namespace {

constexpr int kLength = 607;
constexpr int kTap = 273;
constexpr uint64_t kWarmUp = 7'800'000'000'000;

using State = std::array<uint64_t, kLength>;
using Polynomial = State;  // coefficient of x^i at [i]

// The seed's own sequence, Go's seedrand: multiplication by 48271 modulo 2^31 - 1.
class SeedSequence {
 public:
  explicit SeedSequence(int64_t seed) {
    seed %= kModulus;
    if (seed < 0) seed += kModulus;
    value_ = seed == 0 ? 89482311 : static_cast<uint64_t>(seed);
    for (int i = 0; i < 20; ++i) next();
  }
  uint64_t next() { return value_ = value_ * 48271 % kModulus; }

  // Three numbers, each shifted by `shift` against the next.
  uint64_t next_word(int shift) {
    const uint64_t high = next() << (2 * shift);
    const uint64_t middle = next() << shift;
    return high ^ middle ^ next();
  }

 private:
  static constexpr int64_t kModulus = (int64_t{1} << 31) - 1;
  uint64_t value_;
};

// a * a, times x if asked for, modulo x^607 - x^334 - 1.
void square(Polynomial& a, bool times_x) {
  std::array<uint64_t, 2 * kLength> product{};
  const int up = times_x ? 1 : 0;
  for (int i = 0; i < kLength; ++i) {
    product[2 * i + up] += a[i] * a[i];
    const uint64_t twice = 2 * a[i];
    for (int j = i + 1; j < kLength; ++j) product[i + j + up] += twice * a[j];
  }
  for (int i = 2 * kLength - 1; i >= kLength; --i) {
    product[i - kLength] += product[i];
    product[i - kTap] += product[i];
  }
  std::copy_n(product.begin(), kLength, a.begin());
}

// Words are written downwards from kLength - kTap: the k-th number goes to slot (kLength - kTap - k) mod
// kLength.
int slot_of(int k) { return ((kLength - kTap - k) % kLength + kLength) % kLength; }

// gen_cooked.go's vector.
State warmed_up() {
  State start;
  SeedSequence seed(1);
  for (uint64_t& word : start) word = seed.next_word(10);
  // The numbers in the order in which they were, or would have been, made; then as many more.
  std::array<uint64_t, 2 * kLength> numbers;
  for (int i = 0; i < kLength; ++i) numbers[i] = start[slot_of(i + 1)];
  for (int i = kLength; i < 2 * kLength; ++i) numbers[i] = numbers[i - kLength] + numbers[i - kTap];

  Polynomial jump{1};
  for (int bit = std::bit_width(kWarmUp) - 1; bit >= 0; --bit) square(jump, (kWarmUp >> bit & 1) != 0);
  State end;
  for (int k = 0; k < kLength; ++k) {
    uint64_t number = 0;
    for (int i = 0; i < kLength; ++i) number += jump[i] * numbers[i + k];
    end[slot_of(static_cast<int>(kWarmUp % kLength) + k + 1)] = number;
  }
  return end;
}

}  // namespace

GoRandom::GoRandom(int64_t seed) : state_(warmed_up()) {
  SeedSequence sequence(seed);
  for (uint64_t& word : state_) word ^= sequence.next_word(20);
}

uint64_t GoRandom::next() {
  tap_ = tap_ == 0 ? kLength - 1 : tap_ - 1;
  feed_ = feed_ == 0 ? kLength - 1 : feed_ - 1;
  return state_[feed_] += state_[tap_];
}

int64_t GoRandom::int63n(int64_t n) {
  const auto range = static_cast<uint64_t>(n);
  if (std::has_single_bit(range)) return int63() & (n - 1);
  const auto largest = static_cast<int64_t>(kMask63 - (uint64_t{1} << 63) % range);
  int64_t value = int63();
  while (value > largest) value = int63();
  return value % n;
}

uint32_t GoRandom::uint32n(uint32_t n) {
  const auto draw = [this, n] { return uint64_t{static_cast<uint32_t>(int63() >> 31)} * n; };
  uint64_t product = draw();
  if (static_cast<uint32_t>(product) < n) {
    const uint32_t unfair = (0 - n) % n;
    while (static_cast<uint32_t>(product) < unfair) product = draw();
  }
  return static_cast<uint32_t>(product >> 32);
}

}  // namespace dovetail::base
