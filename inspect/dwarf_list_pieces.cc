#include "inspect/dwarf_list_pieces.h"

#include <dwarf.h>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_format.h"
#include "base/text.h"
#include "inspect/dwarf_lists.h"

namespace dovetail::inspect {
namespace {

using objfmt::RelocKind;

// One entry; a list ends where `end_of_list` is.
struct Entry {
  bool end_of_list = false, is_base = false;
  std::string base;  // what begin and end count from; of a base, what those behind it do
  uint64_t begin = 0, end = 0;
  base::Bytes expression;
};

class PieceReader {
 public:
  PieceReader(const DumpObject& o, uint32_t symbol, uint16_t version)
      : o_(o),
        version_(version),
        locations_(o.view.kind(symbol) == objfmt::SymKind::kDwarfLoc),
        bytes_(o.view.data(symbol)),
        p_(bytes_.data()) {
    for (objfmt::Reloc r : o.view.relocs(symbol)) {
      if (r.offset >= 0) relocs_.try_emplace(static_cast<uint64_t>(r.offset), r);
    }
  }

  bool at_end() const { return p_ == end(); }
  uint64_t offset() const { return static_cast<uint64_t>(p_ - bytes_.data()); }
  // False: damaged.
  bool read(Entry* entry) {
    *entry = {};
    return version_ >= 5 ? read_coded(entry) : read_plain(entry);
  }

 private:
  const uint8_t* end() const { return bytes_.data() + bytes_.size(); }

  // Entries of DWARF 2 to 4: two words, both zero at the end; of which the first is all ones before a base.
  bool read_plain(Entry* entry) {
    bool relocated = relocs_.contains(offset());
    std::string from;
    if (!word(&entry->begin, &entry->base) || !word(&entry->end, &from)) return false;
    if (entry->begin == ~uint64_t{0}) {
      entry->is_base = true, entry->base = from, entry->begin = entry->end;
      return true;
    }
    if (entry->begin == 0 && entry->end == 0 && !relocated) return entry->end_of_list = true;
    if (!locations_) return true;
    if (end() - p_ < 2) return false;
    uint16_t size = base::load16(p_);
    p_ += 2;
    return expression(size, entry);
  }

  // Entries of DWARF 5, whose first byte is their kind.
  bool read_coded(Entry* entry) {
    if (at_end()) return false;
    uint8_t kind = *p_++;
    // Kinds of ranges are those of locations without DW_LLE_default_location.
    if (!locations_ && kind >= DW_RLE_base_address) kind++;
    std::string from;
    switch (kind) {
      case DW_LLE_end_of_list: return entry->end_of_list = true;
      case DW_LLE_base_addressx: return entry->is_base = true, index(&entry->begin, &entry->base);
      case DW_LLE_base_address: return entry->is_base = true, word(&entry->begin, &entry->base);
      case DW_LLE_offset_pair:
        if (!number(&entry->begin) || !number(&entry->end)) return false;
        break;
      case DW_LLE_default_location: break;
      case DW_LLE_startx_endx:
        if (!index(&entry->begin, &entry->base) || !index(&entry->end, &from)) return false;
        break;
      case DW_LLE_startx_length:
        if (!index(&entry->begin, &entry->base) || !number(&entry->end)) return false;
        entry->end += entry->begin;
        break;
      case DW_LLE_start_end:
        if (!word(&entry->begin, &entry->base) || !word(&entry->end, &from)) return false;
        break;
      case DW_LLE_start_length:
        if (!word(&entry->begin, &entry->base) || !number(&entry->end)) return false;
        entry->end += entry->begin;
        break;
      default: return false;
    }
    uint64_t size = 0;
    return !locations_ || (number(&size) && expression(size, entry));
  }

  bool number(uint64_t* value) {
    if (at_end()) return false;
    *value = base::read_uleb(p_, end());
    return true;
  }

  // An address, or what a relocation will put there: then the addend to it.
  bool word(uint64_t* value, std::string* target) {
    auto r = relocs_.find(offset());
    if (end() - p_ < 8) return false;
    *value = base::load64(p_);
    if (r != relocs_.end()) *target = o_.names.target(r->second.target), *value += static_cast<uint64_t>(r->second.addend);
    p_ += 8;
    return true;
  }

  // A number in .debug_addr, for which a relocation keeps so many bytes.
  bool index(uint64_t* value, std::string* target) {
    auto r = relocs_.find(offset());
    if (r == relocs_.end() || r->second.kind < RelocKind::kDwTxtAddrU1 || r->second.kind > RelocKind::kDwTxtAddrU4) {
      return number(value);
    }
    auto size = static_cast<int>(r->second.kind) - static_cast<int>(RelocKind::kDwTxtAddrU1) + 1;
    if (end() - p_ < size) return false;
    *target = o_.names.target(r->second.target), *value = static_cast<uint64_t>(r->second.addend);
    p_ += size;
    return true;
  }

  bool expression(uint64_t size, Entry* entry) {
    if (size > static_cast<uint64_t>(end() - p_)) return false;
    entry->expression = {p_, size};
    p_ += size;
    return true;
  }

  const DumpObject& o_;
  uint16_t version_;
  bool locations_;
  base::Bytes bytes_;
  const uint8_t* p_;
  absl::flat_hash_map<uint64_t, objfmt::Reloc> relocs_;  // by offset
};

}  // namespace

bool dump_list_piece(const DumpObject& o, uint32_t symbol, uint16_t version, DumpWriter& w) {
  PieceReader reader(o, symbol, version);
  bool locations = o.view.kind(symbol) == objfmt::SymKind::kDwarfLoc, ok = true;
  w.begin_list("lists", "");
  while (ok && !reader.at_end()) {
    w.begin_row();
    w.hex("offset", reader.offset(), Show::value(10));
    w.begin_list("entries", "");
    std::string base;
    uint64_t from = 0;
    for (Entry e; (ok = reader.read(&e)) && !e.end_of_list;) {
      if (e.is_base) {
        base = e.base, from = e.begin;
        continue;
      }
      w.begin_row();
      if (e.base.empty()) e.base = base, e.begin += from, e.end += from;
      w.text("base", e.base, Show::value(0, "          "));
      if (w.json()) w.hex("begin", e.begin), w.hex("end", e.end);
      else w.text("", absl::StrFormat("[0x%x, 0x%x)", e.begin, e.end), Show::value());
      if (locations) w.text("operations", expression_text(e.expression), Show::value());
      w.end_row();
    }
    w.end_list();
    w.end_row();
  }
  w.end_list();
  return ok;
}

}  // namespace dovetail::inspect
