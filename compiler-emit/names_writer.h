// Writes names with shared prefixes, as objfmt/dense/names.h reads them.
#pragma once

#include <string_view>
#include <vector>

#include "objfmt/dense/names.h"

namespace dovetail::emit {

class NamesWriter {
 public:
  void add(std::string_view name);
  // The block; the writer is empty afterwards.
  std::vector<uint8_t> finish();

 private:
  std::vector<uint32_t> groups_;
  std::vector<uint8_t> text_;
  std::string_view group_[objfmt::dense::kNamesPerGroup];
  uint32_t count_ = 0;
};

}  // namespace dovetail::emit
