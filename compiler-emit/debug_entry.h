// Writes pieces of debug information: bytes with relocations in ascending order of their places.
#pragma once

#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "base/bytes.h"
#include "compiler-emit/byte_sink.h"
#include "compiler-emit/object_parts.h"

namespace dovetail::emit {

struct DebugEntry {
  std::vector<uint8_t> bytes;
  std::vector<Relocation> relocs;
};

// What an object knows of an abstract function: its symbol, and where in it the entries of its variables are.
struct AbstractEntry {
  SymbolId symbol = SymbolId::kNone;
  std::vector<uint32_t> variables;
};

struct DebugContext {
  bool dwarf5 = true;
  // Bytes of an index of a function's address: as many as twice the object's functions need
  // (cmd/internal/obj/data.go WriteDwTxtAddrx).
  uint32_t functions = 0;
  absl::FunctionRef<SymbolId(std::string_view)> named;  // the handle of a symbol that is known by its name
  absl::FunctionRef<const AbstractEntry*(SymbolId)> abstract_of;  // of a function; null if it has none here
};

inline constexpr uint8_t kDebugAddressSize = 8, kDebugOffsetSize = 4;

class DebugWriter {
 public:
  explicit DebugWriter(const DebugContext& context) : context_(context) {}

  size_t relocs() const { return e_.relocs.size(); }
  uint32_t size() const { return static_cast<uint32_t>(e_.bytes.size()); }
  void number(uint64_t v) { put_uleb(e_.bytes, v); }
  void byte(uint8_t v) { e_.bytes.push_back(v); }
  void half(uint16_t v) { put(e_.bytes, v); }
  void word(uint32_t v) { put(e_.bytes, v); }
  void address(uint64_t v) { put(e_.bytes, v); }
  void bytes(base::Bytes b) { put_bytes(e_.bytes, b); }
  void text(std::string_view s) {
    put_text(e_.bytes, s);
    byte(0);
  }
  void block(base::Bytes b) {
    byte(static_cast<uint8_t>(b.size()));
    bytes(b);
  }
  void reloc(objfmt::RelocKind kind, uint8_t size, SymbolId target, int64_t addend = 0) {
    e_.relocs.push_back({this->size(), size, kind, target, addend});
    e_.bytes.resize(e_.bytes.size() + size);
  }
  // A place in a section of debug information.
  void section_offset(SymbolId target, int64_t addend = 0) {
    reloc(objfmt::RelocKind::kDwarfSecRef, kDebugOffsetSize, target, addend);
  }
  // The index of a function's address.
  void address_index(SymbolId function) {
    uint64_t count = uint64_t{context_.functions} * 2;
    uint8_t bytes = count <= 127 ? 1 : count <= 16383 ? 2 : count <= 2097151 ? 3 : 4;
    auto kind = static_cast<uint16_t>(static_cast<uint16_t>(objfmt::RelocKind::kDwTxtAddrU1) + bytes - 1);
    reloc(static_cast<objfmt::RelocKind>(kind), bytes, function);
  }
  // A relocation that changes no bytes, and keeps its target.
  void use(objfmt::RelocKind kind, SymbolId target) { e_.relocs.push_back({0, 0, kind, target}); }
  const DebugContext& context() const { return context_; }
  DebugEntry finish() { return std::move(e_); }

 private:
  const DebugContext& context_;
  DebugEntry e_;
};

}  // namespace dovetail::emit
