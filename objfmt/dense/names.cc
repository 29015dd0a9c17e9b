#include "objfmt/dense/names.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "objfmt/dense/asked.h"

namespace dovetail::objfmt::dense {
absl::StatusOr<NameTable> NameTable::open(base::Bytes block, uint32_t count, Block which) {
  uint64_t table = (uint64_t{count} + kNamesPerGroup - 1) / kNamesPerGroup * 4;
  if (table > block.size()) {
    return absl::InvalidArgumentError(
        base::concat("group table: want ", table, " bytes, have ", block.size()));
  }
  NameTable t;
  t.groups_ = block.data();
  t.text_ = block.subspan(table);
  t.count_ = count;
  t.which_ = which;
  return t;
}

bool NameTable::read_entry(const uint8_t*& p, const uint8_t* end, const Entry* group, uint32_t k,
                           Entry* entry) {
  uint64_t head = base::read_uleb(p, end);
  if (p == end) return false;
  uint64_t shared = head >> 4, which = head & 15, rest = base::read_uleb(p, end);
  if (rest > static_cast<uint64_t>(end - p) || rest > kLongestName || shared > kLongestName) return false;
  if (shared != 0 && (which >= k || shared > group[k - 1 - which].size())) return false;
  *entry = {static_cast<uint32_t>(shared), static_cast<uint32_t>(which), base::Bytes(p, rest)};
  p += rest;
  return true;
}

// Reads the group up to the name.
bool NameTable::read_group(uint32_t i, NameBuffer& b) const {
  if (i >= count_) return false;
  uint32_t group = i / kNamesPerGroup, k = i % kNamesPerGroup;
  if (b.groups_ != groups_ || b.group_ != group) {
    uint32_t offset = base::load32(groups_ + size_t{group} * 4);
    if (offset > text_.size()) return false;
    b.groups_ = groups_, b.group_ = group, b.known_ = 0;
    b.next_ = text_.data() + offset;
  }
  const uint8_t* end = text_.data() + text_.size();
  const uint8_t* begin = b.next_;
  for (; b.known_ <= k; b.known_++) {
    if (read_entry(b.next_, end, b.entries_, b.known_, &b.entries_[b.known_])) continue;
    b.groups_ = nullptr;
    return false;
  }
  count_asked(which_, static_cast<uint64_t>(b.next_ - begin));
  return true;
}

std::optional<uint32_t> NameTable::length(uint32_t i, NameBuffer& buffer) const {
  if (!read_group(i, buffer)) return std::nullopt;
  return static_cast<uint32_t>(buffer.entries_[i % kNamesPerGroup].size());
}

// Puts the name together from its end.
bool NameTable::read(uint32_t i, NameBuffer& b) const {
  b.text_.clear();
  if (!read_group(i, b)) return false;
  uint32_t k = i % kNamesPerGroup;
  uint64_t left = b.entries_[k].size();
  b.text_.resize(left);
  while (left > 0) {
    const Entry& e = b.entries_[k];
    if (left > e.shared) std::memcpy(b.text_.data() + e.shared, e.rest.data(), left - e.shared);
    left = std::min<uint64_t>(left, e.shared);
    k -= 1 + e.which;
  }
  return true;
}

bool NameCursor::next(std::string_view* name) {
  if (i_ >= table_.count_) return false;
  uint32_t k = i_ % kNamesPerGroup;
  const uint8_t* end = table_.text_.data() + table_.text_.size();
  if (k == 0) {
    uint32_t offset = base::load32(table_.groups_ + size_t{i_ / kNamesPerGroup} * 4);
    // Groups follow each other, or a small block could hold any number of long names.
    if (offset != static_cast<uint64_t>(p_ - table_.text_.data())) p_ = end;
  }
  NameTable::Entry& e = entries_[k];
  const uint8_t* begin = p_;
  if (!NameTable::read_entry(p_, end, entries_, k, &e)) {
    i_ = table_.count_;
    return false;
  }
  count_asked(table_.which_, static_cast<uint64_t>(p_ - begin));
  std::string& text = group_[k];
  text.clear();
  if (e.shared != 0) text.append(group_[k - 1 - e.which], 0, e.shared);
  text.append(base::as_text(e.rest));
  *name = text;
  i_++;
  return true;
}

}  // namespace dovetail::objfmt::dense
