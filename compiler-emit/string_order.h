// The order of the strings in a goobj file's string table: the one thing that only the way back to goobj
// needs to know.
//
// The compiler writes a string when it first meets it, walking over definitions and what they refer to. Each
// string belongs to a slot: the name of a symbol, a package, a file and so on; slots come in spaces, within
// which the strings follow each other mostly. So the order is kept as one number for each string:
//
//     uleb   zigzag(slot - next slot of its space whose string has not come yet) << 4 | space
//     uleb   length << 4 | 15, and the bytes: text that nothing refers to (the compiler writes names of what
//     only its
//            auxiliary symbols mention)
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"

namespace dovetail::emit {

inline constexpr uint32_t kStringSpaces = 9;  // five of symbols, externals, packages, direct imports, files

struct StringSlots {
  uint32_t ends[kStringSpaces] = {};  // of the spaces, which lie end to end
  std::vector<uint32_t> text;         // of each slot; equal strings have equal numbers, counted from 0
  uint32_t texts = 0;
};

// A string that slots have, or text that none has.
struct StringItem {
  uint32_t text = 0;
  base::Bytes unused;
};

std::vector<uint8_t> encode_string_order(const StringSlots& slots, std::span<const StringItem> items);
// Texts that the bytes do not name follow in the order of their slots. So any bytes give an order.
std::vector<StringItem> decode_string_order(const StringSlots& slots, base::Bytes bytes);

}  // namespace dovetail::emit
