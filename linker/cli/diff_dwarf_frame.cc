// .debug_frame (by function), .debug_addr (by entry), .debug_abbrev (by code).
#include <algorithm>

#include "absl/strings/str_format.h"
#include "base/text.h"
#include "linker/cli/diff_align.h"
#include "linker/cli/diff_dwarf.h"

namespace dovetail::linker::diff {
namespace {

using base::Bytes;

// An entry of .debug_frame: length:4 id:4 (ffffffff: CIE, else the CIE's offset), FDE: pc_begin:8 pc_range:8.
struct FrameEntry {
  uint64_t offset = 0, length = 0, id = 0, begin = 0, range = 0;
  bool is_cie = false;
  Bytes rest;
  std::string name;
};

std::vector<FrameEntry> parse_frame(const DwarfImage& d) {
  std::vector<FrameEntry> entries;
  DwarfCursor c(d.frame);
  while (!c.at_end()) {
    FrameEntry e;
    e.offset = c.at();
    e.length = c.fixed(4);
    unsigned width = 4;
    if (e.length == 0xffffffff) e.length = c.fixed(8), width = 8;
    DwarfCursor body(c.take(e.length));
    if (!c.ok()) break;
    e.id = body.fixed(width);
    e.is_cie = e.id == (width == 4 ? uint64_t{0xffffffff} : UINT64_MAX);
    if (!e.is_cie) e.begin = body.fixed(8), e.range = body.fixed(8);
    e.rest = body.take(e.length - std::min(e.length, body.at()));
    e.name = e.is_cie ? "CIE" : d.image().describe(e.begin);
    entries.push_back(std::move(e));
  }
  return entries;
}

void compare_frames(const FrameEntry& x, const FrameEntry& y, SectionReport& r) {
  std::string at = x.offset == y.offset ? absl::StrFormat("%s <%#x>", x.name, x.offset)
                                        : absl::StrFormat("%s <A %#x, B %#x>", x.name, x.offset, y.offset);
  if (x.begin != y.begin) r.moved();
  if (x.id != y.id && r.count())
    r.add(at, "CIE_pointer", absl::StrFormat("%#x", x.id), absl::StrFormat("%#x", y.id));
  if (x.range != y.range && r.count())
    r.add(at, "pc_range", absl::StrFormat("%#x", x.range), absl::StrFormat("%#x", y.range));
  if (x.length != y.length && r.count())
    r.add(at, "length", absl::StrFormat("%#x", x.length), absl::StrFormat("%#x", y.length));
  size_t i = first_difference(x.rest, y.rest);
  if (i < std::min(x.rest.size(), y.rest.size()) && r.count()) {
    r.add(at, absl::StrFormat("instructions at +%#x", i), hex_bytes(x.rest.subspan(i)),
          hex_bytes(y.rest.subspan(i)));
  }
}

// Header of .debug_addr: unit_length:4 version:2 address_size:1 segment_selector_size:1.
constexpr size_t kAddrHeader = 8;

std::vector<std::string> address_names(const DwarfImage& d) {
  std::vector<std::string> names;
  for (size_t i = kAddrHeader; i + 8 <= d.addr.size(); i += 8)
    names.push_back(d.image().describe(base::load64(d.addr.data() + i)));
  return names;
}

// The last unit whose part of .debug_addr begins at or in front of the slot.
std::string unit_of_slot(const DwarfImage& d, size_t slot) {
  const DwarfUnit* best = nullptr;
  for (const DwarfUnit& u : d.units()) {
    if (u.addr_base <= kAddrHeader + slot * 8 && u.addr_base >= kAddrHeader &&
        (best == nullptr || u.addr_base >= best->addr_base))
      best = &u;
  }
  return best == nullptr ? "no unit" : base::concat("unit ", printable(best->name));
}

std::string attrs_text(const DwarfAbbrev& a) {
  std::string text = base::concat(dw::tag_name(a.tag), a.children ? " children" : "");
  for (const DwarfAttr& attr : a.attrs) {
    text += base::concat(" ", dw::at_name(attr.at).substr(6), "=", dw::form_name(attr.form).substr(8));
  }
  return text;
}

}  // namespace

void diff_dwarf_frame(const DwarfSides& sides, SectionReport& report) {
  std::vector<FrameEntry> a = parse_frame(sides.a), b = parse_frame(sides.b);
  std::vector<std::string> names_a, names_b;
  for (const FrameEntry& e : a) names_a.push_back(e.name);
  for (const FrameEntry& e : b) names_b.push_back(e.name);
  diff_sequence(names_a, names_b, "entry", report);
  Alignment alignment = align(std::vector<std::string_view>(names_a.begin(), names_a.end()),
                              std::vector<std::string_view>(names_b.begin(), names_b.end()));
  for (const Alignment::Pair& p : alignment.pairs) compare_frames(a[p.a], b[p.b], report);
}

void diff_dwarf_addr(const DwarfSides& sides, SectionReport& report) {
  Bytes x = sides.a.addr, y = sides.b.addr;
  Bytes head_x = x.first(std::min(x.size(), kAddrHeader)), head_y = y.first(std::min(y.size(), kAddrHeader));
  if (count_differing(head_x, head_y) != 0 && report.count()) {
    report.add("header", "unit_length, version, address_size", hex_bytes(head_x), hex_bytes(head_y));
  }
  std::vector<std::string> a = address_names(sides.a), b = address_names(sides.b);
  size_t n = std::min(a.size(), b.size());
  if (a.size() != b.size()) {
    diff_sequence(a, b, "entry", report);
    auto at = static_cast<size_t>(
        std::mismatch(a.begin(), a.begin() + static_cast<ptrdiff_t>(n), b.begin()).first - a.begin());
    report.note(absl::StrFormat("entry %d: A is in %s, B in %s", at, unit_of_slot(sides.a, at),
                                unit_of_slot(sides.b, at)));
    return;
  }
  for (size_t i = 0; i < n; i++) {
    uint64_t p = base::load64(x.data() + kAddrHeader + i * 8),
             q = base::load64(y.data() + kAddrHeader + i * 8);
    if (p == q) continue;
    if (a[i] == b[i]) {
      report.moved();
    } else if (report.count()) {
      report.add(absl::StrFormat("[%d] (+%#x, %s)", i, kAddrHeader + i * 8, unit_of_slot(sides.a, i)),
                 "address", absl::StrFormat("%s (%#x)", a[i], p), absl::StrFormat("%s (%#x)", b[i], q));
    }
  }
}

void diff_dwarf_abbrev(const DwarfSides& sides, SectionReport& report) {
  DwarfAbbrevTable a = parse_abbrevs(sides.a.abbrev, 0), b = parse_abbrevs(sides.b.abbrev, 0);
  for (size_t i = 0; i < std::max(a.entries.size(), b.entries.size()); i++) {
    std::string x =
        i < a.entries.size() ? base::concat(a.entries[i].code, " ", attrs_text(a.entries[i])) : "(end)";
    std::string y =
        i < b.entries.size() ? base::concat(b.entries[i].code, " ", attrs_text(b.entries[i])) : "(end)";
    if (x == y || !report.count()) continue;
    report.add(absl::StrFormat("entry %d", i), "abbreviation", x, y);
  }
}

}  // namespace dovetail::linker::diff
