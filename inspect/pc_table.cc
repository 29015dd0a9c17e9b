#include "inspect/pc_table.h"

#include <algorithm>

namespace dovetail::inspect {

PcTable::PcTable(base::Bytes pctab, uint32_t offset, uint8_t quantum)
    : at_(pctab.data() + std::min<size_t>(offset, pctab.size())),
      limit_(pctab.data() + pctab.size()),
      quantum_(quantum) {}

bool PcTable::next() {
  if (at_ == limit_) return false;
  auto delta = static_cast<uint32_t>(base::read_uleb(at_, limit_));
  if (delta == 0 && !first_) {
    at_ = limit_;
    return false;
  }
  first_ = false;
  uint32_t step = (delta & 1) ? ~(delta >> 1) : delta >> 1;
  value_ = static_cast<int32_t>(static_cast<uint32_t>(value_) + step);
  begin_ = end_;
  end_ += base::read_uleb(at_, limit_) * quantum_;
  return true;
}

}  // namespace dovetail::inspect
