// The tables of a linked Go program as the runtime reads them: moduledata, pclntab, types.
//
// Images may be half written or damaged, so nothing here trusts an offset: what lies outside is empty
// or zero, and counts are bounded by the bytes that are there.
//
// Facts: src/runtime/symtab.go (moduledata, pcHeader, findfuncbucket), src/runtime/runtime2.go (_func),
// src/runtime/symtabinl.go (inlinedCall), src/internal/abi/type.go, Go 1.26.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "objfmt/image_view.h"

namespace dovetail::inspect {

// runtime.moduledata, 592 bytes on a 64-bit system, the part that the linker fills.
struct ModuleData {
  bool found = false;
  uint64_t address = 0;
  base::Bytes bytes;

  uint64_t word(size_t offset) const {
    return bytes.size() >= offset + 8 ? base::load64(bytes.data() + offset) : 0;
  }
  uint64_t text() const { return word(0xb0); }
  uint64_t types() const { return word(0x128); }
  uint64_t etypes() const { return word(0x130); }
  uint64_t gofunc() const { return word(0x140); }
  uint64_t typelinks() const { return word(0x168); }
  uint64_t typelink_count() const { return word(0x170); }
  uint64_t itabs() const { return word(0x180); }
  uint64_t itab_count() const { return word(0x188); }

  // "ftab.len" for the word that contains the offset; "" behind the last.
  static std::string_view field_at(size_t offset);
  static ModuleData find(const objfmt::ImageView& view);
};

// One function: an entry of the function table and the _func that it leads to.
//
//   _func: entryOff nameOff args deferreturn pcsp pcfile pcln npcdata cuOffset startLine (4 each)
//          funcID flag pad nfuncdata (1 each), npcdata u32, nfuncdata u32
struct FuncRecord {
  base::Bytes bytes;  // from the _func on to the end of the table; empty if outside
  uint64_t entry_off = 0;

  uint32_t word(size_t i) const { return bytes.size() >= i * 4 + 4 ? base::load32(bytes.data() + i * 4) : 0; }
  uint32_t name_off() const { return word(1); }
  uint32_t npcdata() const { return word(7); }
  uint32_t cu_offset() const { return word(8); }
  uint32_t nfuncdata() const { return word(10) >> 24; }
  // Number of u32 that the record has, bounded by the bytes there are.
  size_t words() const {
    uint64_t n = 11 + uint64_t{npcdata()} + nfuncdata();
    return n * 4 <= bytes.size() ? static_cast<size_t>(n) : bytes.size() / 4;
  }
  // "pcsp", "pcdata[1]", "funcdata[3] (inltree)".
  std::string field_name(size_t word_index) const;
};

struct Pclntab {
  bool found = false;
  uint64_t address = 0;  // of the header
  base::Bytes header;    // 72 bytes
  base::Bytes names, cutab, filetab, pctab;
  base::Bytes funcs;  // function table and _funcs
  base::Bytes gofunc, findfunc;
  uint64_t names_at = 0, cutab_at = 0, filetab_at = 0, pctab_at = 0, funcs_at = 0, gofunc_at = 0,
           findfunc_at = 0;
  uint64_t count = 0;  // functions, bounded by the table
  uint64_t text = 0;   // the address that entry offsets count from

  FuncRecord func(uint64_t index) const;
  // Offset of function `index` from the start of text; index == count gives the end.
  uint32_t entry_off(uint64_t index) const;
  std::string_view name(const FuncRecord& f) const { return objfmt::ImageView::string_at(names, f.name_off()); }

  // The file that a pcfile value of the function means; "?" for none.
  std::string_view file(const FuncRecord& f, int32_t value) const;

  static Pclntab find(const objfmt::ImageView& view, const ModuleData& module);
};

// A type descriptor or a name inside type:*.
struct TypeEntry {
  uint64_t addr, size;
  std::string_view name;  // the type's string without the extra star, or the name's text
  bool is_type;
};

// Walks [types, etypes): type descriptors at 8-byte boundaries with names between them. Where neither is
// plausible it goes on to the next boundary.
std::vector<TypeEntry> find_types(const objfmt::ImageView& view, const ModuleData& module);

// An itab: interface, type, hash:4, pad:4, then a word for each method of the interface (internal/abi/iface.go, Go 1.26).
struct Itab {
  static constexpr uint64_t kHead = 24;
  uint64_t address = 0;
  base::Bytes bytes;  // from the address on, as far as its section goes
  uint64_t interface = 0, type = 0;
  uint32_t hash = 0;
  uint64_t methods = 0;  // as the interface's descriptor says, 65,536 at most; their words may be missing

  bool whole() const { return bytes.size() >= kHead; }  // else only the address is known
};

// What the table of itabs leads to, in its order.
std::vector<Itab> find_itabs(const objfmt::ImageView& view, const ModuleData& module);

// A field of the type descriptor at `type`, which extends over `size` bytes.
enum class TypeFieldKind : uint8_t { kPlain, kAddress, kNameOff, kTypeOff, kTextOff };
struct TypeField {
  std::string name;
  uint64_t offset, size;
  TypeFieldKind kind;
};
TypeField type_field_at(base::Bytes type, uint64_t type_address, uint64_t offset);

// The text of an abi.Name (flags, varint length, bytes) at the head of `bytes`; "" if it does not fit.
std::string_view go_name(base::Bytes bytes);

}  // namespace dovetail::inspect
