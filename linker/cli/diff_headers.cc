// File header, program headers, section headers, and the bytes that no section holds.
#include <algorithm>
#include <array>

#include "absl/strings/str_format.h"
#include "base/text.h"
#include "linker/cli/diff_align.h"
#include "linker/cli/diff_passes.h"
#include "objfmt/image_headers.h"

namespace dovetail::linker::diff {
namespace {

using base::Bytes;
using objfmt::HeaderRecord;
using objfmt::ImageSection;
using objfmt::ImageSegment;
using objfmt::ImageView;

struct Field {
  const char* name;
  uint64_t a, b;
};

template <size_t N>
void report_fields(const std::string& at, const std::array<Field, N>& fields, SectionReport& report) {
  for (const Field& f : fields) {
    if (f.a == f.b || !report.count()) continue;
    report.add(at, f.name, absl::StrFormat("%#x", f.a), absl::StrFormat("%#x", f.b));
  }
}

void diff_file_header(const Sides& sides, SectionReport& report) {
  const objfmt::ImageHeader &a = sides.a.view().header(), &b = sides.b.view().header();
  if (!std::equal(std::begin(a.ident), std::end(a.ident), std::begin(b.ident)) && report.count()) {
    report.add("file header", "e_ident", hex_bytes(a.ident), hex_bytes(b.ident));
  }
  if (a.entry != b.entry && same_target(sides.a, a.entry, sides.b, b.entry)) {
    report.moved();
  } else if (a.entry != b.entry && report.count()) {
    report.add("file header", "e_entry", absl::StrFormat("%#x %s", a.entry, sides.a.describe(a.entry)),
               absl::StrFormat("%#x %s", b.entry, sides.b.describe(b.entry)));
  }
  report_fields("file header",
                std::array<Field, 12>{{{"e_type", a.type, b.type},
                                       {"e_machine", a.machine, b.machine},
                                       {"e_version", a.version, b.version},
                                       {"e_phoff", a.phoff, b.phoff},
                                       {"e_shoff", a.shoff, b.shoff},
                                       {"e_flags", a.flags, b.flags},
                                       {"e_ehsize", a.ehsize, b.ehsize},
                                       {"e_phentsize", a.phentsize, b.phentsize},
                                       {"e_phnum", a.phnum, b.phnum},
                                       {"e_shentsize", a.shentsize, b.shentsize},
                                       {"e_shnum", a.shnum, b.shnum},
                                       {"e_shstrndx", a.shstrndx, b.shstrndx}}},
                report);
}

// A record whose bytes differ where no field is known is told by its bytes.
void diff_record(const Sides& sides, const HeaderRecord& x, const HeaderRecord& y, SectionReport& report) {
  bool told = false;
  for (size_t i = 0; i < std::min(x.fields.size(), y.fields.size()); i++) {
    const objfmt::HeaderField &f = x.fields[i], &g = y.fields[i];
    if (f.name != g.name || (f.value == g.value && f.text == g.text)) continue;
    told = true;
    uint64_t entry_a = sides.a.view().header().entry, entry_b = sides.b.view().header().entry;
    bool is_entry = f.name == "AddressOfEntryPoint" || f.name == "entryoff";
    if (is_entry && same_target(sides.a, entry_a, sides.b, entry_b)) {
      report.moved();
    } else if (report.count()) {
      auto text = [](const objfmt::HeaderField& v) { return v.text.empty() ? absl::StrFormat("%#x", v.value) : printable(v.text); };
      report.add(printable(x.name), std::string(f.name), text(f), text(g));
    }
  }
  Bytes p = sides.a.view().image().subspan(x.offset, x.size), q = sides.b.view().image().subspan(y.offset, y.size);
  size_t at = first_difference(p, q);
  if (told || (at == p.size() && at == q.size()) || !report.count()) return;
  report.add(absl::StrFormat("%s+%#x", printable(x.name), at), "bytes", hex_bytes(p.subspan(at)), hex_bytes(q.subspan(at)));
}

std::string segment_name(const ImageSegment& s) {
  static constexpr std::array<const char*, 8> kTypes = {"NULL", "LOAD",  "DYNAMIC", "INTERP",
                                                        "NOTE", "SHLIB", "PHDR",    "TLS"};
  std::string type = s.type < kTypes.size() ? kTypes[s.type]
                     : s.type == 0x6474e551 ? "GNU_STACK"
                     : s.type == 0x6474e552 ? "GNU_RELRO"
                                            : absl::StrFormat("%#x", s.type);
  return base::concat(type, " ", (s.flags & 4) ? "r" : "-", (s.flags & 2) ? "w" : "-",
                      (s.flags & 1) ? "x" : "-");
}

void diff_segments(const ImageView& a, const ImageView& b, SectionReport& report) {
  std::vector<std::string> names_a, names_b;
  for (const ImageSegment& s : a.segments()) names_a.push_back(segment_name(s));
  for (const ImageSegment& s : b.segments()) names_b.push_back(segment_name(s));
  Alignment alignment = align(std::vector<std::string_view>(names_a.begin(), names_a.end()),
                              std::vector<std::string_view>(names_b.begin(), names_b.end()));
  for (uint32_t i : alignment.only_a) {
    if (report.count())
      report.add(absl::StrFormat("[%d] %s", i, names_a[i]), "segment only in A", "present", "none");
  }
  for (uint32_t i : alignment.only_b) {
    if (report.count())
      report.add(absl::StrFormat("[%d] %s", i, names_b[i]), "segment only in B", "none", "present");
  }
  for (const Alignment::Pair& p : alignment.pairs) {
    const ImageSegment &x = a.segments()[p.a], &y = b.segments()[p.b];
    report_fields(absl::StrFormat("[%d] %s", p.a, names_a[p.a]),
                  std::array<Field, 7>{{{"index", p.a, p.b},
                                        {"p_offset", x.offset, y.offset},
                                        {"p_vaddr", x.vaddr, y.vaddr},
                                        {"p_paddr", x.paddr, y.paddr},
                                        {"p_filesz", x.filesz, y.filesz},
                                        {"p_memsz", x.memsz, y.memsz},
                                        {"p_align", x.align, y.align}}},
                  report);
  }
}

std::string section_text(const ImageSection& s) {
  return absl::StrFormat("addr %#x offset %#x size %#x", s.addr, s.offset, s.size);
}

std::string linked_name(const ImageView& view, uint32_t link) {
  return link < view.sections().size() ? printable(view.sections()[link].name) : base::concat(link);
}

void diff_section_headers(const ImageView& a, const ImageView& b, SectionReport& report) {
  std::vector<std::string_view> names_a, names_b;
  for (const ImageSection& s : a.sections()) names_a.push_back(s.name);
  for (const ImageSection& s : b.sections()) names_b.push_back(s.name);
  Alignment alignment = align(names_a, names_b);
  for (uint32_t i : alignment.only_a) {
    if (report.count())
      report.add(absl::StrFormat("[%d] %s", i, printable(names_a[i])), "section only in A",
                 section_text(a.sections()[i]), "none");
  }
  for (uint32_t i : alignment.only_b) {
    if (report.count())
      report.add(absl::StrFormat("[%d] %s", i, printable(names_b[i])), "section only in B", "none",
                 section_text(b.sections()[i]));
  }
  bool same_sequence = alignment.same_sequence();
  for (const Alignment::Pair& p : alignment.pairs) {
    const ImageSection &x = a.sections()[p.a], &y = b.sections()[p.b];
    std::string at = absl::StrFormat("[%d] %s", p.a, printable(x.name));
    if (!p.in_order && report.count())
      report.add(at, "place in the sequence", base::concat(p.a), base::concat(p.b));
    bool same_link = linked_name(a, x.link) == linked_name(b, y.link);
    report_fields(
        at,
        std::array<Field, 9>{
            {{"sh_name", same_sequence ? x.name_offset : 0, same_sequence ? y.name_offset : 0},
             {"sh_type", x.type, y.type},
             {"sh_flags", x.flags, y.flags},
             {"sh_addr", x.addr, y.addr},
             {"sh_offset", x.offset, y.offset},
             {"sh_size", x.size, y.size},
             {"sh_link", same_link && !same_sequence ? 0 : x.link, same_link && !same_sequence ? 0 : y.link},
             {"sh_info", x.info, y.info},
             {"sh_addralign", x.addralign, y.addralign}}},
        report);
    if (x.entsize != y.entsize && report.count()) {
      report.add(at, "sh_entsize", absl::StrFormat("%#x", x.entsize), absl::StrFormat("%#x", y.entsize));
    }
  }
}

// Of formats other than ELF: record by record, paired by name.
void diff_native_headers(const Sides& sides, const std::vector<HeaderRecord>& a, const std::vector<HeaderRecord>& b,
                         SectionReport& report) {
  auto names_of = [](const std::vector<HeaderRecord>& all) {
    std::vector<std::string> names;
    for (const HeaderRecord& r : all) names.push_back(printable(r.name));
    return names;
  };
  std::vector<std::string> names_a = names_of(a), names_b = names_of(b);
  diff_sequence(names_a, names_b, "header", report);
  Alignment alignment = align(std::vector<std::string_view>(names_a.begin(), names_a.end()),
                              std::vector<std::string_view>(names_b.begin(), names_b.end()));
  for (const Alignment::Pair& p : alignment.pairs) diff_record(sides, a[p.a], b[p.b], report);
}

struct Extent {
  uint64_t begin, end;
};

// The parts of the file that neither a header nor a section holds, in order.
std::vector<Extent> holes(const ImageView& view) {
  const objfmt::ImageHeader& h = view.header();
  uint64_t size = view.image().size();
  std::vector<Extent> used = {{size, size}};
  auto add = [&](uint64_t offset, uint64_t length) {
    if (offset < size) used.push_back({offset, offset + std::min(length, size - offset)});
  };
  if (view.format() == objfmt::ImageFormat::kElf) {
    add(0, 64);
    add(h.phoff, uint64_t{h.phnum} * 56);
    add(h.shoff, uint64_t{h.shnum} * 64);
  }
  for (const HeaderRecord& r : objfmt::read_headers(view)) add(r.offset, r.size);
  for (const ImageSection& s : view.sections()) {
    if (!s.bytes.empty()) add(s.offset, s.bytes.size());
  }
  std::sort(used.begin(), used.end(), [](Extent x, Extent y) { return x.begin < y.begin; });
  std::vector<Extent> gaps;
  uint64_t end = 0;
  for (Extent e : used) {
    if (e.begin > end) gaps.push_back({end, e.begin});
    end = std::max(end, e.end);
  }
  return gaps;
}

std::string name_behind(const ImageView& view, uint64_t offset) {
  std::string name = "the file header";
  uint64_t best = 0;
  for (const ImageSection& s : view.sections()) {
    if (!s.bytes.empty() && s.offset <= offset && s.offset >= best) best = s.offset, name = printable(s.name);
  }
  return name;
}

// Holes are paired by number; that is right whenever the sections are the same.
void diff_holes(const ImageView& a, const ImageView& b, SectionReport& report) {
  std::vector<Extent> x = holes(a), y = holes(b);
  uint64_t differing = 0, size_a = 0, size_b = 0;
  for (const Extent& e : x) size_a += e.end - e.begin;
  for (const Extent& e : y) size_b += e.end - e.begin;
  for (size_t i = 0; i < std::min(x.size(), y.size()); i++) {
    Bytes p = a.image().subspan(x[i].begin, x[i].end - x[i].begin),
          q = b.image().subspan(y[i].begin, y[i].end - y[i].begin);
    size_t n = std::min(p.size(), q.size()), at = first_difference(p, q);
    if (at == n) continue;
    differing += count_differing(p.first(n), q.first(n));
    if (!report.count()) continue;
    report.add(
        absl::StrFormat("file offset %#x, padding behind %s", x[i].begin + at, name_behind(a, x[i].begin)),
        "bytes", hex_bytes(p.subspan(at)), hex_bytes(q.subspan(at)));
  }
  report.set_sizes(size_a, size_b, differing);
}

// From the file's begin to the end of its last header.
Bytes header_bytes(const ImageView& view, const std::vector<HeaderRecord>& headers) {
  uint64_t end = 0;
  for (const HeaderRecord& r : headers) end = std::max(end, r.offset + r.size);
  return view.image().first(std::min<uint64_t>(end, view.image().size()));
}

}  // namespace

void diff_headers(const Sides& sides, Report& report) {
  const ImageView &a = sides.a.view(), &b = sides.b.view();
  auto table = [](const ImageView& view, uint64_t offset, uint64_t size) {
    return base::subrange(view.image(), offset, size);
  };
  auto sizes = [&](SectionReport& r, Bytes x, Bytes y) {
    r.set_sizes(x.size(), y.size(), count_differing(x, y));
  };
  if (a.format() != objfmt::ImageFormat::kElf) {
    std::vector<HeaderRecord> x = objfmt::read_headers(a), y = objfmt::read_headers(b);
    SectionReport& headers = report.section("(headers)");
    Bytes p = header_bytes(a, x), q = header_bytes(b, y);
    sizes(headers, p, q);
    if (headers.differing() != 0) diff_native_headers(sides, x, y, headers);
    return diff_holes(a, b, report.section("(outside sections)"));
  }
  SectionReport& file = report.section("(file header)");
  sizes(file, a.image().first(64), b.image().first(64));
  if (file.differing() != 0) diff_file_header(sides, file);
  SectionReport& segments = report.section("(program headers)");
  sizes(segments, table(a, a.header().phoff, a.segments().size() * 56),
        table(b, b.header().phoff, b.segments().size() * 56));
  if (segments.differing() != 0) diff_segments(a, b, segments);
  SectionReport& sections = report.section("(section headers)");
  sizes(sections, table(a, a.header().shoff, a.sections().size() * 64),
        table(b, b.header().shoff, b.sections().size() * 64));
  if (sections.differing() != 0) diff_section_headers(a, b, sections);
  diff_holes(a, b, report.section("(outside sections)"));
}

}  // namespace dovetail::linker::diff
