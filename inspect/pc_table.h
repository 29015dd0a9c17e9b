// Tables that give a value for each pc of a function: stack depth, file, line, index of the inlined call and others.
// They are the same in objects and in images (cmd/internal/obj/pcln.go, Go 1.26).
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace dovetail::inspect {

// One pc table: pairs of varints (zigzag value delta, pc delta), ended by a zero value delta. Values start at
// -1.
class PcTable {
 public:
  PcTable(base::Bytes pctab, uint32_t offset, uint8_t quantum);
  // Moves to the next step; false at the end (or at damage, which ends a table too).
  bool next();
  int32_t value() const { return value_; }
  uint64_t begin() const { return begin_; }  // of the pc range that has the value, from the function's entry
  uint64_t end() const { return end_; }

 private:
  const uint8_t *at_, *limit_;
  uint8_t quantum_;
  bool first_ = true;
  int32_t value_ = -1;
  uint64_t begin_ = 0, end_ = 0;
};

}  // namespace dovetail::inspect
