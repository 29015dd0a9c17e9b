// A section of the linker's own making, while it grows.
#pragma once

#include <string_view>

#include "linker/image.h"

namespace dovetail::linker {

// A made symbol and its contents, written from front to back.
class SectionBytes {
 public:
  SectionBytes(loader::Program& program, std::string_view name, SymKind kind)
      : id_(program.syms.make(name, 0, kind)), content_(&program.syms.make_content(id_)) {}

  SymId id() const { return id_; }
  uint32_t size() const { return static_cast<uint32_t>(content_->data.size()); }
  void put(std::initializer_list<uint8_t> bytes) { content_->data.insert(content_->data.end(), bytes); }
  void put16(uint16_t v) { put_value(v); }
  void put32(uint32_t v) { put_value(v); }
  void put64(uint64_t v) { put_value(v); }
  // A string with its NUL; its offset.
  uint32_t put_text(std::string_view text) {
    uint32_t at = size();
    content_->data.insert(content_->data.end(), text.begin(), text.end());
    content_->data.push_back(0);
    return at;
  }
  // The address of a symbol, 8 bytes.
  void put_address(SymId target, int64_t addend) { put_reloc(8, objfmt::RelocKind::kAddr, target, addend); }
  // An instruction of four bytes that refers to a symbol.
  void put_instruction(uint32_t code, objfmt::RelocKind kind, SymId target, int64_t addend) {
    put_reloc(4, kind, target, addend);
    base::store32(content_->data.data() + content_->data.size() - 4, code);
  }
  // A symbol's distance from the end of this field, 4 bytes.
  void put_distance(SymId target, int64_t addend) { put_reloc(4, objfmt::RelocKind::kPcrel, target, addend); }

 private:
  template <class T>
  void put_value(T v) {
    content_->data.resize(content_->data.size() + sizeof v);
    base::store(content_->data.data() + content_->data.size() - sizeof v, v);
  }
  void put_reloc(uint8_t bytes, objfmt::RelocKind kind, SymId target, int64_t addend) {
    content_->relocs.push_back({size(), bytes, kind, addend, target});
    content_->data.resize(content_->data.size() + bytes);
  }

  SymId id_;
  loader::MadeContent* content_;
};

}  // namespace dovetail::linker
