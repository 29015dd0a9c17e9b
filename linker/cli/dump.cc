// `dovetail dump`: what objects, archives and linked images hold, as text or as JSON (docs/dump.schema.json).
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "inspect/disassemble.h"
#include "inspect/dump.h"
#include "inspect/dwarf_dump.h"
#include "inspect/dwarf_frames.h"
#include "linker/cli/commands.h"

namespace dovetail::linker {
namespace {

using base::concat;
using inspect::DumpOptions;
using inspect::DumpSection;

struct SectionName {
  std::string_view name;
  DumpSection section;
  std::string_view help;
};
constexpr SectionName kSections[] = {
    {"header", DumpSection::kHeader, "headers, counts, blocks of an object; of an image also its notes"},
    {"imports", DumpSection::kImports, "imported and referenced packages of an object"},
    {"files", DumpSection::kFiles, "source files of an object"},
    {"defs", DumpSection::kDefs, "definitions of an object"},
    {"refs", DumpSection::kRefs, "what an object refers to and does not define"},
    {"relocs", DumpSection::kRelocs, "relocations, with the names of their targets"},
    {"edges", DumpSection::kEdges, "what only a dense object stores: edges, families, hashes of names"},
    {"aux", DumpSection::kAux, "auxiliary symbols of definitions"},
    {"funcs", DumpSection::kFuncs, "function information: pc tables, inline trees, funcdata"},
    {"types", DumpSection::kTypes, "type descriptors, field by field"},
    {"dwarf", DumpSection::kDwarf, "debug entries, lines, locations, ranges, call frames"},
    {"segments", DumpSection::kSegments, "segments and sections of an image"},
    {"native", DumpSection::kNative, "load commands of Mach-O, headers and data directories of PE: their fields"},
    {"moduledata", DumpSection::kModuledata, "runtime.firstmoduledata of an image"},
    {"functab", DumpSection::kFunctab, "functions of an image with their files and lines"},
    {"typelinks", DumpSection::kTypelinks, "types that reflection finds by their string"},
    {"itabs", DumpSection::kItabs, "interface tables of an image"},
    {"buildinfo", DumpSection::kBuildinfo, "Go version, modules and settings of an image"},
};

constexpr uint32_t bits(std::initializer_list<DumpSection> sections) {
  uint32_t all = 0;
  for (DumpSection s : sections) all |= static_cast<uint32_t>(s);
  return all;
}
// With no choice: what fits a screen for each thing there is. Sections that a member cannot have are passed over.
constexpr uint32_t kSummary = bits({DumpSection::kHeader, DumpSection::kImports, DumpSection::kDefs, DumpSection::kRefs,
                                    DumpSection::kNative, DumpSection::kSegments, DumpSection::kBuildinfo});

std::string help_text() {
  std::string text =
      "usage: dovetail dump [OPTIONS] FILE...\n"
      "Prints what goobj and dense objects, archives of them, and linked images (ELF, Mach-O, PE) hold.\n"
      "  --SECTION, --section=LIST   these sections (LIST: names with commas between), instead of a summary\n"
      "  --all                       all sections\n"
      "  --symbol=NAME               only what belongs to symbols of this name\n"
      "  --disassemble=FUNC          the machine code of a function, with relocations and lines\n"
      "  --no-source                 of the lines only file and number, not their text\n"
      "  --syntax=att|intel          of the machine code (default att, as objdump and go tool objdump -gnu)\n"
      "  --json                      one document, as docs/dump.schema.json describes it\n"
      "Sections:\n";
  for (const SectionName& s : kSections) {
    text += concat("  ", s.name, std::string(12 - s.name.size(), ' '), s.help, "\n");
  }
  return text + "Exit status: 0 done, 1 no such symbol or function, 2 usage or a file that cannot be read.\n";
}

struct Options {
  DumpOptions dump;
  inspect::DisassembleOptions code;
  mutable bool code_found = false;
  bool json = false, help = false, source = true;
  std::vector<std::string> files;
};

// Returns what is wrong, or "".
std::string add_section(std::string_view name, DumpOptions* options) {
  for (const SectionName& s : kSections) {
    if (s.name != name) continue;
    options->sections |= static_cast<uint32_t>(s.section);
    return "";
  }
  return concat("unknown section ", name, "; dovetail dump --help lists them");
}

std::string add_sections(std::string_view list, DumpOptions* options) {
  for (;;) {
    size_t end = list.find(',');
    if (std::string error = add_section(list.substr(0, end), options); !error.empty()) return error;
    if (end == std::string_view::npos) return "";
    list.remove_prefix(end + 1);
  }
}

class DumpFlags {
 public:
  explicit DumpFlags(std::span<char* const> args) : args_(args.begin(), args.end()) {}

  // Returns what is wrong, or "".
  std::string parse(Options* options) {
    while (next_ < args_.size()) {
      std::string_view word = args_[next_++];
      if (!word.starts_with("--")) {
        options->files.emplace_back(word);
        continue;
      }
      if (std::string error = take(word.substr(2), options); !error.empty() || options->help) return error;
    }
    if (options->files.empty()) return "wanted a file; dovetail dump --help tells more";
    bool code = !options->code.function.empty();
    if (options->dump.sections == 0 && !code) options->dump.sections = kSummary;
    return "";
  }

 private:
  std::string take(std::string_view word, Options* options) {
    size_t equal = word.find('=');
    std::string_view name = word.substr(0, equal);
    bool given = equal != std::string_view::npos;
    std::string_view value = given ? word.substr(equal + 1) : std::string_view();
    bool wants_value = name == "section" || name == "symbol" || name == "disassemble" || name == "syntax";
    if (!wants_value && given) return concat("--", name, " takes no value");
    if (wants_value && !given) {
      if (next_ == args_.size()) return concat("--", name, " wants a value");
      value = args_[next_++];
    }
    if (wants_value && value.empty()) return concat("--", name, " wants a value");
    if (name == "section") return add_sections(value, &options->dump);
    if (name == "symbol") return options->dump.symbol = value, "";
    if (name == "disassemble") return options->code.function = value, "";
    if (name == "syntax") {
      options->code.intel = value == "intel";
      return options->code.intel || value == "att" ? "" : concat("unknown syntax ", value, "; wanted att or intel");
    }
    if (name == "help") return options->help = true, "";
    if (name == "json") return options->json = true, "";
    if (name == "no-source") return options->source = false, "";
    if (name == "all") {
      for (const SectionName& s : kSections) options->dump.sections |= static_cast<uint32_t>(s.section);
      return "";
    }
    if (add_section(name, &options->dump).empty()) return "";
    return concat("unknown option --", name, "; dovetail dump --help lists them");
  }

  std::vector<std::string_view> args_;
  size_t next_ = 0;
};

// libdwarf was not made for damaged input: it runs in a process of its own, whose end ends nothing else.
using DwarfDump = absl::Status(const inspect::Member&, const DumpOptions&, inspect::DumpWriter&);
absl::Status dump_apart(std::string_view key, std::string_view heading, DwarfDump* dump, const inspect::Member& member,
                        const DumpOptions& options, inspect::DumpWriter& w) {
  w.begin_list(key, heading);
  w.flush();
  std::fflush(stderr);
  pid_t child = ::fork();
  if (child == 0) {
    absl::Status s = dump(member, options, w);
    w.flush();
    if (!s.ok()) complain("dump", concat(s.message()));
    std::fflush(stderr);
    std::_Exit(!s.ok() ? 2 : options.found ? 1 : 0);
  }
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child) return absl::InternalError("cannot start a process");
  w.end_list();
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE) ::raise(SIGPIPE);
  if (WIFEXITED(status) && WEXITSTATUS(status) < 2) {
    options.found |= WEXITSTATUS(status) == 1;
    return absl::OkStatus();
  }
  return absl::DataLossError(WIFEXITED(status) ? "its debug information cannot be read"
                                               : "its debug information is malformed, libdwarf gave up");
}

// GOROOT, else that of the go command on the PATH; "" if there is none.
std::string find_goroot() {
  if (const char* root = std::getenv("GOROOT"); root != nullptr && *root != 0) return root;
  const char* words = std::getenv("PATH");
  std::string_view path = words == nullptr ? "" : words;
  while (!path.empty()) {
    size_t end = std::min(path.find(':'), path.size());
    std::string go = end == 0 ? "" : concat(path.substr(0, end), "/go");
    path.remove_prefix(std::min(end + 1, path.size()));
    if (!base::is_regular_file(go)) continue;
    std::error_code error;
    return std::filesystem::canonical(go, error).parent_path().parent_path().string();
  }
  return "";
}

constexpr const char* kFormats[] = {"goobj", "dense", "", "host"};
constexpr const char* kImageFormats[] = {"elf", "macho", "pe"};

const char* format_of(const inspect::Member& member) {
  if (member.kind != inspect::MemberKind::kImage) return kFormats[static_cast<size_t>(member.kind)];
  absl::StatusOr<objfmt::ImageView> view = objfmt::ImageView::parse(member.object);
  return view.ok() ? kImageFormats[static_cast<size_t>(view->format())] : "";
}

absl::Status dump_member(const inspect::Member& member, const Options& options, inspect::DumpWriter& w) {
  if (member.kind == inspect::MemberKind::kHost) return inspect::dump_host(member, options.dump, w), absl::OkStatus();
  bool image = member.kind == inspect::MemberKind::kImage;
  absl::Status status =
      image ? inspect::dump_image(member, options.dump, w) : inspect::dump_object(member, options.dump, w);
  if (status.ok() && options.dump.has(DumpSection::kDwarf)) {
    status = dump_apart("dwarf", "debug information:", inspect::dump_dwarf, member, options.dump, w);
    if (status.ok() && image) status = dump_apart("frames", "call frames:", inspect::dump_frames, member, options.dump, w);
  }
  if (!status.ok() || options.code.function.empty()) return status;
  absl::StatusOr<bool> found = inspect::disassemble(member, options.code, w);
  options.code_found |= found.ok() && *found;
  return found.status();
}

// A file and what it holds.
struct Input {
  std::string path;
  base::MappedFile file;
  std::vector<inspect::Member> members;
};

absl::StatusOr<Input> open_input(const std::string& path) {
  absl::StatusOr<base::MappedFile> file = base::MappedFile::open(path);
  if (!file.ok()) return file.status();
  absl::StatusOr<std::vector<inspect::Member>> members = inspect::list_members(file->bytes());
  if (!members.ok()) return members.status();
  return Input{path, *std::move(file), *std::move(members)};
}

// Returns the exit status.
int dump_input(const Input& input, const Options& options, inspect::DumpWriter& w) {
  int result = 0;
  for (const inspect::Member& member : input.members) {
    w.begin_row();
    w.text("file", input.path, inspect::Show::value());
    if (member.name.empty()) w.null("member");
    else w.text("member", member.name, inspect::Show::value());
    w.text("format", format_of(member), inspect::Show::value());
    absl::Status status = dump_member(member, options, w);
    w.end_row();
    if (status.ok()) continue;
    w.flush();
    std::string name = member.name.empty() ? input.path : concat(input.path, "(", member.name, ")");
    result = complain("dump", concat(name, ": ", status.message()));
  }
  return result;
}

}  // namespace

int dump_main(std::span<char* const> args) {
  Options options;
  if (std::string error = DumpFlags(args).parse(&options); !error.empty()) return complain("dump", error);
  if (options.help) {
    std::string text = help_text();
    return std::fwrite(text.data(), 1, text.size(), stdout), 0;
  }
  inspect::DumpWriter w(options.json);
  w.begin_list("", "");
  int status = 0;
  inspect::PackageNames packages;
  std::vector<Input> inputs;
  for (const std::string& path : options.files) {
    absl::StatusOr<Input> input = open_input(path);
    if (!input.ok()) {
      status = complain("dump", concat(path, ": ", input.status().message()));
      continue;
    }
    for (const inspect::Member& member : input->members) packages.add(member);
    inputs.push_back(*std::move(input));
  }
  options.dump.packages = options.code.packages = &packages;
  inspect::SourceText source(options.code.function.empty() ? "" : find_goroot());
  if (options.source) options.code.source = &source;
  for (const Input& input : inputs) status = std::max(status, dump_input(input, options, w));
  w.end_list();
  w.flush();
  if (status != 0) return status;
  std::string missing;
  if (!options.code.function.empty() && !options.code_found) missing = concat("function ", options.code.function);
  if (!options.dump.symbol.empty() && !options.dump.found) missing = concat("symbol ", options.dump.symbol);
  if (missing.empty()) return 0;
  complain("dump", concat("no ", missing, "; dovetail nm lists the names"));
  return 1;
}

}  // namespace dovetail::linker
