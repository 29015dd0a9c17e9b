// Functions in the order of addresses, cut where their object changes. An object's functions mostly stand together, so
// a pass that goes by object finds its share of a table that is ordered by address, in few pieces.
#pragma once

#include "loader/symbols.h"

namespace dovetail::loader {

// Positions [begin, end) in the order of addresses.
struct TextRun {
  uint32_t begin, end;
};

class TextRuns {
 public:
  // Runs are at most `most` long.
  TextRuns(const Program& program, std::span<const SymId> functions, uint32_t most);

  const std::vector<TextRun>& all() const { return runs_; }  // ascending
  // Numbers of an object's runs, ascending. What no object has is with the first one.
  std::span<const uint32_t> of(uint32_t object) const {
    return std::span(by_object_).subspan(first_[object], first_[object + 1] - first_[object]);
  }
  // The run that holds a position.
  uint32_t find(uint32_t position) const;

 private:
  std::vector<TextRun> runs_;
  std::vector<uint32_t> by_object_, first_;
};

}  // namespace dovetail::loader
