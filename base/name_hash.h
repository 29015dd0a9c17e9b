// The 128-bit hash of a name, by which symbols are joined.
//
// It decides which definition a reference gets, and the dense object format
// stores it, so it is a fixed function (never absl::Hash, which is seeded): two
// 64-bit lanes, each folding 8 bytes per step with a 64x64 -> 128 bit multiply.
// Names average 60 bytes and are read once, so cache misses on the text dominate.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"

namespace dovetail::base {

struct NameHash {
  uint64_t hi = 0, lo = 0;
  friend bool operator==(const NameHash&, const NameHash&) = default;
};

namespace name_hash_internal {
inline uint64_t fold(uint64_t a, uint64_t b) {
  __uint128_t product = static_cast<__uint128_t>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}
}  // namespace name_hash_internal

// `salt` tells apart index spaces: the symbol's ABI.
[[gnu::always_inline]] inline NameHash hash_name(std::string_view name, uint32_t salt) {
  using name_hash_internal::fold;
  constexpr uint64_t k0 = 0xa0761d6478bd642fu, k1 = 0xe7037ed1a0b428dbu, k2 = 0x8ebc6af09c88c6e3u,
                     k3 = 0x589965cc75374cc3u;
  const uint8_t* p = reinterpret_cast<const uint8_t*>(name.data());
  uint64_t n = name.size();
  uint64_t a = k0 ^ (uint64_t{salt} << 32) ^ n, b = k1 + n;
  uint64_t x = 0, y = 0;
  if (n >= 16) {
    const uint8_t* last = p + n - 16;
    for (; p < last; p += 16) {
      x = load64(p), y = load64(p + 8);
      uint64_t next = fold(a ^ x ^ k2, y ^ k3) + b;
      b = fold(b ^ y ^ k1, x ^ k0) + a;
      a = next;
    }
    x = load64(last), y = load64(last + 8);  // may overlap what has been read; the length tells such names apart
  } else if (n >= 8) {
    x = load64(p);
    y = load64(p + n - 8);
  } else if (n >= 4) {
    x = load32(p);
    y = load32(p + n - 4);
  } else if (n > 0) {
    x = uint64_t{p[0]} | uint64_t{p[n / 2]} << 8 | uint64_t{p[n - 1]} << 16;
  }
  a = fold(a ^ x ^ k2, y ^ b ^ k3);
  b = fold(b ^ y ^ k0, x ^ a ^ k1);
  return {fold(a ^ k1, b ^ k2), fold(b ^ k3, a ^ k0)};
}

}  // namespace dovetail::base
