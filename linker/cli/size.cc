// `dovetail size [--by=WHAT] [--top=N] [--json] FILE...`: where the bytes of objects, archives and images go.
#include "inspect/size.h"

#include <charconv>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/file.h"
#include "base/text.h"
#include "linker/cli/commands.h"

namespace dovetail::linker {
namespace {

using base::concat;
using inspect::SizeBy;
using inspect::SizeRow;

constexpr std::string_view kUsage =
    "usage: dovetail size [--by=block|section|package|symbol] [--top=N] [--json] FILE...\n"
    "Prints where the bytes of goobj and dense objects, archives of them, and executables (ELF, Mach-O, PE) go, all files\n"
    "together, the largest first. Each byte is counted once: the rows add up to the size of the files. Debug information that an image\n"
    "has compressed is shared out in a second table, by its expanded bytes.\n"
    "  --by=block     blocks of objects, sections of images (the default; --by=section is the same)\n"
    "  --by=package   whose object it is; of images, whose symbols; [..] is what has no package\n"
    "  --by=symbol    symbols with all that belongs to them: code or data, relocations, function tables, name\n"
    "  --top=N        the N largest, and one row for the rest (0: all; by symbol the default is 40)\n"
    "  --json         print one document, as docs/size.schema.json describes it\n"
    "Exit status: 0 done, 2 usage, or a file that cannot be read or is none of these.\n";

struct SizeOptions {
  SizeBy by = SizeBy::kBlock;
  std::string by_name = "block";
  uint64_t top = 0;
  bool top_given = false, json = false;
  std::vector<std::string> files;
};

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

// Returns what is wrong, or "".
std::string parse_option(std::string_view word, SizeOptions* options) {
  if (word == "--json") return options->json = true, "";
  if (word.starts_with("--top=")) {
    std::string_view number = word.substr(6);
    auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), options->top);
    options->top_given = true;
    return error == std::errc() && end == number.data() + number.size() ? "" : concat("bad number in ", word);
  }
  if (word.starts_with("--by=")) {
    std::string_view by = options->by_name = word.substr(5);
    if (by == "block" || by == "section") return options->by = SizeBy::kBlock, "";
    if (by == "package") return options->by = SizeBy::kPackage, "";
    if (by == "symbol") return options->by = SizeBy::kSymbol, "";
    return concat("unknown ", word, "; there are block, section, package and symbol");
  }
  return concat("unknown option ", word, "; dovetail size --help lists them");
}

// Keeps the largest rows; the others become one.
std::vector<SizeRow> shorten(std::vector<SizeRow> rows, uint64_t top) {
  if (top == 0 || rows.size() <= top + 1) return rows;
  SizeRow rest{concat("[", rows.size() - top, " more]")};
  for (size_t i = top; i < rows.size(); i++) rest.bytes += rows[i].bytes, rest.count += rows[i].count;
  rows.resize(top);
  rows.push_back(rest);
  return rows;
}

void print_text(const std::vector<SizeRow>& rows, uint64_t total, std::string_view heading) {
  std::string text = concat(heading, heading.empty() ? "" : "\n");
  absl::StrAppendFormat(&text, "%12s %7s %9s  %s\n", "bytes", "share", "count", "name");
  for (const SizeRow& r : rows) {
    double share = total == 0 ? 0 : 100.0 * static_cast<double>(r.bytes) / static_cast<double>(total);
    absl::StrAppendFormat(&text, "%12d %6.2f%% %9d  %s\n", r.bytes, share, r.count, r.name);
  }
  absl::StrAppendFormat(&text, "%12d %6.2f%% %9s  total\n", total, 100.0, "");
  print(text);
}

using Json = nlohmann::ordered_json;

Json json_of(const std::vector<SizeRow>& rows) {
  Json list = Json::array();
  for (const SizeRow& r : rows) list.push_back({{"name", r.name}, {"bytes", r.bytes}, {"count", r.count}});
  return list;
}

struct Measured {
  std::vector<SizeRow> rows, expanded;
  uint64_t total = 0, expanded_total = 0;
};

void print_json(const SizeOptions& options, const Measured& m) {
  Json expanded = {{"total", m.expanded_total}, {"rows", json_of(m.expanded)}};
  Json document = {{"by", options.by_name}, {"files", options.files}, {"total", m.total}, {"rows", json_of(m.rows)}};
  document["expanded"] = m.expanded.empty() ? Json() : std::move(expanded);
  print(concat(document.dump(1, ' ', false, nlohmann::json::error_handler_t::replace), "\n"));
}

}  // namespace

int size_main(std::span<char* const> args) {
  SizeOptions options;
  for (std::string_view word : args) {
    if (word == "--help") return print(kUsage), 0;
    if (word.size() < 2 || word[0] != '-') {
      options.files.emplace_back(word);
    } else if (std::string error = parse_option(word, &options); !error.empty()) {
      return complain("size", error);
    }
  }
  if (options.files.empty()) return complain("size", "wanted a file");
  if (!options.top_given && options.by == SizeBy::kSymbol) options.top = 40;
  inspect::SizeTable table, expanded;
  Measured m;
  for (const std::string& path : options.files) {
    absl::StatusOr<base::MappedFile> file = base::MappedFile::open(path);
    if (!file.ok()) return complain("size", concat(path, ": ", file.status().message()));
    if (absl::Status s = inspect::measure_file(file->bytes(), options.by, &table, &expanded); !s.ok()) {
      return complain("size", concat(path, ": ", s.message()));
    }
    m.total += file->bytes().size();
  }
  m.rows = shorten(table.rows(), options.top);
  m.expanded = shorten(expanded.rows(), options.top);
  for (const SizeRow& r : m.expanded) m.expanded_total += r.bytes;
  if (options.json) return print_json(options, m), 0;
  print_text(m.rows, m.total, "");
  if (!m.expanded.empty()) print_text(m.expanded, m.expanded_total, "\ndebug information that is compressed above, as it is when expanded:");
  return 0;
}

}  // namespace dovetail::linker
