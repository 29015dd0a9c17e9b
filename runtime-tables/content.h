// Bytes that the linker makes up, word by word.
#pragma once

#include <algorithm>
#include <cstring>

#include "loader/symbols.h"
#include "runtime-tables/arch.h"

namespace dovetail::runtime_tables {

// Appends to the content of a symbol; finish() makes what was written its size. Empties it first.
class ContentWriter {
 public:
  ContentWriter(loader::Program& program, loader::SymId s)
      : syms_(program.syms), s_(s), content_(program.syms.make_content(s)) {
    content_.data.clear();
    content_.relocs.clear();
  }

  void address(loader::SymId target, int64_t addend = 0) {
    content_.relocs.push_back({static_cast<uint32_t>(content_.data.size()), kPointerSize, objfmt::RelocKind::kAddr,
                               addend, target});
    word(0);
  }
  void word(uint64_t v) {
    size_t at = content_.data.size();
    content_.data.resize(at + kPointerSize);
    base::store64(&content_.data[at], v);
  }
  void byte(uint8_t v) { content_.data.push_back(v); }
  void bytes(base::Bytes b) {
    size_t at = content_.data.size();
    content_.data.resize(at + b.size());
    if (!b.empty()) std::memcpy(content_.data.data() + at, b.data(), b.size());
  }
  // A slice header: address, length, capacity.
  void slice(loader::SymId target, uint64_t length) {
    address(target);
    word(length);
    word(length);
  }
  void zero_words(int n) {
    while (n-- > 0) word(0);
  }
  uint64_t size() const { return content_.data.size(); }
  std::vector<uint8_t>& data() { return content_.data; }

  // The symbol's size is at least `least`.
  void finish(uint64_t least = 0) {
    uint64_t size = std::max<uint64_t>(content_.data.size(), least);
    syms_.size[base::index(s_)] = static_cast<uint32_t>(std::min<uint64_t>(size, UINT32_MAX));
  }

 private:
  loader::Symbols& syms_;
  loader::SymId s_;
  loader::MadeContent& content_;
};

}  // namespace dovetail::runtime_tables
