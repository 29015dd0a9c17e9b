// `dovetail diff [--limit=N] [--json] A B`: explains how two linked Go images (ELF, Mach-O, PE) differ.
//
// Sections are paired by name. Each pair whose bytes differ goes to the pass that knows what such a section
// means. Cost is linear in the images; a pass runs only on a section that differs.
#include "linker/cli/diff.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <span>
#include <string_view>

#include "absl/strings/numbers.h"
#include "base/file.h"
#include "base/text.h"
#include "linker/cli/commands.h"
#include "linker/cli/diff_dwarf.h"
#include "linker/cli/diff_passes.h"

namespace dovetail::linker {
namespace diff {
namespace {

using objfmt::ImageSection;
using objfmt::ImageView;

constexpr size_t kDefaultLimit = 20;
constexpr std::string_view kUsage =
    "usage: dovetail diff [--limit=N] [--json] A B\n"
    "Explains how two linked images (ELF, Mach-O, PE) differ: by section, symbol, field, with both values.\n"
    "  --limit=N  describe at most N differences per section (default 20; 0: all)\n"
    "  --json     report as JSON\n"
    "Exit status: 0 same bytes, 1 they differ, 2 usage or unreadable input.\n";

void diff_pair(const Sides& sides, const SectionPair& s, SectionReport& report) {
  std::string_view name = s.a.name;
  if (s.a.type == objfmt::kElfSectionNote && s.b.type == objfmt::kElfSectionNote)
    return diff_notes(s, report);
  bool pe = sides.a.view().format() == objfmt::ImageFormat::kPe;
  if (&s.a == sides.a.view().symtab() && &s.b == sides.b.view().symtab())
    return diff_symtab(sides, s, report);
  if (pe && name == ".strtab") {
    // Without the size in front of the strings.
    ImageSection a = s.a, b = s.b;
    for (ImageSection* x : {&a, &b}) x->bytes = x->bytes.subspan(std::min<size_t>(4, x->bytes.size()));
    return diff_string_table({a, b}, report);
  }
  if (s.a.type == objfmt::kElfSectionStrtab && s.b.type == objfmt::kElfSectionStrtab)
    return diff_string_table(s, report);
  if (s.a.type == objfmt::kElfSectionRela && s.b.type == objfmt::kElfSectionRela)
    return diff_rela(sides, s, report);
  if (pe && name == ".reloc") return diff_base_relocs(sides, s, report);
  if (pe && name == ".pdata") return diff_unwind(sides, s, report);
  if (pe && name == ".idata") return diff_imports(sides, report);
  if (name == ".go.module") return diff_moduledata(sides, s, report);
  if (name == ".go.buildinfo") return diff_build_info(s, report);
  if (name == ".go.fipsinfo") return diff_fips_info(sides, s, report);
  if (name.ends_with(".typelink")) return diff_typelinks(sides, s, report);
  if (name.ends_with(".itablink")) return diff_itablinks(sides, s, report);
  bool loaded = (s.a.flags & s.b.flags & objfmt::kElfFlagAlloc) != 0;
  return loaded ? diff_content(sides, s, report) : diff_plain(sides, s, report);
}

// Sections of both images by name; the k-th of a name with the k-th.
void diff_sections(const Sides& sides, Report& report) {
  const auto &all_a = sides.a.view().sections(), &all_b = sides.b.view().sections();
  std::vector<bool> taken(all_b.size());
  bool debug = false;
  for (size_t i = 1; i < all_a.size(); i++) {
    const ImageSection& a = all_a[i];
    for (size_t j = 1; j < all_b.size(); j++) {
      const ImageSection& b = all_b[j];
      if (taken[j] || b.name != a.name) continue;
      taken[j] = true;
      uint64_t differing = count_differing(a.bytes, b.bytes);
      if (a.name.starts_with(".debug_") && (a.flags & objfmt::kElfFlagAlloc) == 0) {
        debug |= differing != 0 || a.flags != b.flags;
        break;
      }
      if (differing == 0) break;
      if (a.name.ends_with(".gopclntab")) {
        diff_pclntab(sides, {a, b}, report);
        break;
      }
      SectionReport& section = report.section(printable(a.name));
      section.set_sizes(a.bytes.size(), b.bytes.size(), differing);
      diff_pair(sides, {a, b}, section);
      note_unexplained(a.bytes, b.bytes, section);
      break;
    }
  }
  if (debug) diff_dwarf(sides, report);
}

int usage() {
  std::fputs(std::string(kUsage).c_str(), stderr);
  return 2;
}

int fail(const std::string& path, const absl::Status& status) {
  std::fprintf(stderr, "dovetail diff: %s: %s\n", path.c_str(), std::string(status.message()).c_str());
  return 2;
}

struct Options {
  size_t limit = kDefaultLimit;
  bool json = false, help = false;
  std::vector<std::string> files;
};

bool parse_options(std::span<char* const> args, Options& options) {
  bool flags = true;
  for (const char* raw : args) {
    std::string_view arg = raw;
    if (!flags || arg.empty() || arg[0] != '-' || arg == "-") {
      options.files.emplace_back(arg);
    } else if (arg == "--") {
      flags = false;
    } else if (arg == "--json") {
      options.json = true;
    } else if (arg == "--help" || arg == "-h") {
      options.help = true;
    } else if (!arg.starts_with("--limit=") ||
               !absl::SimpleAtoi(raw + sizeof "--limit=" - 1, &options.limit)) {
      std::fprintf(stderr, "dovetail diff: bad option %s\n", raw);
      return false;
    }
  }
  if (options.limit == 0) options.limit = SIZE_MAX;
  return options.help || options.files.size() == 2;
}

}  // namespace

absl::StatusOr<Report> compare_images(base::Bytes a, std::string name_a, base::Bytes b, std::string name_b,
                                      size_t limit) {
  absl::StatusOr<ImageView> view_a = ImageView::parse(a), view_b = ImageView::parse(b);
  for (auto [view, name] : {std::pair(&view_a, &name_a), std::pair(&view_b, &name_b)}) {
    if (!view->ok()) return absl::InvalidArgumentError(base::concat(*name, ": ", view->status().message()));
  }
  if (view_a->format() != view_b->format()) {
    return absl::InvalidArgumentError(base::concat(name_a, " and ", name_b, " are images of different formats"));
  }
  Report report(limit);
  report.size_a = a.size(), report.size_b = b.size();
  report.differing = count_differing(a, b);
  for (const std::string& p : view_a->problems()) report.problems.push_back(base::concat(name_a, ": ", p));
  for (const std::string& p : view_b->problems()) report.problems.push_back(base::concat(name_b, ": ", p));
  report.name_a = name_a, report.name_b = name_b;
  bool named_a = view_a->symtab() != nullptr, named_b = view_b->symtab() != nullptr;
  if (named_a != named_b) {
    report.notes.push_back(base::concat(
        named_a ? "B" : "A", " has no .symtab: names are from the pclntab and the moduledata of both"));
  }
  Image image_a(*view_a, std::move(name_a), named_a && named_b),
      image_b(*view_b, std::move(name_b), named_a && named_b);
  Image::mark_fixed_sections(image_a, image_b);
  Sides sides{image_a, image_b};
  diff_headers(sides, report);
  diff_sections(sides, report);
  return report;
}

}  // namespace diff

int diff_main(std::span<char* const> args) {
  diff::Options options;
  if (!diff::parse_options(args, options)) return diff::usage();
  if (options.help) {
    std::fputs(std::string(diff::kUsage).c_str(), stdout);
    return 0;
  }
  const std::string &path_a = options.files[0], &path_b = options.files[1];
  absl::StatusOr<base::MappedFile> a = base::MappedFile::open(path_a), b = base::MappedFile::open(path_b);
  if (!a.ok()) return diff::fail(path_a, a.status());
  if (!b.ok()) return diff::fail(path_b, b.status());
  base::Bytes x = a->bytes(), y = b->bytes();
  if (x.size() == y.size() && (x.empty() || std::memcmp(x.data(), y.data(), x.size()) == 0)) return 0;
  absl::StatusOr<diff::Report> report = diff::compare_images(x, path_a, y, path_b, options.limit);
  if (!report.ok()) {
    std::fprintf(stderr, "dovetail diff: %s\n", std::string(report.status().message()).c_str());
    return 2;
  }
  for (const std::string& p : report->problems) std::fprintf(stderr, "dovetail diff: %s\n", p.c_str());
  std::string text = options.json ? report->to_json() : report->to_text();
  std::fwrite(text.data(), 1, text.size(), stdout);
  return 1;
}

}  // namespace dovetail::linker
