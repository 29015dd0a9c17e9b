#include "loader/stack_calls.h"

namespace dovetail::loader {

bool PcValues::read(uint64_t* v) {
  *v = 0;
  for (unsigned shift = 0; p_ < end_ && shift < 64; shift += 7) {
    uint8_t b = *p_++;
    *v |= uint64_t{b & 0x7fu} << shift;
    if (b < 0x80) return true;
  }
  damaged_ = true;
  return false;
}

bool PcValues::next() {
  if (damaged_ || p_ == end_) return false;
  uint64_t delta, length;
  if (!read(&delta)) return false;
  if (delta == 0 && !first_) {
    p_ = end_;
    return false;
  }
  first_ = false;
  value_ = static_cast<int32_t>(static_cast<uint32_t>(value_) +
                                static_cast<uint32_t>(delta >> 1 ^ (0 - (delta & 1))));
  if (!read(&length)) return false;
  end_pc_ += static_cast<uint32_t>(length) * quantum_;
  return true;
}

}  // namespace dovetail::loader
