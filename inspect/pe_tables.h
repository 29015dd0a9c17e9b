// The tables of a PE image that Windows reads: functions with their unwind information, base relocations, imports. All
// bytes are the image's; what it does not hold is empty. Addresses are relative to the image.
//
// Layout (Microsoft's "PE Format"):
//
//   exception table     begin:4 end:4 unwind information:4 for each function (amd64)
//   base relocations    blocks: page:4 size:4, then words: kind:4 (the upper bits) offset in the page:12
//   import table        a descriptor per library, names at:4 time:4 forwarder:4 library's name at:4 addresses at:4, and one
//                       of zeros; names: words of eight bytes up to a zero, each the place of hint:2 and name, or with the
//                       highest bit set a number; addresses: as many words, which hold the same until the system fills them
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/bytes.h"
#include "objfmt/image_view.h"
#include "objfmt/pe_header.h"

namespace dovetail::inspect {

inline constexpr size_t kUnwindEntry = 12;
inline constexpr uint64_t kRelocPage = 0x1000;
// IMAGE_REL_BASED_*
inline constexpr uint8_t kRelocPadding = 0, kRelocHighLow = 3, kRelocDir64 = 10;

struct PeTable {
  std::string_view section;  // of ImageView, where it begins; "" if there is none
  base::Bytes bytes;
};
// What a data directory leads to, as far as the section's contents reach.
PeTable pe_table(const objfmt::ImageView& view, const objfmt::PeHeader& header, size_t directory);

struct UnwindEntry {
  uint32_t begin, end, unwind;
};
inline UnwindEntry unwind_entry(base::Bytes table, size_t at) {
  return {base::load32(&table[at]), base::load32(&table[at + 4]), base::load32(&table[at + 8])};
}

struct BaseReloc {
  uint64_t place;
  uint8_t kind;
};
// Calls block(offset, page) for each block and reloc(offset, BaseReloc) for each word in it. Returns what is wrong with the
// block at which it stopped, or "".
template <class Block, class Reloc>
std::string for_each_base_reloc(base::Bytes table, Block&& block, Reloc&& reloc) {
  for (size_t at = 0; at < table.size();) {
    size_t rest = table.size() - at;
    uint32_t size = rest < 8 ? 0 : base::load32(&table[at + 4]);
    if (size < 8 || size % 4 != 0 || size > rest) return absl::StrFormat("block at %#x: %d bytes of %d", at, size, rest);
    uint64_t page = base::load32(&table[at]);
    block(at, page);
    for (size_t i = at + 8; i < at + size; i += 2) {
      uint16_t word = base::load16(&table[i]);
      reloc(i, BaseReloc{page + (word & 0xfff), static_cast<uint8_t>(word >> 12)});
    }
    at += size;
  }
  return "";
}

struct PeImportedSymbol {
  std::string_view library, name;  // no name: imported by number
  uint64_t lookup;                 // the word that says what is imported
  uint64_t slot;                   // where the system puts the address
  uint64_t at;                     // of the word, in the import table's section
};
struct PeImportTable {
  std::vector<PeImportedSymbol> symbols;
  std::string problem;      // at which reading stopped, or ""
  uint64_t problem_at = 0;  // in the import table
};
PeImportTable read_pe_imports(const objfmt::ImageView& view, const objfmt::PeHeader& header);

}  // namespace dovetail::inspect
