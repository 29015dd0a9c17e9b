#include "inspect/named_image.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/text.h"

namespace dovetail::inspect {
namespace {

using base::Bytes;
using objfmt::ImageSection;
using objfmt::ImageSymbol;

bool is_carrier(std::string_view name) { return name.ends_with(".*") || name.ends_with(":*"); }

// Of several ranges at one address: one that has a size, then a carrier, then the lesser name.
bool tells_more(const NamedRange& x, const NamedRange& y) {
  if ((x.size != 0) != (y.size != 0)) return x.size != 0;
  if (x.kind != y.kind) return x.kind > y.kind;
  if (is_carrier(x.name) != is_carrier(y.name)) return is_carrier(x.name);
  return x.name < y.name;
}

}  // namespace

NamedImage::NamedImage(const objfmt::ImageView& view, bool use_symtab)
    : view_(view), module_(ModuleData::find(view)), pclntab_(Pclntab::find(view, module_)) {
  const ImageSection* table = use_symtab ? view_.symtab() : nullptr;
  if (table != nullptr) add_symbols(*table);
  bool stripped = ranges_.empty();  // a table may have imported symbols alone
  if (stripped) add_tables();
  add_types(stripped);
  sort_ranges();
}

void NamedImage::add_symbols(const ImageSection& table) {
  size_t count = view_.symbol_count(table);
  for (size_t i = 1; i < count; i++) {
    ImageSymbol s = view_.symbol(table, i);
    if (s.name.empty() || s.shndx == 0 || s.shndx >= objfmt::kElfReserved) continue;
    if (s.shndx < view_.sections().size() && (view_.sections()[s.shndx].flags & 0x400) != 0)
      continue;  // SHF_TLS
    ranges_.push_back({s.value, s.size, s.name, RangeKind::kSymbol});
  }
}

// Without .symtab: functions from the pclntab, regions from the moduledata.
void NamedImage::add_tables() {
  for (uint64_t i = 0; i < pclntab_.count; i++) {
    FuncRecord f = pclntab_.func(i);
    uint64_t end = std::max<uint64_t>(pclntab_.entry_off(i + 1), f.entry_off);
    ranges_.push_back(
        {module_.text() + f.entry_off, end - f.entry_off, pclntab_.name(f), RangeKind::kSymbol});
  }
  if (!module_.found) return;
  static constexpr std::pair<size_t, std::string_view> kRegions[] = {
      {0x0, "runtime.pclntab"},     {0x98, "runtime.findfunctab"},
      {0xb8, "runtime.etext"},      {0xc0, "runtime.noptrdata"},
      {0xd0, "runtime.data"},       {0xe0, "runtime.bss"},
      {0xf0, "runtime.noptrbss"},   {0x118, "runtime.gcdata"},
      {0x120, "runtime.gcbss"},     {0x128, "type:*"},
      {0x130, "runtime.etypes"},    {0x140, "go:func.*"},
      {0x148, "runtime.epclntab"},  {0x150, "runtime.textsectionmap"},
      {0x168, "runtime.typelink"},  {0x180, "runtime.itablink"},
      {0xc8, "runtime.enoptrdata"}, {0xd8, "runtime.edata"},
      {0xe8, "runtime.ebss"},       {0xf8, "runtime.enoptrbss"},
      {0x110, "runtime.end"},
  };
  for (auto [offset, name] : kRegions) ranges_.push_back({module_.word(offset), 0, name, RangeKind::kSymbol});
  ranges_.push_back({module_.address, 592, "runtime.firstmoduledata", RangeKind::kSymbol});
}

void NamedImage::add_types(bool itabs) {
  std::vector<TypeEntry> types = find_types(view_, module_);
  for (const TypeEntry& t : types) {
    ranges_.push_back({t.addr, t.size, t.name, t.is_type ? RangeKind::kType : RangeKind::kTypeName});
  }
  if (!itabs) return;
  auto name_of = [&](uint64_t address) -> std::string_view {
    auto it = std::lower_bound(types.begin(), types.end(), address,
                               [](const TypeEntry& t, uint64_t a) { return t.addr < a; });
    return it != types.end() && it->addr == address ? it->name : "?";
  };
  for (const Itab& itab : find_itabs(view_, module_)) {
    if (!itab.whole()) continue;
    names_.push_back(base::concat("go:itab.", name_of(itab.type), ",", name_of(itab.interface)));
    ranges_.push_back({itab.address, Itab::kHead + 8 * itab.methods, names_.back(), RangeKind::kSymbol});
  }
}

void NamedImage::sort_ranges() {
  std::sort(ranges_.begin(), ranges_.end(), [](const NamedRange& x, const NamedRange& y) {
    return x.addr != y.addr ? x.addr < y.addr : tells_more(x, y);
  });
  auto same = [](const NamedRange& x, const NamedRange& y) { return x.addr == y.addr; };
  ranges_.erase(std::unique(ranges_.begin(), ranges_.end(), same), ranges_.end());
}

Place NamedImage::locate(uint64_t address) const {
  auto it = std::upper_bound(ranges_.begin(), ranges_.end(), address,
                             [](uint64_t a, const NamedRange& r) { return a < r.addr; });
  const ImageSection* section = view_.section_at(address);
  uint64_t floor = section != nullptr ? section->addr : 0;
  if (it != ranges_.begin()) {
    const NamedRange& r = *--it;
    bool in_section = section == nullptr ? r.addr == address : r.addr >= floor;
    if (in_section) return {&r, address - r.addr};
  }
  return {nullptr, address - floor};
}

bool NamedImage::is_address(uint64_t value) const {
  if (value == 0) return false;
  return is_mapped(value) || is_mapped(value - 1);
}

std::string NamedImage::range_name(const NamedRange& range) {
  std::string_view prefix = range.kind == RangeKind::kSymbol ? ""
                            : range.kind == RangeKind::kType ? "type:"
                                                             : "type:.namedata.";
  return base::concat(prefix, printable(range.name));
}

std::string NamedImage::describe(uint64_t address) const {
  Place p = locate(address);
  if (p.range == nullptr) {
    const ImageSection* section = view_.section_at(address);
    if (section == nullptr) return absl::StrFormat("%#x", address);
    return absl::StrFormat("%s+%#x", printable(section->name), p.offset);
  }
  std::string text = range_name(*p.range);
  if (p.offset != 0) absl::StrAppendFormat(&text, "+%#x", p.offset);
  if (p.range->kind == RangeKind::kType && p.offset != 0) {
    std::string field = type_field_at(view_.at(p.range->addr, p.range->size), p.range->addr, p.offset).name;
    if (!field.empty()) absl::StrAppend(&text, " (", field, ")");
  }
  if (behind(p)) absl::StrAppend(&text, " (behind it)");
  if (p.range->name == "go:string.*") {
    Bytes rest = view_.at(address);
    absl::StrAppend(&text, " \"", printable(base::as_text(rest.first(std::min<size_t>(rest.size(), 24)))),
                    "\"");
  }
  return text;
}

bool behind(const Place& p) { return p.range->size != 0 && p.offset >= p.range->size; }

std::string printable(std::string_view text, size_t max) {
  std::string out = absl::Utf8SafeCHexEscape(base::to_absl(text.substr(0, max)));
  if (text.size() > max) out += "…";
  return out;
}

std::string hex_bytes(Bytes bytes, size_t max) {
  std::string out =
      absl::BytesToHexString(base::to_absl(base::as_text(bytes.first(std::min(bytes.size(), max)))));
  if (bytes.size() > max) absl::StrAppend(&out, "…(", bytes.size(), " bytes)");
  return out;
}

}  // namespace dovetail::inspect
