// Names with shared prefixes: an offset for each group of 16, then in each group the names, each as what it
// shares with an earlier one of its group and what is its own.
//
//     u32 x ceil(count / 16)   offsets of the groups, from the end of this table
//     name                     uleb (shared << 4 | which), uleb length of the rest, the rest
//
// `which` counts back: 0 is the name before, 1 the one before that; it is 0 if nothing is shared.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "objfmt/dense/layout.h"

namespace dovetail::objfmt::dense {

class NameBuffer;

class NameTable {
 public:
  NameTable() = default;
  // `count` as the header has it; fails if the table of groups does not fit.
  static absl::StatusOr<NameTable> open(base::Bytes block, uint32_t count, Block which = Block::kNames);

  uint32_t size() const { return count_; }
  // False if the name is malformed; then the buffer's text is empty.
  bool read(uint32_t i, NameBuffer& buffer) const;
  // Nothing if the name is malformed.
  std::optional<uint32_t> length(uint32_t i, NameBuffer& buffer) const;

 private:
  struct Entry {
    uint32_t shared, which;
    base::Bytes rest;
    uint64_t size() const { return shared + rest.size(); }
  };
  bool read_group(uint32_t i, NameBuffer& buffer) const;
  static bool read_entry(const uint8_t*& p, const uint8_t* end, const Entry* group, uint32_t k, Entry* entry);
  base::Bytes text_;
  const uint8_t* groups_ = nullptr;
  uint32_t count_ = 0;
  Block which_ = Block::kNames;  // for those who count
  friend class NameBuffer;
  friend class NameCursor;
};

// Where a name is put together. It remembers how far its group has been read, so names that are asked for in their order
// cost one walk over the group for all of them. REQUIRES: tables that are read through it stay mapped.
class NameBuffer {
 public:
  std::string_view text() const { return text_; }
  void clear() { text_.clear(); }

 private:
  friend class NameTable;
  std::string text_;
  const uint8_t* groups_ = nullptr;  // of the table; with it, the group and how many of its entries are known
  uint32_t group_ = 0, known_ = 0;
  const uint8_t* next_ = nullptr;
  NameTable::Entry entries_[kNamesPerGroup];
};

// All names of a table, one after another.
class NameCursor {
 public:
  explicit NameCursor(const NameTable& table) : table_(table), p_(table.text_.data()) {}
  // The next name; valid until 16 further calls. False behind the last and if the table is malformed.
  bool next(std::string_view* name);

 private:
  const NameTable& table_;
  uint32_t i_ = 0;
  const uint8_t* p_;
  NameTable::Entry entries_[kNamesPerGroup];
  std::string group_[kNamesPerGroup];
};

// The longest name that is accepted.
inline constexpr uint64_t kLongestName = 1 << 26;

}  // namespace dovetail::objfmt::dense
