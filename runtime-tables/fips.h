// The self-check of the FIPS 140 module: what it covers, and its sum.
//
// Code and data of the module have kinds of their own, so that layout puts them together; symbols of one byte
// each stand before and behind. go:fipsinfo tells the module at start where those are, and the HMAC-SHA256 over
// the bytes between them (start symbol included, end symbol not) as they stand in the finished image.
// cmd/link ld/fips140.go, Go 1.26.
#pragma once

#include <array>
#include <span>

#include "loader/symbols.h"

namespace dovetail::runtime_tables {

struct FipsSymbols {
  loader::SymId info = loader::SymId::kNil;  // a section of its own, .go.fipsinfo
  // Text, read-only data, data without pointers, data.
  std::array<loader::SymId, 4> start{}, end{};
};

// Where in go:fipsinfo the sum goes.
inline constexpr uint32_t kFipsSumOffset = 16, kFipsSumSize = 32;

// The text brackets (start[0], end[0]) belong to the functions, behind all others of their kinds.
FipsSymbols make_fips_symbols(loader::Services& sv, loader::Program& program);

using FipsSum = std::array<uint8_t, kFipsSumSize>;

// The sum over the four ranges. With -fipso, what is summed is written to that file too; if it cannot be, that is
// reported and the result is false.
bool sum_fips(loader::Services& sv, const std::array<base::Bytes, 4>& ranges, FipsSum* sum);

}  // namespace dovetail::runtime_tables
