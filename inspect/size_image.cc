// Images by section, and the contents of sections by the symbols of their addresses. A stripped image has its
// functions' names from the pclntab (named_image.h).
#include <algorithm>

#include "inspect/named_image.h"
#include "inspect/size_parts.h"
#include "inspect/size_shares.h"

namespace dovetail::inspect {
namespace {

using base::concat;
using objfmt::ImageSection;
using objfmt::ImageView;

struct Span {
  uint64_t begin, end;  // in the file
  const ImageSection* section;
};

// Sections' bytes in the file, by offset, none of them twice.
std::vector<Span> file_spans(const ImageView& view) {
  std::vector<Span> spans;
  for (const ImageSection& s : view.sections()) {
    if (!s.bytes.empty()) spans.push_back({s.offset, s.offset + s.bytes.size(), &s});
  }
  std::sort(spans.begin(), spans.end(),
            [](const Span& a, const Span& b) { return a.begin != b.begin ? a.begin < b.begin : a.end < b.end; });
  uint64_t end = 0;
  for (Span& s : spans) {
    s.begin = std::max(s.begin, end);
    s.end = std::max(s.end, s.begin);
    end = s.end;
  }
  return spans;
}

std::string section_name(const ImageSection& s) {
  return s.name.empty() ? "section without a name" : std::string(s.name);
}

// Whose the bytes of a section are: the ranges are sorted by address, each reaches at most to the next.
void measure_section(const Span& span, const std::vector<NamedRange>& ranges, SizeBy by, SizeTable* table) {
  const ImageSection& s = *span.section;
  uint64_t at = s.addr + (span.begin - s.offset), end = s.addr + (span.end - s.offset), left = end - at;
  auto it =
      std::lower_bound(ranges.begin(), ranges.end(), at, [](const NamedRange& r, uint64_t a) { return r.addr < a; });
  for (; it != ranges.end() && it->addr < end; ++it) {
    uint64_t next = std::next(it) != ranges.end() ? std::min(std::next(it)->addr, end) : end;
    uint64_t bytes = it->size == 0 ? next - it->addr : std::min(it->size, next - it->addr);
    if (bytes == 0) continue;
    std::string name = NamedImage::range_name(*it);
    bool type = it->kind != RangeKind::kSymbol;
    if (by == SizeBy::kSymbol)
      table->add(name, bytes);
    else
      table->add(type ? "[types]" : package_of_symbol(name), bytes);
    left -= bytes;
  }
  if (left != 0) table->add(concat("[", section_name(s), "]"), left);
}

}  // namespace

std::string package_of_symbol(std::string_view name) {
  if (name.starts_with("type:")) return "[types]";
  if (name.starts_with("go:itab.")) return "[itabs]";
  if (name.starts_with("go:string.")) return "[strings]";
  if (name.starts_with("go:")) return "[other data of the compiler and the linker]";
  std::string_view path = name.substr(0, name.find_first_of("[(", 0));
  size_t slash = path.rfind('/');
  size_t dot = path.find('.', slash == std::string_view::npos ? 0 : slash);
  if (dot == std::string_view::npos || dot == 0) return "[names without a package]";
  std::string package(path.substr(0, dot));
  for (size_t at = 0; (at = package.find("%2e", at)) != std::string::npos;) package.replace(at, 3, ".");
  return package;
}

absl::Status measure_image(base::Bytes image, SizeBy by, SizeTable* table, SizeTable* expanded) {
  absl::StatusOr<ImageView> view = ImageView::parse(image);
  if (!view.ok()) return view.status();
  NamedImage names(*view, true);
  std::optional<DebugShares> debug;
  if (by != SizeBy::kBlock) debug.emplace(names, by);
  uint64_t headers = image.size();
  for (Span span : file_spans(*view)) {
    headers -= span.end - span.begin;
    const ImageSection& s = *span.section;
    if (span.end == span.begin) continue;
    std::string rest = concat("[", section_name(s), "]");
    if (by == SizeBy::kBlock) {
      table->add(section_name(s), span.end - span.begin);
    } else if ((s.flags & objfmt::kElfFlagAlloc) == 0) {
      if (!debug->count(s, span.end - span.begin, rest, table, expanded)) table->add(rest, span.end - span.begin);
    } else {
      if (names.pclntab().found && s.addr == names.pclntab().address && span.begin == s.offset) {
        uint64_t end = std::min(names.pclntab().gofunc_at, span.end - span.begin);
        share_pclntab(names, by).count(end, rest, table);
        span.begin += end;
      }
      measure_section(span, names.ranges(), by, table);
    }
  }
  table->add("[headers and padding]", headers);
  return absl::OkStatus();
}

}  // namespace dovetail::inspect
