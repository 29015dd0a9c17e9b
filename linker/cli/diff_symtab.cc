// .symtab: entries are aligned by name (and binding), so that one missing symbol is one line.
#include <algorithm>
#include <array>

#include "absl/strings/str_format.h"
#include "base/text.h"
#include "linker/cli/diff_align.h"
#include "linker/cli/diff_passes.h"

namespace dovetail::linker::diff {
namespace {

using objfmt::ImageSection;
using objfmt::ImageSymbol;
using objfmt::ImageView;

std::vector<std::string_view> names_of(const ImageView& view, const ImageSection& table) {
  std::vector<std::string_view> names;
  size_t count = view.symbol_count(table);
  names.reserve(count);
  for (size_t i = 0; i < count; i++) names.push_back(view.symbol(table, i).name);
  return names;
}

std::string entry(const std::vector<std::string_view>& names, size_t i) {
  if (i >= names.size()) return "(end)";
  return absl::StrFormat("[%d] %s", i, names[i].empty() ? "(no name)" : printable(names[i]));
}

std::string section_name(const ImageView& view, uint16_t index) {
  if (index >= view.sections().size()) return base::concat(index);
  return base::concat(index, " ", printable(view.sections()[index].name));
}

// st_shndx names the same section, st_value the same place: consequences of moves, told elsewhere.
bool same_section(const Sides& sides, const ImageSymbol& a, const ImageSymbol& b) {
  const auto &x = sides.a.view().sections(), &y = sides.b.view().sections();
  return a.shndx < x.size() && b.shndx < y.size() && a.shndx != 0 && x[a.shndx].name == y[b.shndx].name;
}

std::string pair_text(const std::vector<std::string_view>& names, const Alignment::Pair& p) {
  return p.a == p.b ? entry(names, p.a) : absl::StrFormat("%s (entry %d of B)", entry(names, p.a), p.b);
}

// Everything but st_value. `same_names`: no name is missing, so st_name has no reason to differ.
void compare_entry(const Sides& sides, const ImageSymbol& a, const ImageSymbol& b, const std::string& where_text,
                   bool same_names, SectionReport& report) {
  struct Field {
    const char* name;
    uint64_t a, b;
    bool consequence;
  };
  // Elsewhere than in ELF a size is the distance to the next symbol.
  bool elf = sides.a.view().format() == objfmt::ImageFormat::kElf;
  const std::array<Field, 5> fields = {{{"st_name", a.name_offset, b.name_offset, !same_names},
                                        {"st_info", a.info, b.info, false},
                                        {"st_other", a.other, b.other, false},
                                        {"st_shndx", a.shndx, b.shndx, same_section(sides, a, b)},
                                        {"st_size", a.size, b.size, !elf}}};
  for (const Field& f : fields) {
    if (f.a == f.b) continue;
    if (f.consequence) {
      report.moved();
      continue;
    }
    if (!report.count()) continue;
    bool section = &f == &fields[3];
    report.add(where_text, f.name,
               section ? section_name(sides.a.view(), a.shndx) : absl::StrFormat("%#x", f.a),
               section ? section_name(sides.b.view(), b.shndx) : absl::StrFormat("%#x", f.b));
  }
}

// Values come last: after a shift they all differ, and the lines before them say why.
void compare_values(const Sides& sides, const SectionPair& s, const std::vector<std::string_view>& names,
                    const Alignment& alignment, SectionReport& report) {
  uint64_t differing = 0;
  for (const Alignment::Pair& p : alignment.pairs) {
    ImageSymbol x = sides.a.view().symbol(s.a, p.a), y = sides.b.view().symbol(s.b, p.b);
    if (x.value == y.value) continue;
    differing++;
    if (!report.count()) continue;
    report.add(pair_text(names, p), "st_value", absl::StrFormat("%#x", x.value),
               absl::StrFormat("%#x", y.value));
  }
  if (differing == 0) return;
  report.note(
      absl::StrFormat("st_value differs in %d of %d common entries", differing, alignment.pairs.size()));
}

}  // namespace

void diff_symtab(const Sides& sides, const SectionPair& s, SectionReport& report) {
  const ImageView &view_a = sides.a.view(), &view_b = sides.b.view();
  std::vector<std::string_view> a = names_of(view_a, s.a), b = names_of(view_b, s.b);
  auto first = static_cast<size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
  bool same_names = first == a.size() && first == b.size();
  if (!same_names) {
    report.note(absl::StrFormat("sequence of names first differs at entry %d of %d and %d: A=%s B=%s", first,
                                a.size(), b.size(), entry(a, first), entry(b, first)));
  }
  Alignment alignment = align(a, b);
  for (uint32_t i : alignment.only_a) {
    if (report.count())
      report.add(entry(a, i), "symbol only in A", absl::StrFormat("%#x", view_a.symbol(s.a, i).value), "none");
  }
  for (uint32_t i : alignment.only_b) {
    if (report.count())
      report.add(entry(b, i), "symbol only in B", "none", absl::StrFormat("%#x", view_b.symbol(s.b, i).value));
  }
  for (const Alignment::Pair& p : alignment.pairs) {
    ImageSymbol x = view_a.symbol(s.a, p.a), y = view_b.symbol(s.b, p.b);
    if (!p.in_order && report.count()) {
      report.add(printable(x.name), "place in the sequence", base::concat(p.a), base::concat(p.b));
    }
    compare_entry(sides, x, y, pair_text(a, p), same_names, report);
  }
  compare_values(sides, s, a, alignment, report);
}

}  // namespace dovetail::linker::diff
