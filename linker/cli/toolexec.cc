// What go build starts in front of each tool: ours in place of link, the tool
// itself otherwise; with --objects=dense, what the compiler and the assembler write is converted.
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "linker/cli/commands.h"
#include "linker/cli/object_tools.h"

namespace dovetail::linker {

int toolexec_main(std::span<char* const> args) {
  loader::Tuning tuning;
  bool dense = false;
  size_t next = 0;
  for (; next < args.size() && std::string_view(args[next]).starts_with("--"); next++) {
    std::string_view word = args[next];
    if (word == "--objects=dense" || word == "--objects=goobj") {
      dense = word == "--objects=dense";
      continue;
    }
    std::string error = loader::parse_tuning(args[next], &tuning);
    if (!error.empty()) return complain("toolexec", error);
  }
  if (next == args.size()) return complain("toolexec", "wanted the path of a tool and its arguments");
  std::string_view tool = args[next];
  if (tool.substr(tool.rfind('/') + 1) == "link") return link_as(tool, args.subspan(next + 1), tuning);
  if (dense && writes_objects(args[next])) return run_object_tool(args.subspan(next));
  // argv ends with a null pointer, so the words from here on are an argument vector as they lie.
  ::execvp(args[next], const_cast<char* const*>(&args[next]));
  return complain("toolexec", base::concat(tool, ": ", std::string_view(std::strerror(errno))));
}

}  // namespace dovetail::linker
