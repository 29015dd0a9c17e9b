// Copies of many short texts, which stay where they are until the arena goes.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace dovetail::base {

class TextArena {
 public:
  std::string_view keep(std::string_view text) {
    if (text.empty()) return {};
    if (text.size() > left_) grow(text.size());
    char* place = next_;
    std::memcpy(place, text.data(), text.size());
    next_ += text.size();
    left_ -= text.size();
    return {place, text.size()};
  }

 private:
  // Small arenas stay small; large ones ask for memory a few times.
  void grow(size_t size) {
    chunk_ = std::max(size, std::min<size_t>(chunk_ * 4, 64 << 10));
    chunks_.emplace_back(new char[chunk_]);
    next_ = chunks_.back().get();
    left_ = chunk_;
  }

  std::vector<std::unique_ptr<char[]>> chunks_;
  char* next_ = nullptr;
  size_t left_ = 0, chunk_ = 256;
};

}  // namespace dovetail::base
