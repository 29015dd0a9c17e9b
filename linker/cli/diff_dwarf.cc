// The debug sections: which of them differ, compressed or in contents, and the shared reader of units and
// values.
#include "linker/cli/diff_dwarf.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "base/text.h"

namespace dovetail::linker::diff {
namespace {

using base::Bytes;
using dw::Class;
using objfmt::ImageSection;
using objfmt::ImageView;

constexpr uint32_t kZlib = 1;  // ch_type

}  // namespace

uint64_t DwarfCursor::fixed(unsigned size) {
  Bytes b = take(size);
  uint64_t v = 0;
  for (size_t i = b.size(); i-- > 0;) v = v << 8 | b[i];
  return v;
}

uint64_t DwarfCursor::uleb() {
  const uint8_t *p = bytes_.data() + at_, *end = bytes_.data() + bytes_.size();
  if (p == end) ok_ = false;
  uint64_t v = base::read_uleb(p, end);
  at_ = static_cast<uint64_t>(p - bytes_.data());
  return v;
}

int64_t DwarfCursor::sleb() {
  const uint8_t *p = bytes_.data() + at_, *end = bytes_.data() + bytes_.size();
  if (p == end) ok_ = false;
  int64_t v = base::read_sleb(p, end);
  at_ = static_cast<uint64_t>(p - bytes_.data());
  return v;
}

std::string_view DwarfCursor::string() {
  if (at_end()) {
    ok_ = false;
    return {};
  }
  std::string_view s = ImageView::string_at(bytes_, at_);
  at_ += s.size() + 1;
  if (at_ > bytes_.size()) ok_ = false, at_ = bytes_.size();
  return s;
}

Bytes DwarfCursor::take(uint64_t size) {
  if (size > bytes_.size() - at_) {
    ok_ = false;
    at_ = bytes_.size();
    return {};
  }
  Bytes b = bytes_.subspan(at_, size);
  at_ += size;
  return b;
}

const DwarfAbbrev* DwarfAbbrevTable::find(uint64_t code) const {
  if (code >= 1 && code <= entries.size() && entries[code - 1].code == code) return &entries[code - 1];
  auto it = std::lower_bound(entries.begin(), entries.end(), code,
                             [](const DwarfAbbrev& a, uint64_t c) { return a.code < c; });
  return it != entries.end() && it->code == code ? &*it : nullptr;
}

DwarfAbbrevTable parse_abbrevs(Bytes section, uint64_t offset) {
  constexpr size_t kMostAttrs =
      512;  // no producer comes near; attributes without bytes would cost time for nothing
  DwarfAbbrevTable table{offset, {}};
  DwarfCursor c(section, offset);
  while (!c.at_end()) {
    DwarfAbbrev a;
    a.offset = c.at();
    a.code = c.uleb();
    if (a.code == 0) break;
    a.tag = c.uleb();
    a.children = c.fixed(1) != 0;
    while (c.ok() && a.attrs.size() < kMostAttrs) {
      auto at = static_cast<uint16_t>(c.uleb()), form = static_cast<uint16_t>(c.uleb());
      int64_t implicit = form == 0x21 ? c.sleb() : 0;
      if (at == 0 && form == 0) break;
      a.attrs.push_back({at, form, implicit});
    }
    if (!c.ok()) break;
    table.entries.push_back(std::move(a));
  }
  std::stable_sort(table.entries.begin(), table.entries.end(),
                   [](const DwarfAbbrev& x, const DwarfAbbrev& y) { return x.code < y.code; });
  return table;
}

DwarfImage::DwarfImage(const Image& image) : image_(image) {
  info = contents(".debug_info");
  abbrev = contents(".debug_abbrev");
  line = contents(".debug_line");
  frame = contents(".debug_frame");
  loclists = contents(".debug_loclists");
  rnglists = contents(".debug_rnglists");
  addr = contents(".debug_addr");
  str = contents(".debug_str");
  line_str = contents(".debug_line_str");
  loc = contents(".debug_loc");
  ranges = contents(".debug_ranges");
  parse_units();
}

Bytes DwarfImage::contents(std::string_view name) {
  const ImageSection* section = image_.view().find(name);
  if (section == nullptr) return {};
  for (const Decompressed& d : decompressed_) {
    if (d.name == section->name) return d.contents.bytes;
  }
  decompressed_.push_back({section->name, section_contents(*section)});
  const SectionContents& contents = decompressed_.back().contents;
  if (!contents.problem.empty()) problems_.push_back(base::concat(image_.path(), ": ", name, ": ", contents.problem));
  return contents.bytes;
}

const DwarfAbbrevTable* DwarfImage::abbrev_table(uint64_t offset) {
  for (const auto& t : abbrev_tables_) {
    if (t->offset == offset) return t.get();
  }
  if (abbrev_tables_.size() >= 4096) return abbrev_tables_.back().get();
  abbrev_tables_.push_back(std::make_unique<DwarfAbbrevTable>(parse_abbrevs(abbrev, offset)));
  return abbrev_tables_.back().get();
}

void DwarfImage::parse_units() {
  for (uint64_t at = 0; at < info.size();) {
    DwarfUnit unit;
    if (!parse_unit(at, unit)) {
      problems_.push_back(absl::StrFormat("%s: .debug_info: damaged unit at %#x", image_.path(), at));
      break;
    }
    at = unit.end;
    units_.push_back(unit);
  }
  for (DwarfUnit& u : units_) read_unit_die(u);
}

// unit_length:4 (or ffffffff and 8) version:2, then v5: unit_type:1 address_size:1 abbrev_offset, v4: the
// last two the other way round. Behind that, v5: of a type unit signature:8 type_offset, of a skeleton or split
// unit dwo_id:8.
bool DwarfImage::parse_unit(uint64_t offset, DwarfUnit& unit) {
  DwarfCursor c(info, offset);
  unit.offset = offset;
  unit.length = c.fixed(4);
  if (unit.length == 0xffffffff) {
    unit.offset_size = 8;
    unit.length = c.fixed(8);
  }
  if (!c.ok() || unit.length > info.size() - c.at()) return false;
  unit.end = c.at() + unit.length;
  unit.version = static_cast<uint16_t>(c.fixed(2));
  if (unit.version < 2 || unit.version > 5) return false;
  if (unit.version >= 5) {
    unit.unit_type = static_cast<uint8_t>(c.fixed(1));
    unit.address_size = static_cast<uint8_t>(c.fixed(1));
    unit.abbrev_offset = c.fixed(unit.offset_size);
    constexpr uint8_t kType = 2, kSkeleton = 4, kSplitCompile = 5, kSplitType = 6;
    if (unit.unit_type >= kSkeleton && unit.unit_type <= kSplitCompile) c.fixed(8);
    if (unit.unit_type == kType || unit.unit_type == kSplitType) c.take(8 + unit.offset_size);
  } else {
    unit.abbrev_offset = c.fixed(unit.offset_size);
    unit.address_size = static_cast<uint8_t>(c.fixed(1));
  }
  unit.first_die = c.at();
  if (!c.ok() || unit.first_die > unit.end || unit.address_size == 0 || unit.address_size > 8) return false;
  unit.abbrevs = abbrev_table(unit.abbrev_offset);
  return true;
}

void DwarfImage::read_unit_die(DwarfUnit& unit) {
  DwarfCursor c(info.first(unit.end), unit.first_die);
  const DwarfAbbrev* a = unit.abbrevs->find(c.uleb());
  if (a == nullptr) return;
  DwarfValue v;
  for (const DwarfAttr& attr : a->attrs) {
    if (!read(unit, attr, c, v)) return;
    if (attr.at == dw::kName) unit.name = v.string;
    if (attr.at == dw::kAddrBase) unit.addr_base = v.number;
    if (attr.at == dw::kLowPc) unit.low_pc = v.number;
    if (attr.at == dw::kStmtList) unit.stmt_list = v.number;
  }
}

bool DwarfImage::read(const DwarfUnit& unit, const DwarfAttr& attr, DwarfCursor& c, DwarfValue& v) const {
  auto set = [&](Class cls, uint64_t number) {
    v = DwarfValue{cls, number, {}, {}};
    return c.ok();
  };
  auto text = [&](Class cls, uint64_t offset, std::string_view s) {
    v = DwarfValue{cls, offset, {}, s};
    return c.ok();
  };
  auto block = [&](Class cls, uint64_t size) {
    v = DwarfValue{cls, 0, c.take(size), {}};
    return c.ok();
  };
  uint64_t n;
  switch (attr.form) {
    case 0x01:
      return set(Class::kAddress, c.fixed(unit.address_size));
    case 0x1b:
      return set(Class::kAddressIndex, c.uleb());
    case 0x29:
    case 0x2a:
    case 0x2b:
    case 0x2c:
      return set(Class::kAddressIndex, c.fixed(attr.form - 0x28u));
    case 0x0b:
    case 0x0c:
      return set(Class::kConstant, c.fixed(1));
    case 0x05:
      return set(Class::kConstant, c.fixed(2));
    case 0x06:
      return set(Class::kConstant, c.fixed(4));
    case 0x07:
      return set(Class::kConstant, c.fixed(8));
    case 0x1e:
      return block(Class::kBlock, 16);
    case 0x0d:
      return set(Class::kConstant, static_cast<uint64_t>(c.sleb()));
    case 0x0f:
      return set(Class::kConstant, c.uleb());
    case 0x21:
      return set(Class::kConstant, static_cast<uint64_t>(attr.implicit));
    case 0x19:
      return set(Class::kConstant, 1);
    case 0x08:
      return text(Class::kString, 0, c.string());
    case 0x0e:
      n = c.fixed(unit.offset_size);
      return text(Class::kStringOffset, n, ImageView::string_at(str, n));
    case 0x1f:
      n = c.fixed(unit.offset_size);
      return text(Class::kLineStringOffset, n, ImageView::string_at(line_str, n));
    case 0x11:
      return set(Class::kUnitRef, unit.offset + c.fixed(1));
    case 0x12:
      return set(Class::kUnitRef, unit.offset + c.fixed(2));
    case 0x13:
      return set(Class::kUnitRef, unit.offset + c.fixed(4));
    case 0x14:
      return set(Class::kUnitRef, unit.offset + c.fixed(8));
    case 0x15:
      return set(Class::kUnitRef, unit.offset + c.uleb());
    case 0x10:
      return set(Class::kInfoRef, c.fixed(unit.version <= 2 ? unit.address_size : unit.offset_size));
    case 0x20:
      return set(Class::kConstant, c.fixed(8));
    case 0x0a:
      return block(Class::kBlock, c.fixed(1));
    case 0x03:
      return block(Class::kBlock, c.fixed(2));
    case 0x04:
      return block(Class::kBlock, c.fixed(4));
    case 0x09:
      return block(Class::kBlock, c.uleb());
    case 0x18:
      return block(Class::kExprloc, c.uleb());
    case 0x17:
      return set(Class::kSectionOffset, c.fixed(unit.offset_size));
    case 0x22:
      return set(Class::kLoclistIndex, c.uleb());
    case 0x23:
      return set(Class::kRnglistIndex, c.uleb());
    case 0x1a:
      return set(Class::kConstant, c.uleb());
    default:
      return false;
  }
}

const DwarfUnit* DwarfImage::unit_at(uint64_t info_offset) const {
  auto it = std::upper_bound(units_.begin(), units_.end(), info_offset,
                             [](uint64_t o, const DwarfUnit& u) { return o < u.offset; });
  if (it == units_.begin()) return nullptr;
  --it;
  return info_offset >= it->first_die && info_offset < it->end ? &*it : nullptr;
}

DwarfImage::DieName DwarfImage::die_name(uint64_t info_offset, int depth) const {
  DieName result;
  const DwarfUnit* unit = unit_at(info_offset);
  if (unit == nullptr) return result;
  DwarfCursor c(info.first(unit->end), info_offset);
  const DwarfAbbrev* a = unit->abbrevs->find(c.uleb());
  if (a == nullptr) return result;
  result.tag = a->tag;
  DwarfValue v;
  for (const DwarfAttr& attr : a->attrs) {
    if (!read(*unit, attr, c, v)) break;
    if (attr.at == dw::kName) {
      result.name = v.string;
      break;
    }
    if (attr.at == dw::kAbstractOrigin && depth < 4) {
      result.name = die_name(v.number, depth + 1).name;
      break;
    }
  }
  return result;
}

uint64_t DwarfImage::indexed_address(const DwarfUnit& unit, uint64_t index) const {
  if (index > addr.size() / unit.address_size) return 0;
  DwarfCursor c(addr, unit.addr_base + index * unit.address_size);
  return c.fixed(unit.address_size);
}

namespace {

// A report per debug section of A or B whose bytes differ.
class DwarfDiff {
 public:
  DwarfDiff(const Sides& sides, Report& report) : sides_(sides), report_(report), a_(sides.a), b_(sides.b) {}

  void run() {
    for (DwarfImage* d : {&a_, &b_})
      report_.problems.insert(report_.problems.end(), d->problems().begin(), d->problems().end());
    DwarfSides dwarf{a_, b_};
    pass(".debug_abbrev", [&](SectionReport& r) { diff_dwarf_abbrev(dwarf, r); });
    pass(".debug_line", [&](SectionReport& r) { diff_dwarf_line(dwarf, r); });
    pass(".debug_frame", [&](SectionReport& r) { diff_dwarf_frame(dwarf, r); });
    pass(".debug_addr", [&](SectionReport& r) { diff_dwarf_addr(dwarf, r); });
    pass(".debug_gdb_scripts", [&](SectionReport& r) {
      diff_sequence(table_strings(a_.contents(".debug_gdb_scripts")),
                    table_strings(b_.contents(".debug_gdb_scripts")), "string", r);
    });
    walk(dwarf);
  }

 private:
  void pass(std::string_view name, absl::FunctionRef<void(SectionReport&)> explain) {
    SectionReport* r = open(name);
    if (r == nullptr) return;
    explain(*r);
    note_unexplained(a_.contents(name), b_.contents(name), *r);
  }

  // The report, if the contents differ. If only their compressed forms do, it says so and is finished.
  SectionReport* open(std::string_view name) {
    const ImageSection *x = sides_.a.view().find(name), *y = sides_.b.view().find(name);
    if (x == nullptr || y == nullptr) return nullptr;
    uint64_t differing = count_differing(x->bytes, y->bytes);
    if (differing == 0 && ((x->flags ^ y->flags) & objfmt::kElfFlagCompressed) == 0) return nullptr;
    SectionReport& r = report_.section(name);
    r.set_sizes(x->bytes.size(), y->bytes.size(), differing);
    auto cx = ImageView::compression(*x), cy = ImageView::compression(*y);
    if (!cx && !cy) return &r;
    Bytes p = a_.contents(name), q = b_.contents(name);
    uint64_t inside = count_differing(p, q);
    if (inside != 0) {
      r.note(absl::StrFormat("decompressed: A %d bytes, B %d bytes, %d differ", p.size(), q.size(), inside));
      return &r;
    }
    same_contents(cx, cy, p.size(), r);
    return nullptr;
  }

  static void same_contents(const std::optional<objfmt::ImageCompression>& x,
                            const std::optional<objfmt::ImageCompression>& y, uint64_t size, SectionReport& r) {
    if (!x || !y) {
      r.note(absl::StrFormat("same contents (%d bytes), A is %s, B is %s", size,
                             x ? "compressed" : "not compressed", y ? "compressed" : "not compressed"));
      return;
    }
    r.note(absl::StrFormat("same contents (%d bytes), compressed differently", size));
    for (auto [name, p, q] :
         {std::tuple("ch_type", uint64_t{x->type}, uint64_t{y->type}),
          std::tuple("ch_size", x->size, y->size), std::tuple("ch_addralign", x->align, y->align)}) {
      if (p != q && r.count()) r.add("Elf64_Chdr", name, base::concat(p), base::concat(q));
    }
    if (x->type != kZlib || y->type != kZlib) return;
    if (count_differing(x->payload, y->payload) != 0) r.note(explain_deflate(x->payload, y->payload));
  }

  // The walk over DIEs also explains location and range lists, whose owners it knows.
  void walk(const DwarfSides& dwarf) {
    SectionReport nothing("", 0);
    bool v5 = !a_.loclists.empty() || !a_.rnglists.empty();
    SectionReport* info = open(".debug_info");
    std::string_view loclists_name = v5 ? ".debug_loclists" : ".debug_loc";
    std::string_view rnglists_name = v5 ? ".debug_rnglists" : ".debug_ranges";
    SectionReport *loclists = open(loclists_name), *rnglists = open(rnglists_name);
    if (info == nullptr && loclists == nullptr && rnglists == nullptr) return;
    diff_dwarf_info(dwarf, {info != nullptr ? *info : nothing, loclists != nullptr ? *loclists : nothing,
                            rnglists != nullptr ? *rnglists : nothing});
    if (info != nullptr) note_unexplained(a_.info, b_.info, *info);
    if (loclists != nullptr)
      note_unexplained(v5 ? a_.loclists : a_.loc, v5 ? b_.loclists : b_.loc, *loclists);
    if (rnglists != nullptr)
      note_unexplained(v5 ? a_.rnglists : a_.ranges, v5 ? b_.rnglists : b_.ranges, *rnglists);
  }

  const Sides& sides_;
  Report& report_;
  DwarfImage a_, b_;
};

}  // namespace

void diff_dwarf(const Sides& sides, Report& report) { DwarfDiff(sides, report).run(); }

}  // namespace dovetail::linker::diff
