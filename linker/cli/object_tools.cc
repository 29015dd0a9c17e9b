#include "linker/cli/object_tools.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/text.h"
#include "compiler-emit/convert.h"
#include "linker/cli/commands.h"

extern char** environ;

namespace dovetail::linker {
namespace {

using base::concat;

// Runs to the end. `output`, if it is there, receives what the tool prints. Returns the exit status, or -1
// with the reason complained of.
int run_tool(std::span<char* const> argv, std::string* output) {
  int pipe_ends[2] = {-1, -1};
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  if (output != nullptr) {
    if (::pipe2(pipe_ends, O_CLOEXEC) != 0) return complain("toolexec", std::strerror(errno)), -1;
    ::posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
  }
  pid_t child = 0;
  int error =
      ::posix_spawnp(&child, argv[0], &actions, nullptr, const_cast<char* const*>(argv.data()), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (output != nullptr) ::close(pipe_ends[1]);
  if (error != 0) return complain("toolexec", concat(argv[0], ": ", std::strerror(error))), -1;
  if (output != nullptr) {
    char buffer[4096];
    for (ssize_t n; (n = ::read(pipe_ends[0], buffer, sizeof buffer)) != 0;) {
      if (n < 0 && errno != EINTR) break;
      if (n > 0) output->append(buffer, static_cast<size_t>(n));
    }
    ::close(pipe_ends[0]);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return complain("toolexec", std::strerror(errno)), -1;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// The tool's own line, and what tells apart the objects that we make of its output: the go command takes the
// line for the tool's identity (cmd/go/internal/work/buildid.go toolID, Go 1.26).
int print_version(std::span<char* const> argv) {
  std::string line;
  int status = run_tool(argv, &line);
  if (status < 0) return 2;
  while (!line.empty() && line.back() == '\n') line.pop_back();
  if (status == 0) line = concat(line, " ", emit::converter_version());
  std::printf("%s\n", line.c_str());
  return status;
}

// What -o names; nothing if the tool writes no object.
std::string output_of(std::span<char* const> argv) {
  std::string path;
  for (size_t i = 1; i < argv.size(); i++) {
    std::string_view word = argv[i];
    if (word.starts_with("--")) word.remove_prefix(1);
    if (word == "-gensymabis") return "";
    if (word == "-o" && i + 1 < argv.size()) path = argv[i + 1];
    if (word.starts_with("-o=")) path = word.substr(3);
  }
  return path;
}

}  // namespace

bool writes_objects(const char* tool) {
  std::string_view name = tool;
  name.remove_prefix(name.rfind('/') + 1);
  return name == "compile" || name == "asm";
}

int run_object_tool(std::span<char* const> argv) {
  for (std::string_view word : argv.subspan(1)) {
    if (word == "-V=full" || word == "--V=full") return print_version(argv);
  }
  int status = run_tool(argv, nullptr);
  std::string path = output_of(argv);
  if (status != 0 || path.empty()) return status < 0 ? 2 : status;
  absl::StatusOr<base::MappedFile> in = base::MappedFile::open(path);
  if (!in.ok()) return 0;  // the go command will say so
  absl::StatusOr<emit::Converted> out = emit::convert_file(in->bytes(), {});
  if (!out.ok() || out->objects == 0) return 0;
  const base::Bytes parts[] = {out->bytes};
  if (absl::Status s = base::replace_file(path, parts); !s.ok()) return complain("toolexec", concat(path, ": ", s.message()));
  return 0;
}

}  // namespace dovetail::linker
