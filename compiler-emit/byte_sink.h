// Bytes of a block that grows.
#pragma once

#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace dovetail::emit {

template <class T>
void put(std::vector<uint8_t>& out, T value) {
  size_t at = out.size();
  out.resize(at + sizeof value);
  base::store(&out[at], value);
}
inline void put_uleb(std::vector<uint8_t>& out, uint64_t value) {
  uint8_t buffer[10];
  out.insert(out.end(), buffer, base::write_uleb(buffer, value));
}
inline void put_sleb(std::vector<uint8_t>& out, int64_t value) {
  uint8_t buffer[10];
  out.insert(out.end(), buffer, base::write_sleb(buffer, value));
}
inline void put_bytes(std::vector<uint8_t>& out, base::Bytes bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}
inline void put_text(std::vector<uint8_t>& out, std::string_view text) {
  put_bytes(out, base::as_bytes(text));
}

}  // namespace dovetail::emit
