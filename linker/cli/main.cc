// The executable: one file under several names. As `link` it is `go tool link`,
// as `dovetail-toolexec` what go build's -toolexec starts, else the first word
// chooses a command.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "base/text.h"
#include "linker/cli/commands.h"
#include "loader/release/release.h"

namespace dovetail::linker {
namespace {

using base::concat;

constexpr std::string_view kTuningHelp =
    "  --threads=N         use N threads (default: one for each core it may use, 16 at most)\n"
    "  --trace=FILE        write what each thread did when to FILE (Chrome trace)\n"
    "  --schedule-seed=N   permute the order of work, for tests\n";

constexpr Command kCommands[] = {
    {"link", "[FLAGS] main.a", "link a Go program; the flags are those of go tool link", link_main,
     "Options of our own come from the environment variable DOVETAIL_FLAGS, separated by\n"
     "spaces; none of them changes a byte of the image:\n"},
    {"toolexec", "[OPTIONS] TOOL ARGS...", "for go build -toolexec: links in place of TOOL if that is link, else runs TOOL",
     toolexec_main,
     "go build -toolexec='dovetail toolexec' ./...\n"
     "GOFLAGS=-toolexec=dovetail-toolexec go build ./...   (a link to this executable, on PATH)\n\n"
     "  --objects=dense     convert what compile and asm write to dense objects, which link faster\n"},
    {"goroot", "DIR", "make DIR an overlay of go env GOROOT (links, no copies) whose linker is this one", goroot_main,
     "DIR is empty, absent, or such an overlay already, which is then made anew.\n"
     "Use it with GOROOT=DIR go build ./...\n"
     "(if GOTOOLCHAIN chose the release: GOROOT=DIR GOTOOLCHAIN=local DIR/bin/go build ./...)\n"},
    {"diff", "[OPTIONS] A B", "explain how two linked images differ; exit status 1 if they do", diff_main, ""},
    {"convert", "--to=FORMAT IN OUT", "rewrite objects in the dense format, or back", convert_main, ""},
    {"nm", "[OPTIONS] FILE...", "list the symbols of objects, archives and images, as go tool nm does", nm_main, ""},
    {"dump", "[OPTIONS] FILE...", "print what objects, archives and images hold; disassemble", dump_main, ""},
    {"verify", "[--json] FILE...", "check objects, archives and images against the rules of their formats", verify_main, ""},
    {"size", "[OPTIONS] FILE...", "print where the bytes of objects, archives and images go", size_main, ""},
    {"version", "", "print the version", version_main, "The same as dovetail --version.\n"},
    {"help", "[COMMAND]", "print this text, or that of a command", help_main, "The same as dovetail COMMAND --help.\n"},
};

void print(std::FILE* to, std::string_view text) { std::fwrite(text.data(), 1, text.size(), to); }

std::string overview() {
  std::string text = "usage: dovetail COMMAND ...\n\nA linker for Go programs that gives the bytes of go tool link.\n\n";
  for (const Command& command : commands()) {
    text += concat("  ", command.name, std::string(10 - command.name.size(), ' '), command.summary, "\n");
  }
  return text + "\nCalled under the name link it is go tool link, as dovetail-toolexec it is dovetail toolexec.\n"
                "dovetail COMMAND --help tells more.\n";
}

const Command* find_command(std::string_view name) {
  for (const Command& command : commands()) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

bool asks_help(std::string_view word) { return word == "--help" || word == "-h" || word == "-help"; }

int print_help(const Command& command) {
  if (command.details.empty()) {
    char word[] = "--help";
    char* args[] = {word};
    return command.run(std::span<char* const>(args, 1));
  }
  bool tuned = command.name == "link" || command.name == "toolexec";
  print(stdout, concat("usage: dovetail ", command.name, command.arguments.empty() ? "" : " ", command.arguments, "\n\n",
                       command.summary, "\n\n", command.details, tuned ? kTuningHelp : std::string_view()));
  if (command.name == "link") print(stdout, concat("\n", loader::usage_text()));
  return 0;
}

// How many letters must change to make one word of the other.
size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); j++) row[j] = j;
  for (size_t i = 1; i <= a.size(); i++) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); j++) {
      size_t changed = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

int unknown_command(std::string_view name) {
  const Command* nearest = nullptr;
  size_t best = 3;
  for (const Command& command : commands()) {
    size_t distance = edit_distance(name.substr(0, 32), command.name);
    if (distance < best) best = distance, nearest = &command;
  }
  print(stderr, concat("dovetail: unknown command ", name,
                       nearest != nullptr ? concat("; did you mean ", nearest->name, "?\n") : "; dovetail --help lists them\n"));
  return 2;
}

int run(std::span<char* const> argv) {
  std::string_view self = argv.empty() ? std::string_view("dovetail") : argv[0];
  std::string_view name = self.substr(self.rfind('/') + 1);
  auto rest = argv.empty() ? argv : argv.subspan(1);
  if (name == "link") {
    loader::Tuning tuning;
    return link_as(self, rest, tuning);
  }
  if (name == "dovetail-toolexec") {
    bool help = !rest.empty() && std::string_view(rest[0]) == "--help";
    return help ? print_help(*find_command("toolexec")) : toolexec_main(rest);
  }
  if (rest.empty()) {
    print(stderr, overview());
    return 2;
  }
  std::string_view word = rest[0];
  auto args = rest.subspan(1);
  if (asks_help(word)) return help_main(args);
  if (word == "--version" || word == "-version") return version_main({});
  const Command* command = find_command(word);
  if (command == nullptr) return unknown_command(word);
  if (!args.empty() && std::string_view(args[0]) == "--help") return print_help(*command);
  return command->run(args);
}

}  // namespace

std::span<const Command> commands() { return kCommands; }

int help_main(std::span<char* const> args) {
  if (args.empty()) {
    print(stdout, overview());
    return 0;
  }
  const Command* command = find_command(args[0]);
  return command != nullptr ? print_help(*command) : unknown_command(args[0]);
}

int version_main(std::span<char* const>) {
  print(stdout, concat("dovetail ", kVersion, " (", loader::newest_release().family, ")\n"));
  return 0;
}

int complain(std::string_view command, std::string_view text) {
  print(stderr, concat("dovetail ", command, ": ", text, "\n"));
  return 2;
}

}  // namespace dovetail::linker

int main(int argc, char** argv) {
  int status = dovetail::linker::run({argv, static_cast<size_t>(argc)});
  // Nothing is torn down: the system takes back mappings and memory faster than destructors do.
  if (std::fflush(stdout) != 0 && status == 0) status = 2;
  std::fflush(stderr);
  std::_Exit(status);
}
