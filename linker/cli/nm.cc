// `dovetail nm`: the symbols of objects, archives and linked images, as go tool nm prints them (cmd/nm/nm.go, Go
// 1.26), of dense objects as of the goobj that they were made from; or as JSON (docs/nm.schema.json).
//
// The order of symbols that compare equal is what Go's unstable sort makes of it, twice: first by address, then as
// asked.
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/file.h"
#include "base/go_text.h"
#include "base/pdqsort.h"
#include "base/text.h"
#include "inspect/host_object.h"
#include "linker/cli/commands.h"
#include "linker/cli/nm_read.h"
#include "loader/go_text.h"

namespace dovetail::linker {
namespace {

using base::concat;

constexpr std::string_view kUsage =
    "usage: dovetail nm [options] file...\n"
    "  -n\n"
    "      an alias for -sort address (numeric),\n"
    "      for compatibility with other nm commands\n"
    "  -size\n"
    "      print symbol size in decimal between address and type\n"
    "  -sort {address,name,none,size}\n"
    "      sort output in the given order (default name)\n"
    "      size orders from largest to smallest\n"
    "  -type\n"
    "      print symbol type after name\n"
    "  --json\n"
    "      print an array of objects, as docs/nm.schema.json describes them\n";
constexpr std::string_view kHelp =
    "\nLists the symbols of goobj and dense objects, archives of them, and executables (ELF, Mach-O, PE);\n"
    "output and exit status are those of go tool nm.\n"
    "Exit status: 0 done, 1 a file without symbols or that cannot be read, 2 usage.\n";

void print(std::FILE* to, std::string_view text) { std::fwrite(text.data(), 1, text.size(), to); }

struct NmOptions {
  std::string sort = "name";
  bool size = false, type = false, json = false, help = false;
  std::vector<std::string> files;
};

// Go's flags (flag/flag.go parseOne, Go 1.26), and --json, which may stand anywhere.
class NmFlags {
 public:
  explicit NmFlags(std::span<char* const> args) : args_(args.begin(), args.end()) {}

  // Returns what is wrong, or "".
  std::string parse(NmOptions* options) {
    while (next_ < args_.size()) {
      std::string_view word = args_[next_];
      if (word.size() < 2 || word[0] != '-') break;
      next_++;
      if (word == "--") return take_files(options, false);
      if (std::string error = take_flag(word, options); !error.empty() || options->help) return error;
    }
    return take_files(options, true);
  }

 private:
  std::string take_files(NmOptions* options, bool flags) {
    for (; next_ < args_.size(); next_++) {
      if (flags && args_[next_] == "--json") options->json = true;
      else options->files.emplace_back(args_[next_]);
    }
    return "";
  }

  std::string take_flag(std::string_view word, NmOptions* options) {
    std::string_view name = word.substr(word[1] == '-' ? 2 : 1), value = "true";
    if (name.empty() || name[0] == '-' || name[0] == '=') return concat("bad flag syntax: ", word);
    size_t equal = name.find('=', 1);
    bool given = equal != std::string_view::npos;
    if (given) value = name.substr(equal + 1), name = name.substr(0, equal);
    if (name == "h" || name == "help") return options->help = true, "";
    if (name == "sort") {
      if (!given && next_ == args_.size()) return "flag needs an argument: -sort";
      options->sort = given ? value : args_[next_++];
      return "";
    }
    if (name == "n") {
      if (value == "true") options->sort = "address";
      return "";
    }
    bool* flag = name == "size"   ? &options->size
                 : name == "type" ? &options->type
                 : name == "json" ? &options->json
                                  : nullptr;
    if (flag == nullptr) return concat("flag provided but not defined: -", name);
    if (loader::parse_go_bool(value, flag)) return "";
    return concat("invalid boolean value ", base::quote(value), " for -", name, ": parse error");
  }

  std::vector<std::string_view> args_;
  size_t next_ = 0;
};

// One member's symbols, where they stand and in what order.
struct Listing {
  std::string_view file, member;
  bool in_archive, several_members;
  std::span<const NmSymbol> symbols;
};

class NmPrinter {
 public:
  explicit NmPrinter(const NmOptions& options) : options_(options) {}

  void begin() {
    if (options_.json) print(stdout, "[");
  }
  void add(const Listing& listing) {
    std::string prefix = options_.json ? json_prefix(listing) : text_prefix(listing);
    for (const NmSymbol& s : listing.symbols) {
      if (options_.json) text_ += first_ ? "\n" : ",\n";
      first_ = false;
      text_ += prefix;
      if (options_.json) add_json(s);
      else add_text(s);
      if (text_.size() > kBufferSize) flush();
    }
  }
  void flush() {
    print(stdout, text_);
    std::fflush(stdout);
    text_.clear();
  }
  void end() {
    if (options_.json) print(stdout, first_ ? "]\n" : "\n]\n");
  }

 private:
  static constexpr size_t kBufferSize = 64 << 10;

  std::string text_prefix(const Listing& l) const {
    if (l.several_members) return concat(l.file, "(", l.member, "):\t");
    return options_.files.size() > 1 ? concat(l.file, ":\t") : "";
  }
  // go tool nm knows no type that it could print with -type, of objects and ELF files.
  void add_text(const NmSymbol& s) {
    if (s.code == 'U') text_.append(8, ' ');
    else absl::StrAppendFormat(&text_, "%8x", s.address);
    if (options_.size) absl::StrAppendFormat(&text_, " %10d", s.size);
    text_ += ' ';
    text_ += s.code;
    text_ += ' ';
    text_ += s.name;
    text_ += '\n';
  }

  // Bytes that are no UTF-8 become U+FFFD.
  static std::string quoted(std::string_view text) {
    using Json = nlohmann::json;
    return Json(std::string(text)).dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  static std::string json_prefix(const Listing& l) {
    return concat("{\"file\": ", quoted(l.file), ", \"member\": ", l.in_archive ? quoted(l.member) : "null");
  }
  void add_json(const NmSymbol& s) {
    text_ += concat(", \"name\": ", quoted(s.name), ", \"type\": \"", std::string_view(&s.code, 1), "\"");
    text_ += concat(", \"address\": ", s.code == 'U' ? "null" : std::to_string(s.address));
    text_ += concat(", \"size\": ", s.size, ", \"kind\": \"", s.kind, "\", \"section\": ");
    text_ += concat(s.section.empty() ? "null" : quoted(s.section), "}");
  }

  const NmOptions& options_;
  std::string text_;
  bool first_ = true;
};

void sort_symbols(std::vector<NmSymbol>* symbols, std::string_view order) {
  using Symbol = const NmSymbol&;
  std::span<NmSymbol> all(*symbols);
  if (order == "address") base::go_sort(all, [](Symbol a, Symbol b) { return a.address < b.address; });
  if (order == "name") base::go_sort(all, [](Symbol a, Symbol b) { return a.name < b.name; });
  if (order == "size") base::go_sort(all, [](Symbol a, Symbol b) { return a.size > b.size; });
}

bool list_file(const std::string& path, const NmOptions& options, NmPrinter* printer) {
  auto complain_of = [](const std::string& text) { return print(stderr, concat(text, "\n")), false; };
  absl::StatusOr<base::MappedFile> file = base::MappedFile::open(path);
  // go tool nm opens a directory, and only then finds nothing in it.
  if (!file.ok() && !base::is_directory(path)) {
    return complain_of(concat("open ", path, ": ", file.status().message()));
  }
  base::Bytes bytes = file.ok() ? file->bytes() : base::Bytes();
  absl::StatusOr<std::vector<inspect::Member>> members = inspect::list_members(bytes);
  if (!members.ok()) return complain_of(concat("open ", path, ": ", members.status().message()));
  bool found = false, ok = true;
  for (const inspect::Member& member : *members) {
    if (member.kind == inspect::MemberKind::kHost) {
      std::string what = inspect::describe_host_object(member.object);
      found = true;
      printer->flush();
      complain("nm", concat(path, "(", member.name, "): ", what, ": its symbols are not listed"));
      continue;
    }
    absl::StatusOr<NmTable> table = read_nm_table(member);
    if (!table.ok()) {
      ok = complain_of(concat("reading ", path, ": ", table.status().message()));
      continue;
    }
    if (table->symbols.empty()) continue;
    found = true;
    sort_symbols(&table->symbols, options.sort);
    printer->add({path, member.name, !member.name.empty(), members->size() > 1, table->symbols});
  }
  if (!found) ok = complain_of(concat("reading ", path, ": no symbols"));
  printer->flush();
  return ok;
}

}  // namespace

int nm_main(std::span<char* const> args) {
  if (args.size() == 1 && std::string_view(args[0]) == "--help") {
    print(stdout, concat(kUsage, kHelp));
    return 0;
  }
  NmOptions options;
  std::string error = NmFlags(args).parse(&options);
  if (!error.empty()) print(stderr, concat(error, "\n"));
  const std::string& sort = options.sort;
  bool known = sort == "address" || sort == "name" || sort == "none" || sort == "size";
  if (error.empty() && !options.help && !known) {
    print(stderr, concat("nm: unknown sort order ", base::quote(sort), "\n"));
    return 2;
  }
  if (!error.empty() || options.help || options.files.empty()) return print(stderr, kUsage), 2;
  NmPrinter printer(options);
  printer.begin();
  bool ok = true;
  for (const std::string& path : options.files) ok &= list_file(path, options, &printer);
  printer.end();
  return ok ? 0 : 1;
}

}  // namespace dovetail::linker
