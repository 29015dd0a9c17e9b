// Bytes that grow: numbers and text put at the end.
#pragma once

#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace dovetail::base {

template <class T>
void put(std::vector<uint8_t>& out, T value) {
  size_t at = out.size();
  out.resize(at + sizeof value);
  store(&out[at], value);
}
inline void put_uleb(std::vector<uint8_t>& out, uint64_t value) {
  uint8_t buffer[10];
  out.insert(out.end(), buffer, write_uleb(buffer, value));
}
inline void put_sleb(std::vector<uint8_t>& out, int64_t value) {
  uint8_t buffer[10];
  out.insert(out.end(), buffer, write_sleb(buffer, value));
}
inline void put_bytes(std::vector<uint8_t>& out, Bytes bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}
inline void put_text(std::vector<uint8_t>& out, std::string_view text) {
  put_bytes(out, as_bytes(text));
}

}  // namespace dovetail::base
