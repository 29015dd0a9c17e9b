// Sections that are small or made of one kind of record: notes, build info, string tables, typelinks,
// itablinks, dynamic relocations; and the fallback for what nothing is known about.
#include <algorithm>

#include "absl/strings/str_format.h"
#include "base/text.h"
#include "linker/cli/diff_align.h"
#include "linker/cli/diff_passes.h"

namespace dovetail::linker::diff {
namespace {

using base::Bytes;
using objfmt::ImageNote;
using objfmt::ImageView;

std::string quoted(Bytes b) {
  bool text = std::all_of(b.begin(), b.end(), [](uint8_t c) { return c >= 0x20 && c < 0x7f; });
  return text ? base::concat("\"", printable(base::as_text(b)), "\"") : hex_bytes(b, 32);
}

// The two strings of .go.buildinfo: varint length and text, from byte 32 on (debug/buildinfo, Go 1.18 and
// later).
struct BuildInfo {
  Bytes head;
  std::string_view version, modinfo;
};
BuildInfo parse_build_info(Bytes b) {
  BuildInfo info;
  info.head = b.first(std::min<size_t>(b.size(), 32));
  if (b.size() <= 32) return info;
  const uint8_t *p = b.data() + 32, *end = b.data() + b.size();
  for (std::string_view* text : {&info.version, &info.modinfo}) {
    uint64_t length = base::read_uleb(p, end);
    *text = base::as_text(base::subrange(b, static_cast<uint64_t>(p - b.data()), length));
    p += text->size();
  }
  return info;
}

// Elements of a table, by the names of what they lead to.
using Names = std::vector<std::string>;

// A table of addresses, with the names of what is there.
struct Links {
  std::vector<uint64_t> addresses;
  Names names;
};

Links typelinks(const Image& image, Bytes b) {
  Links links;
  for (size_t i = 0; i + 4 <= b.size(); i += 4) {
    links.addresses.push_back(image.module().types() + base::load32(b.data() + i));
    links.names.push_back(image.describe(links.addresses.back()));
  }
  return links;
}

Links itablinks(const Image& image, Bytes b) {
  Links links;
  for (size_t i = 0; i + 8 <= b.size(); i += 8) {
    links.addresses.push_back(base::load64(b.data() + i));
    links.names.push_back(image.describe(links.addresses.back()));
  }
  return links;
}

void diff_links(const Sides& sides, const Links& a, const Links& b, const char* element,
                SectionReport& report) {
  diff_sequence(a.names, b.names, element, report);
  for (size_t i = 0; i < std::min(a.names.size(), b.names.size()); i++) {
    uint64_t x = a.addresses[i], y = b.addresses[i];
    if (x == y || a.names[i] != b.names[i]) continue;
    if (same_target(sides.a, x, sides.b, y)) {
      report.moved();
    } else if (report.count()) {
      report.add(absl::StrFormat("[%d] %s", i, a.names[i]), "address", absl::StrFormat("%#x", x),
                 absl::StrFormat("%#x", y));
    }
  }
}

}  // namespace

void note_unexplained(Bytes a, Bytes b, SectionReport& report) {
  if (report.total() != 0 || report.moved_words() != 0) return;
  size_t at = first_difference(a, b);
  report.note(absl::StrFormat("no difference in meaning found; bytes first differ at +%#x: A=%s B=%s", at,
                              hex_bytes(a.subspan(at)), hex_bytes(b.subspan(at))));
}

void diff_sequence(const std::vector<std::string>& a, const std::vector<std::string>& b, const char* element,
                   SectionReport& report) {
  Alignment alignment = align(std::vector<std::string_view>(a.begin(), a.end()),
                              std::vector<std::string_view>(b.begin(), b.end()));
  auto at = static_cast<size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
  auto name = [](const std::vector<std::string>& names, size_t i) {
    return i < names.size() ? names[i] : std::string("(end)");
  };
  if (at != a.size() || at != b.size()) {
    report.note(absl::StrFormat("sequence first differs at %s %d of %d and %d: A=%s B=%s", element, at,
                                a.size(), b.size(), name(a, at), name(b, at)));
  }
  for (uint32_t i : alignment.only_a) {
    if (report.count())
      report.add(absl::StrFormat("[%d]", i), base::concat(element, " only in A"), a[i], "none");
  }
  for (uint32_t i : alignment.only_b) {
    if (report.count())
      report.add(absl::StrFormat("[%d]", i), base::concat(element, " only in B"), "none", b[i]);
  }
  for (const Alignment::Pair& p : alignment.pairs) {
    if (p.in_order || !report.count()) continue;
    report.add(a[p.a], "place in the sequence", base::concat(p.a), base::concat(p.b));
  }
}

std::vector<std::string> table_strings(Bytes table) {
  std::vector<std::string> strings;
  for (uint64_t at = 0; at < table.size();) {
    std::string_view text = ImageView::string_at(table, at);
    strings.push_back(base::concat("\"", printable(text), "\""));
    at += text.size() + 1;
  }
  return strings;
}

void diff_plain(const Sides&, const SectionPair& s, SectionReport& report) {
  Bytes a = s.a.bytes, b = s.b.bytes;
  size_t n = std::min(a.size(), b.size());
  for (size_t i = first_difference(a, b); i < n; i = first_difference(a, b, i)) {
    size_t end = i + 1;
    for (size_t j = end; j < n && j - end < 8; j++) {
      if (a[j] != b[j]) end = j + 1;
    }
    if (report.count()) {
      report.add(absl::StrFormat("+%#x", i), base::concat("bytes[", end - i, "]"),
                 quoted(a.subspan(i, end - i)), quoted(b.subspan(i, end - i)));
    }
    i = end;
  }
}

void diff_notes(const SectionPair& s, SectionReport& report) {
  std::vector<ImageNote> a = ImageView::notes(s.a), b = ImageView::notes(s.b);
  if (a.size() != b.size() && report.count())
    report.add("note", "count", base::concat(a.size()), base::concat(b.size()));
  for (size_t i = 0; i < std::min(a.size(), b.size()); i++) {
    std::string at = absl::StrFormat("note %d", i);
    if (a[i].owner != b[i].owner && report.count())
      report.add(at, "owner", printable(a[i].owner), printable(b[i].owner));
    if (a[i].type != b[i].type && report.count())
      report.add(at, "type", base::concat(a[i].type), base::concat(b[i].type));
    if (!std::equal(a[i].desc.begin(), a[i].desc.end(), b[i].desc.begin(), b[i].desc.end()) &&
        report.count()) {
      report.add(base::concat(at, " (", printable(a[i].owner), ")"), "desc", quoted(a[i].desc),
                 quoted(b[i].desc));
    }
  }
}

void diff_build_info(const SectionPair& s, SectionReport& report) {
  BuildInfo a = parse_build_info(s.a.bytes), b = parse_build_info(s.b.bytes);
  if (!std::equal(a.head.begin(), a.head.end(), b.head.begin(), b.head.end()) && report.count()) {
    report.add("+0x0", "magic, pointer size, flags", hex_bytes(a.head, 32), hex_bytes(b.head, 32));
  }
  if (a.version != b.version && report.count())
    report.add("+0x20", "version", printable(a.version), printable(b.version));
  if (a.modinfo == b.modinfo) return;
  size_t at = first_difference(base::as_bytes(a.modinfo), base::as_bytes(b.modinfo));
  size_t line_a = a.modinfo.rfind('\n', at == 0 ? 0 : at - 1),
         line_b = b.modinfo.rfind('\n', at == 0 ? 0 : at - 1);
  auto line = [&](std::string_view text, size_t from) {
    std::string_view rest = text.substr(from == std::string_view::npos ? 0 : from + 1);
    return base::concat("\"", printable(rest.substr(0, rest.find('\n'))), "\"");
  };
  if (report.count())
    report.add(absl::StrFormat("modinfo byte %d", at), "line", line(a.modinfo, line_a),
               line(b.modinfo, line_b));
}

void diff_string_table(const SectionPair& s, SectionReport& report) {
  diff_sequence(table_strings(s.a.bytes), table_strings(s.b.bytes), "string", report);
}

void diff_typelinks(const Sides& sides, const SectionPair& s, SectionReport& report) {
  Links a = typelinks(sides.a, s.a.bytes), b = typelinks(sides.b, s.b.bytes);
  diff_links(sides, a, b, "type", report);
}

void diff_itablinks(const Sides& sides, const SectionPair& s, SectionReport& report) {
  Links a = itablinks(sides.a, s.a.bytes), b = itablinks(sides.b, s.b.bytes);
  diff_links(sides, a, b, "itab", report);
}

// magic[16], sum[32], then addresses: itself, and begin and end of four stretches
// (src/crypto/internal/fips140/check/check.go, Linkinfo, Go 1.26).
void diff_fips_info(const Sides& sides, const SectionPair& s, SectionReport& report) {
  static constexpr const char* kWords[] = {"self",          "text.start", "text.end",
                                           "rodata.start",  "rodata.end", "noptrdata.start",
                                           "noptrdata.end", "data.start", "data.end"};
  Bytes a = s.a.bytes, b = s.b.bytes;
  auto part = [&](const char* name, size_t from, size_t size) {
    Bytes x = base::subrange(a, from, size), y = base::subrange(b, from, size);
    if (std::equal(x.begin(), x.end(), y.begin(), y.end()) || !report.count()) return;
    report.add(absl::StrFormat("go:fipsinfo+%#x", from), name, hex_bytes(x, 32), hex_bytes(y, 32));
  };
  part("magic", 0, 16);
  part("sum", 16, 32);
  for (size_t i = 0; i < std::size(kWords); i++) {
    size_t at = 48 + i * 8;
    if (at + 8 > std::min(a.size(), b.size())) break;
    uint64_t x = base::load64(a.data() + at), y = base::load64(b.data() + at);
    if (x == y) continue;
    if (same_target(sides.a, x, sides.b, y)) {
      report.moved();
    } else if (report.count()) {
      report.add(absl::StrFormat("go:fipsinfo+%#x", at), kWords[i],
                 absl::StrFormat("%s (%#x)", sides.a.describe(x), x),
                 absl::StrFormat("%s (%#x)", sides.b.describe(y), y));
    }
  }
}

// r_offset, r_info, r_addend; aligned by the place they are applied to.
void diff_rela(const Sides& sides, const SectionPair& s, SectionReport& report) {
  struct Entry {
    uint64_t offset, info, addend;
  };
  auto load = [](Bytes b, size_t i) {
    const uint8_t* p = b.data() + i * 24;
    return Entry{base::load64(p), base::load64(p + 8), base::load64(p + 16)};
  };
  auto names = [&](const Image& image, Bytes b) {
    Names n;
    for (size_t i = 0; i + 24 <= b.size(); i += 24) n.push_back(image.describe(base::load64(b.data() + i)));
    return n;
  };
  Names a = names(sides.a, s.a.bytes), b = names(sides.b, s.b.bytes);
  diff_sequence(a, b, "relocated place", report);
  Alignment alignment = align(std::vector<std::string_view>(a.begin(), a.end()),
                              std::vector<std::string_view>(b.begin(), b.end()));
  for (const Alignment::Pair& p : alignment.pairs) {
    Entry x = load(s.a.bytes, p.a), y = load(s.b.bytes, p.b);
    std::string at = absl::StrFormat("[%d] %s", p.a, a[p.a]);
    if (x.info != y.info && report.count())
      report.add(at, "r_info", absl::StrFormat("%#x", x.info), absl::StrFormat("%#x", y.info));
    if (x.addend == y.addend) continue;
    if (same_target(sides.a, x.addend, sides.b, y.addend)) {
      report.moved();
    } else if (report.count()) {
      report.add(at, "r_addend", absl::StrFormat("%s (%#x)", sides.a.describe(x.addend), x.addend),
                 absl::StrFormat("%s (%#x)", sides.b.describe(y.addend), y.addend));
    }
  }
}

}  // namespace dovetail::linker::diff
