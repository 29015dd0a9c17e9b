// Two sums modulo 65521: s1 = 1 + sum of bytes, s2 = sum of all values of s1. Over a run of n bytes s2 grows
// by n * s1 + n * b[0] + (n-1) * b[1] + ... + b[n-1], which is what the vector loop gathers 32 bytes at a
// time: plain sums with psadbw, weighted ones with pmaddubsw. The remainder is taken once per kRun bytes.
#include "base/adler32.h"

#include <algorithm>

#ifdef __SSSE3__
#include <tmmintrin.h>
#endif

namespace dovetail::base {
namespace {

constexpr uint32_t kModulus = 65521;
constexpr size_t kRun = 5536;  // a multiple of 32; 5552 is the most that keeps s2 below 2^32

struct Sums {
  uint32_t s1;
  uint32_t s2;
};

#ifdef __SSSE3__
uint32_t horizontal_sum(__m128i v) {
  v = _mm_add_epi32(v, _mm_shuffle_epi32(v, _MM_SHUFFLE(1, 0, 3, 2)));
  v = _mm_add_epi32(v, _mm_shuffle_epi32(v, _MM_SHUFFLE(2, 3, 0, 1)));
  return static_cast<uint32_t>(_mm_cvtsi128_si32(v));
}

// REQUIRES: n is a multiple of 32 and at most kRun.
void add_wide(Sums& sums, const uint8_t* p, size_t n) {
  const __m128i weights_hi = _mm_setr_epi8(32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17);
  const __m128i weights_lo = _mm_setr_epi8(16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1);
  const __m128i zero = _mm_setzero_si128();
  const __m128i ones = _mm_set1_epi16(1);
  __m128i before = zero;  // sum over steps of s1 as it was before the step
  __m128i plain = zero;
  __m128i weighted = zero;
  for (size_t i = 0; i < n; i += 32) {
    const __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + i));
    const __m128i y = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + i + 16));
    before = _mm_add_epi32(before, plain);
    plain = _mm_add_epi32(plain, _mm_add_epi32(_mm_sad_epu8(x, zero), _mm_sad_epu8(y, zero)));
    weighted = _mm_add_epi32(weighted, _mm_madd_epi16(_mm_maddubs_epi16(x, weights_hi), ones));
    weighted = _mm_add_epi32(weighted, _mm_madd_epi16(_mm_maddubs_epi16(y, weights_lo), ones));
  }
  sums.s2 += static_cast<uint32_t>(n) * sums.s1 + 32 * horizontal_sum(before) + horizontal_sum(weighted);
  sums.s1 += horizontal_sum(plain);
}
#endif

void add(Sums& sums, const uint8_t* p, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    sums.s1 += p[i];
    sums.s2 += sums.s1;
  }
}

}  // namespace

uint32_t adler32(Bytes bytes) {
  Sums sums = {1, 0};
  const uint8_t* p = bytes.data();
  for (size_t left = bytes.size(); left > 0;) {
    const size_t n = std::min(left, kRun);
    size_t wide = 0;
#ifdef __SSSE3__
    wide = n / 32 * 32;
    add_wide(sums, p, wide);
#endif
    add(sums, p + wide, n - wide);
    sums.s1 %= kModulus;
    sums.s2 %= kModulus;
    p += n;
    left -= n;
  }
  return sums.s2 << 16 | sums.s1;
}

uint32_t adler32_concat(uint32_t x, uint32_t y, uint64_t y_size) {
  // y began at s1 = 1 where the concatenation stands at x's s1: the difference counts once per byte of y.
  const uint64_t shift = (x & 0xffff) + kModulus - 1;
  const uint64_t s1 = (shift + (y & 0xffff)) % kModulus;
  const uint64_t s2 = ((x >> 16) + (y >> 16) + shift % kModulus * (y_size % kModulus)) % kModulus;
  return static_cast<uint32_t>(s2 << 16 | s1);
}

}  // namespace dovetail::base
