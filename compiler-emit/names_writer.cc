#include "compiler-emit/names_writer.h"

#include <algorithm>

#include "compiler-emit/byte_sink.h"

namespace dovetail::emit {

using objfmt::dense::kNamesPerGroup;

void NamesWriter::add(std::string_view name) {
  uint32_t k = count_++ % kNamesPerGroup;
  if (k == 0) groups_.push_back(static_cast<uint32_t>(text_.size()));
  size_t shared = 0;
  uint32_t which = 0;
  for (uint32_t back = 0; back < k; back++) {
    std::string_view other = group_[k - 1 - back];
    size_t n = static_cast<size_t>(
        std::mismatch(name.begin(),
                      name.begin() + static_cast<ptrdiff_t>(std::min(name.size(), other.size())),
                      other.begin())
            .first -
        name.begin());
    if (n > shared) shared = n, which = back;
  }
  group_[k] = name;
  put_uleb(text_, shared << 4 | which);
  put_uleb(text_, name.size() - shared);
  put_text(text_, name.substr(shared));
}

std::vector<uint8_t> NamesWriter::finish() {
  std::vector<uint8_t> block;
  block.reserve(groups_.size() * 4 + text_.size());
  for (uint32_t offset : groups_) put(block, offset);
  put_bytes(block, text_);
  *this = {};
  return block;
}

}  // namespace dovetail::emit
