#include <algorithm>

#include "inspect/dwarf_units.h"
#include "inspect/size_parts.h"
#include "inspect/size_shares.h"

namespace dovetail::inspect {

DebugShares::DebugShares(const NamedImage& image, SizeBy by) {
  for (const objfmt::ImageSection& s : image.view().sections()) {
    if (!s.name.starts_with(".debug_")) continue;
    bool compressed = (s.flags & objfmt::kElfFlagCompressed) != 0;
    sections_.push_back({s.name, compressed, section_contents(s), {}});
  }
  if (by == SizeBy::kPackage) share_units();
  share_frames(image, by);
}

DebugShares::Section* DebugShares::find(std::string_view name) {
  for (Section& s : sections_) {
    if (s.name == name) return &s;
  }
  return nullptr;
}

bool DebugShares::count(const objfmt::ImageSection& section, uint64_t bytes, std::string_view rest, SizeTable* table,
                        SizeTable* expanded) {
  Section* s = find(section.name);
  if (s == nullptr) return false;
  if (s->compressed) {
    s->shares.count(s->contents.bytes.size(), rest, expanded);
    return table->add(rest, bytes), true;
  }
  // A section that others overlap has fewer bytes of the file than its own.
  s->shares.count(bytes, rest, table);
  return true;
}

void DebugShares::share_units() {
  Section* info = find(".debug_info");
  if (info == nullptr) return;
  auto bytes = [&](std::string_view name) {
    Section* s = find(name);
    return s == nullptr ? base::Bytes() : s->contents.bytes;
  };
  std::vector<DwarfUnit> units = read_dwarf_units(
      {info->contents.bytes, bytes(".debug_abbrev"), bytes(".debug_str"), bytes(".debug_line_str")});
  Section *lines = find(".debug_line"), *addresses = find(".debug_addr");
  std::vector<std::pair<uint64_t, std::string_view>> bases;
  for (const DwarfUnit& u : units) {
    std::string_view name = u.name.empty() ? std::string_view("[units without a name]") : u.name;
    info->shares.add(u.begin, u.end, name, name);
    if (u.addresses) bases.push_back({*u.addresses, name});
    base::Bytes head = lines == nullptr || !u.lines ? base::Bytes() : base::subrange(lines->contents.bytes, *u.lines, 4);
    if (!head.empty()) lines->shares.add(*u.lines, *u.lines + 4 + base::load32(head.data()), name, "[line tables of several]");
  }
  if (addresses == nullptr) return;
  // A unit's addresses reach to the next one's.
  std::sort(bases.begin(), bases.end());
  for (size_t i = 0; i < bases.size(); i++) {
    uint64_t end = i + 1 < bases.size() ? bases[i + 1].first : addresses->contents.bytes.size();
    addresses->shares.add(bases[i].first, end, bases[i].second, "[addresses of several]");
  }
}

// Entries: length and offset of the common entry (4 each), address of the function (8), …; a common entry has all ones.
void DebugShares::share_frames(const NamedImage& image, SizeBy by) {
  constexpr uint64_t kHead = 16;
  Section* frames = find(".debug_frame");
  if (frames == nullptr) return;
  base::Bytes bytes = frames->contents.bytes;
  for (uint64_t at = 0; bytes.size() - at >= kHead;) {
    uint64_t length = base::load32(&bytes[at]), address = base::load64(&bytes[at + 8]);
    if (length < kHead - 4 || length > bytes.size() - at - 4) return;
    Place place = image.locate(address);
    if (base::load32(&bytes[at + 4]) != UINT32_MAX && place.range != nullptr && place.offset == 0) {
      std::string name = NamedImage::range_name(*place.range);
      if (by == SizeBy::kPackage) name = package_of_symbol(name);
      frames->shares.add(at, at + 4 + length, name, name);
    }
    at += 4 + length;
  }
}

}  // namespace dovetail::inspect
