#include "objfmt/dense/names.h"

#include "base/text.h"

namespace dovetail::objfmt::dense {
namespace {

// Reads the name at `p` into names[k] of its group; nullptr if it is malformed.
const uint8_t* read_name(const uint8_t* p, const uint8_t* end, std::string* names, uint32_t k) {
  uint64_t head = base::read_uleb(p, end), rest = base::read_uleb(p, end);
  uint64_t shared = head >> 4, which = head & 15;
  std::string& name = names[k];
  name.clear();
  if (rest > static_cast<uint64_t>(end - p) || shared > kLongestName || rest > kLongestName) return nullptr;
  if (shared != 0) {
    if (which >= k || shared > names[k - 1 - which].size()) return nullptr;
    name.assign(names[k - 1 - which], 0, shared);
  }
  name.append(reinterpret_cast<const char*>(p), rest);
  return p + rest;
}

}  // namespace

absl::StatusOr<NameTable> NameTable::open(base::Bytes block, uint32_t count) {
  uint64_t table = (uint64_t{count} + kNamesPerGroup - 1) / kNamesPerGroup * 4;
  if (table > block.size()) {
    return absl::InvalidArgumentError(base::concat("group table: want ", table, " bytes, have ", block.size()));
  }
  NameTable t;
  t.groups_ = block.data();
  t.text_ = block.subspan(table);
  t.count_ = count;
  return t;
}

bool NameTable::read(uint32_t i, std::string& name) const {
  name.clear();
  if (i >= count_) return false;
  uint32_t offset = base::load32(groups_ + size_t{i / kNamesPerGroup} * 4);
  if (offset > text_.size()) return false;
  const uint8_t *p = text_.data() + offset, *end = text_.data() + text_.size();
  std::string group[kNamesPerGroup];
  for (uint32_t k = 0; k <= i % kNamesPerGroup; k++) {
    p = read_name(p, end, group, k);
    if (p == nullptr) return false;
  }
  name = std::move(group[i % kNamesPerGroup]);
  return true;
}

bool NameCursor::next(std::string_view* name) {
  if (i_ >= table_.count_) return false;
  uint32_t k = i_ % kNamesPerGroup;
  if (k == 0) {
    uint32_t offset = base::load32(table_.groups_ + size_t{i_ / kNamesPerGroup} * 4);
    if (offset > table_.text_.size()) return false;
    p_ = table_.text_.data() + offset;
  }
  p_ = read_name(p_, table_.text_.data() + table_.text_.size(), group_, k);
  if (p_ == nullptr) {
    i_ = table_.count_;
    return false;
  }
  *name = group_[k];
  i_++;
  return true;
}

}  // namespace dovetail::objfmt::dense
