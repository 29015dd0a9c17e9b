// Tables that only PE images have: base relocations, the exception table, imports. Things that have names are aligned by
// them; what they lead to is compared by its name.
#include <algorithm>
#include <array>

#include "absl/strings/str_format.h"
#include "base/text.h"
#include "inspect/pe_tables.h"
#include "linker/cli/diff_align.h"
#include "linker/cli/diff_passes.h"

namespace dovetail::linker::diff {
namespace {

using base::Bytes;
using Names = std::vector<std::string>;

uint64_t image_base(const Image& image) {
  absl::StatusOr<objfmt::PeHeader> h = objfmt::read_pe_header(image.view().image());
  return h.ok() ? h->image_base : 0;
}

// Places with their kinds, in the table's order.
Names relocated_places(const Image& image, Bytes table, const std::string& side, SectionReport& report) {
  uint64_t base = image_base(image);
  Names names;
  std::string wrong = for_each_base_reloc(table, [](size_t, uint64_t) {}, [&](size_t, BaseReloc r) {
    if (r.kind == kRelocPadding) return;
    names.push_back(base::concat(image.describe(base + r.place), r.kind == kRelocDir64 ? "" : base::concat(", kind ", r.kind)));
  });
  if (!wrong.empty()) report.note(base::concat(side, ": ", wrong));
  return names;
}

// Library and symbol of each import.
Names import_names(const PeImportTable& table) {
  Names names;
  for (const PeImportedSymbol& s : table.symbols) {
    names.push_back(base::concat(printable(s.library), "!", s.name.empty() ? absl::StrFormat("#%d", s.lookup & 0xffff) : printable(s.name)));
  }
  return names;
}

PeImportTable imports_of(const Image& image) {
  absl::StatusOr<objfmt::PeHeader> h = objfmt::read_pe_header(image.view().image());
  return h.ok() ? read_pe_imports(image.view(), *h) : PeImportTable{};
}

Alignment align_names(const Names& a, const Names& b) {
  return align(std::vector<std::string_view>(a.begin(), a.end()), std::vector<std::string_view>(b.begin(), b.end()));
}

}  // namespace

void diff_base_relocs(const Sides& sides, const SectionPair& s, SectionReport& report) {
  Names a = relocated_places(sides.a, s.a.bytes, "A", report), b = relocated_places(sides.b, s.b.bytes, "B", report);
  diff_sequence(a, b, "relocated place", report);
  // The same places: they have moved, with what they are in.
  if (a == b) report.moved();
}

void diff_unwind(const Sides& sides, const SectionPair& s, SectionReport& report) {
  uint64_t base_a = image_base(sides.a), base_b = image_base(sides.b);
  auto names = [](const Image& image, uint64_t base, Bytes table) {
    Names n;
    for (size_t i = 0; i + kUnwindEntry <= table.size(); i += kUnwindEntry) n.push_back(image.describe(base + unwind_entry(table, i).begin));
    return n;
  };
  Names a = names(sides.a, base_a, s.a.bytes), b = names(sides.b, base_b, s.b.bytes);
  diff_sequence(a, b, "function", report);
  for (const Alignment::Pair& p : align_names(a, b).pairs) {
    UnwindEntry x = unwind_entry(s.a.bytes, p.a * kUnwindEntry), y = unwind_entry(s.b.bytes, p.b * kUnwindEntry);
    std::string at = absl::StrFormat("[%d] %s", p.a, a[p.a]);
    if (x.begin != y.begin) report.moved();
    if (x.end - x.begin != y.end - y.begin && report.count())
      report.add(at, "EndAddress", absl::StrFormat("%#x (%d bytes)", x.end, x.end - x.begin),
                 absl::StrFormat("%#x (%d bytes)", y.end, y.end - y.begin));
    if (x.unwind == y.unwind) continue;
    // Version and flags, prologue, number of codes, frame, then the codes.
    auto information = [](const Image& image, uint64_t address) {
      Bytes head = image.view().at(address, 4);
      return head.empty() ? head : image.view().at(address, 4 + uint64_t{head[2]} * 2);
    };
    Bytes u = information(sides.a, base_a + x.unwind), v = information(sides.b, base_b + y.unwind);
    if (!u.empty() && std::equal(u.begin(), u.end(), v.begin(), v.end())) {
      report.moved();
    } else if (report.count()) {
      report.add(at, "UnwindInfoAddress", absl::StrFormat("%#x: %s", x.unwind, hex_bytes(u)), absl::StrFormat("%#x: %s", y.unwind, hex_bytes(v)));
    }
  }
}

void diff_imports(const Sides& sides, SectionReport& report) {
  PeImportTable x = imports_of(sides.a), y = imports_of(sides.b);
  if (!x.problem.empty()) report.note(base::concat("A: ", x.problem));
  if (!y.problem.empty()) report.note(base::concat("B: ", y.problem));
  Names a = import_names(x), b = import_names(y);
  diff_sequence(a, b, "import", report);
  for (const Alignment::Pair& p : align_names(a, b).pairs) {
    const PeImportedSymbol &s = x.symbols[p.a], &t = y.symbols[p.b];
    std::string at = absl::StrFormat("[%d] %s", p.a, a[p.a]);
    // The section as a whole has moved, or the names in it.
    if (s.lookup != t.lookup) report.moved();
    if (s.slot == t.slot) continue;
    if (same_target(sides.a, image_base(sides.a) + s.slot, sides.b, image_base(sides.b) + t.slot)) {
      report.moved();
    } else if (report.count()) {
      report.add(at, "address at", absl::StrFormat("%#x", s.slot), absl::StrFormat("%#x", t.slot));
    }
  }
}

}  // namespace dovetail::linker::diff
