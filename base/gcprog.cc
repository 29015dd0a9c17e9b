#include "base/gcprog.h"

#include <algorithm>
#include <bit>

namespace dovetail::base {
namespace {

constexpr uint64_t kLongGap = 32;  // from here zeros are repeated, not written out

// `count` bits of `mask` from bit `at`, which is a multiple of 8. REQUIRES: 0 < count <= 32.
uint32_t mask_bits(Bytes mask, uint64_t at, unsigned count) {
  uint32_t bits = 0;
  for (unsigned i = 0; i < count; i += 8) bits |= uint32_t{mask[(at + i) / 8]} << i;
  return count == 32 ? bits : bits & ((1u << count) - 1);
}

}  // namespace

// REQUIRES: count <= 64, no bit above it.
void GcProgram::put_literals(uint64_t bits, unsigned count) {
  index_ += count;
  while (count > 0) {
    // A full buffer is only written when another bit comes.
    if (literal_count_ == kLiteralMax) flush_literals();
    const unsigned taken = std::min(count, kLiteralMax - literal_count_);
    const uint64_t part = taken == 64 ? bits : bits & ((uint64_t{1} << taken) - 1);
    const unsigned shift = literal_count_ % 64;
    literals_[literal_count_ / 64] |= part << shift;
    if (shift + taken > 64) literals_[1] |= part >> (64 - shift);
    literal_count_ += taken;
    count -= taken;
    bits = taken == 64 ? 0 : bits >> taken;
  }
}

void GcProgram::flush_literals() {
  if (literal_count_ == 0) return;
  uint8_t piece[1 + sizeof literals_];
  piece[0] = static_cast<uint8_t>(literal_count_);
  store64(piece + 1, literals_[0]);
  store64(piece + 9, literals_[1]);
  out_.insert(out_.end(), piece, piece + 1 + (literal_count_ + 7) / 8);
  literals_[0] = literals_[1] = 0;
  literal_count_ = 0;
}

void GcProgram::put_varint(uint64_t value) {
  uint8_t bytes[10];
  out_.insert(out_.end(), bytes, write_uleb(bytes, value));
}

void GcProgram::pointer(uint64_t index) {
  zero_until(index);
  if (ok_) put_literals(1, 1);
}

void GcProgram::pointers(uint64_t index, Bytes mask, uint64_t count) {
  for (uint64_t at = 0; at < count; at += 32) {
    const uint32_t bits = mask_bits(mask, at, static_cast<unsigned>(std::min<uint64_t>(32, count - at)));
    if (bits == 0) continue;
    const int first = std::countr_zero(bits);
    zero_until(index + at + static_cast<unsigned>(first));
    if (!ok_) return;
    put_literals(bits >> first, static_cast<unsigned>(std::bit_width(bits) - first));
  }
}

void GcProgram::zero_until(uint64_t index) {
  if (!ok_) return;
  if (index < index_ || index > kIndexMax) {
    ok_ = false;
    return;
  }
  const uint64_t gap = index - index_;
  if (gap < kLongGap) return put_literals(0, static_cast<unsigned>(gap));
  put_literals(0, 1);
  repeat(1, gap - 1);
}

void GcProgram::repeat(uint64_t n, uint64_t c) {
  if (!ok_ || n == 0 || c == 0) return;
  uint64_t words = 0;
  if (__builtin_mul_overflow(n, c, &words) || words > kIndexMax - index_) {
    ok_ = false;
    return;
  }
  flush_literals();
  out_.push_back(static_cast<uint8_t>(n < 128 ? 0x80 | n : 0x80));
  if (n >= 128) put_varint(n);
  put_varint(c);
  index_ += words;
}

void GcProgram::end() {
  flush_literals();
  out_.push_back(0);
}

}  // namespace dovetail::base
