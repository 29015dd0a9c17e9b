// Unaligned little-endian access to bytes that somebody else wrote.
//
// Archives place their members at any even offset, so nothing that is read from
// a file is ever overlaid with a C++ type: every load goes through memcpy, which
// the compiler turns into one instruction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace dovetail::base {

using Bytes = std::span<const uint8_t>;
using MutableBytes = std::span<uint8_t>;

template <class T>
inline T load(const uint8_t* p) {
  T v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
inline uint16_t load16(const uint8_t* p) { return load<uint16_t>(p); }
inline uint32_t load32(const uint8_t* p) { return load<uint32_t>(p); }
inline uint64_t load64(const uint8_t* p) { return load<uint64_t>(p); }

template <class T>
inline void store(uint8_t* p, T v) {
  std::memcpy(p, &v, sizeof v);
}
inline void store16(uint8_t* p, uint16_t v) { store(p, v); }
inline void store32(uint8_t* p, uint32_t v) { store(p, v); }
inline void store64(uint8_t* p, uint64_t v) { store(p, v); }
inline void store64_be(uint8_t* p, uint64_t v) { store(p, __builtin_bswap64(v)); }

inline std::string_view as_text(Bytes b) { return {reinterpret_cast<const char*>(b.data()), b.size()}; }
inline Bytes as_bytes(std::string_view s) { return {reinterpret_cast<const uint8_t*>(s.data()), s.size()}; }

inline uint64_t round_up(uint64_t v, uint64_t align) {
  return align <= 1 ? v : (v + align - 1) / align * align;
}

// A range [offset, offset + length) of `b`, or an empty one when it does not fit.
inline Bytes subrange(Bytes b, uint64_t offset, uint64_t length) {
  if (offset > b.size() || length > b.size() - offset) return {};
  return b.subspan(offset, length);
}

// Varints as Go's encoding/binary and DWARF write them. `p` moves behind the
// number; on truncated input it moves to `end` and 0 is returned.
inline uint64_t read_uleb(const uint8_t*& p, const uint8_t* end) {
  uint64_t v = 0;
  for (unsigned shift = 0; p < end; shift += 7) {
    uint8_t b = *p++;
    if (shift < 64) v |= uint64_t{b & 0x7fu} << shift;
    if (b < 0x80) return v;
  }
  return 0;
}
inline int64_t read_sleb(const uint8_t*& p, const uint8_t* end) {
  uint64_t v = 0;
  unsigned shift = 0;
  while (p < end) {
    uint8_t b = *p++;
    if (shift < 64) v |= uint64_t{b & 0x7fu} << shift;
    shift += 7;
    if (b < 0x80) {
      if (shift < 64 && (b & 0x40)) v |= ~uint64_t{0} << shift;
      return static_cast<int64_t>(v);
    }
  }
  return 0;
}
inline unsigned uleb_size(uint64_t v) {
  unsigned n = 1;
  while (v >= 0x80) v >>= 7, n++;
  return n;
}
inline uint8_t* write_uleb(uint8_t* p, uint64_t v) {
  while (v >= 0x80) *p++ = static_cast<uint8_t>(v) | 0x80, v >>= 7;
  *p++ = static_cast<uint8_t>(v);
  return p;
}
inline uint8_t* write_sleb(uint8_t* p, int64_t v) {
  for (;;) {
    uint8_t b = v & 0x7f;
    v >>= 7;
    if ((v == 0 && !(b & 0x40)) || (v == -1 && (b & 0x40))) {
      *p++ = b;
      return p;
    }
    *p++ = b | 0x80;
  }
}

// Small numbers of either sign as small numbers: 0, -1, 1, -2 … become 0, 1, 2, 3 …
inline uint64_t zigzag(int64_t v) { return static_cast<uint64_t>(v) << 1 ^ static_cast<uint64_t>(v >> 63); }
inline int64_t unzigzag(uint64_t v) { return static_cast<int64_t>(v >> 1) ^ -static_cast<int64_t>(v & 1); }

}  // namespace dovetail::base
