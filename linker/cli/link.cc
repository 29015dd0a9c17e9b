// The command `link`: cmd/link's command line.
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

#include "base/text.h"
#include "linker/cli/commands.h"
#include "linker/cli/stand_in.h"
#include "linker/link.h"

namespace dovetail::linker {
namespace {

using base::concat;

void print(std::FILE* to, std::string_view text) { std::fwrite(text.data(), 1, text.size(), to); }

int leave(const loader::EarlyExit& exit) {
  struct stat st;
  const std::string& output = exit.remove_output;
  if (!output.empty() && ::lstat(output.c_str(), &st) == 0 && S_ISREG(st.st_mode)) ::unlink(output.c_str());
  print(stdout, exit.out);
  print(stderr, exit.err);
  return exit.status;
}

// Without a GOROOT to tell the release, the main package's object does. An object that cannot be read, or is none, is
// left to the link to complain about.
bool take_version_from_object(loader::Options* options, std::string_view tool) {
  std::string version = version_of_object(options->arguments[0]);
  if (version.empty()) return options->set_version(loader::newest_release().versions.back());
  if (options->set_version(version)) return true;
  print(stderr, concat(tool, ": ", options->arguments[0], ": made by ", version,
                       ", a Go release that this Dovetail does not know; known are ", loader::known_releases(), "\n"));
  return false;
}

}  // namespace

int link_as(std::string_view tool, std::span<char* const> args, loader::Tuning tuning) {
  if (const char* words = std::getenv("DOVETAIL_FLAGS")) {
    loader::Tuning from_environment;
    if (std::string error = loader::parse_tuning_list(words, &from_environment); !error.empty()) {
      print(stderr, concat(tool, ": DOVETAIL_FLAGS: ", error, "\n"));
      return 2;
    }
    if (tuning.threads == 0) tuning.threads = from_environment.threads;
    if (tuning.trace.empty()) tuning.trace = from_environment.trace;
    if (tuning.schedule_seed == 0) tuning.schedule_seed = from_environment.schedule_seed;
  }
  std::vector<std::string> argv = {std::string(tool)};
  argv.insert(argv.end(), args.begin(), args.end());
  auto lookup = [](const char* name) -> const char* { return std::getenv(name); };
  loader::BuildConfig config = loader::read_build_config(loader::newest_release(), lookup);
  LinkRequest request;
  std::string version = version_of_tool(tool, config.goroot);
  if (auto exit = loader::parse_options(argv, config, version, &request.options)) return leave(*exit);
  if (request.options.release == nullptr && !take_version_from_object(&request.options, tool)) return 2;
  // What exceeds the limit on files' sizes is then an error of the write, as in cmd/link.
  std::signal(SIGXFSZ, SIG_IGN);
  request.argv0 = tool;
  request.tuning = std::move(tuning);
  return link(request);
}

int link_main(std::span<char* const> args) { return link_as("link", args, {}); }

}  // namespace dovetail::linker
