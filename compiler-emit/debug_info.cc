#include "compiler-emit/debug_info.h"

#include <algorithm>

#include "base/text.h"
#include "compiler-emit/byte_sink.h"

namespace dovetail::emit {
namespace {

using objfmt::RelocKind;

// Numbers of abbreviations: rows of dwarf.go's table, and behind them those of putvarabbrevgen.go.
constexpr uint64_t kFunction = 3, kWrapper = 4, kGlobalVariable = 10, kVarStart = 33;
constexpr uint64_t kLocalVariable = kVarStart + 7, kParameter = kVarStart + 13;
constexpr uint8_t kOpAddr = 0x03, kOpFrameBase = 0x91, kOpCallFrameCfa = 0x9c;
constexpr uint8_t kAddressSize = 8, kSectionOffsetSize = 4;

class EntryWriter {
 public:
  explicit EntryWriter(const DebugContext& context) : context_(context) {}

  void number(uint64_t v) { put_uleb(e_.bytes, v); }
  void byte(uint8_t v) { e_.bytes.push_back(v); }
  void word(uint32_t v) { put(e_.bytes, v); }
  void text(std::string_view s) {
    put_text(e_.bytes, s);
    byte(0);
  }
  void block(base::Bytes bytes) {
    byte(static_cast<uint8_t>(bytes.size()));
    put_bytes(e_.bytes, bytes);
  }
  void reloc(RelocKind kind, uint8_t size, SymbolId target, int64_t addend = 0) {
    e_.relocs.push_back({static_cast<uint32_t>(e_.bytes.size()), size, kind, target, addend});
    e_.bytes.resize(e_.bytes.size() + size);
  }
  // The function's addresses, as low and high pc.
  void code_range(SymbolId symbol, uint32_t size) {
    if (!context_.dwarf5) {
      reloc(RelocKind::kAddr, kAddressSize, symbol);
      reloc(RelocKind::kAddr, kAddressSize, symbol, size);
      return;
    }
    uint64_t count = uint64_t{context_.functions} * 2;
    uint8_t bytes = count <= 127 ? 1 : count <= 16383 ? 2 : count <= 2097151 ? 3 : 4;
    reloc(static_cast<RelocKind>(static_cast<uint16_t>(RelocKind::kDwTxtAddrU1) + bytes - 1), bytes, symbol);
    number(size);
  }
  void type(std::string_view name) {
    reloc(RelocKind::kDwarfSecRef, kSectionOffsetSize, context_.named(base::concat("go:info.", name)));
  }
  // Those types have to be loaded for their entries to be made.
  void use_types(std::vector<std::string> names) {
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    for (const std::string& name : names) {
      SymbolId symbol = context_.named(base::concat("type:", name));
      e_.relocs.push_back({0, 0, RelocKind::kUseType, symbol});
    }
  }
  DebugEntry finish() { return std::move(e_); }

 private:
  const DebugContext& context_;
  DebugEntry e_;
};

void put_variable(EntryWriter& out, const Variable& v) {
  bool local = v.role == Variable::Role::kLocal;
  out.number(local ? kLocalVariable : kParameter);
  out.text(v.name);
  if (!local) out.byte(v.role == Variable::Role::kResult ? 1 : 0);
  out.number(v.line);
  out.type(v.type);
  std::vector<uint8_t> location;
  if (v.frame_offset == 0) {
    location.push_back(kOpCallFrameCfa);
  } else {
    location.push_back(kOpFrameBase);
    put_sleb(location, v.frame_offset);
  }
  out.block(location);
}

}  // namespace

DebugEntry function_entry(const DebugContext& context, std::string_view name, SymbolId symbol,
                          const Function& f, bool external) {
  EntryWriter out(context);
  std::vector<std::string> types;
  for (const Variable& v : f.variables) types.push_back(v.type);
  out.use_types(std::move(types));
  out.number(f.wrapper ? kWrapper : kFunction);
  out.text(name);
  out.code_range(symbol, static_cast<uint32_t>(f.code.size()));
  out.block({&kOpCallFrameCfa, 1});
  if (f.wrapper) {
    out.byte(1);
  } else {
    out.word(f.lines[0].file + 1);
    out.number(f.start_line);
    out.byte(external ? 1 : 0);
  }
  for (const Variable& v : f.variables) put_variable(out, v);
  out.byte(0);
  return out.finish();
}

DebugEntry variable_entry(const DebugContext& context, std::string_view name, SymbolId symbol,
                          std::string_view type) {
  EntryWriter out(context);
  out.use_types({std::string(type)});
  out.number(kGlobalVariable);
  out.text(name);
  out.byte(1 + kAddressSize);
  out.byte(kOpAddr);
  out.reloc(RelocKind::kAddr, kAddressSize, symbol);
  out.type(type);
  out.byte(1);
  return out.finish();
}

}  // namespace dovetail::emit
