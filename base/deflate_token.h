// How stage 1 of base/go_deflate.h hands its findings to stage 2.
#pragma once

#include <cstddef>
#include <cstdint>

namespace dovetail::base {

inline constexpr size_t kMaxMatch = 258;

// A token is one literal or one match:
//   bits 0 to 8    the literal, or kFirstLength + length - kMinCodedLength
//   bits 9 to 13   for a match: its distance code, plus 1
//   bits 14 to 26  for a match: the extra bits of the distance
inline constexpr uint32_t kFirstLength = 256;
inline constexpr uint32_t kMinCodedLength = 3;
inline constexpr uint32_t kTokenSymbols = 512;
inline constexpr int kTokenDistanceShift = 9;
inline constexpr int kTokenExtraShift = 14;

}  // namespace dovetail::base
