// The commands of the executable. Each takes the words behind its name and
// returns the exit status: 0 done, 1 a finding, 2 usage or unreadable input;
// `link` returns what cmd/link would. Reports go to stdout, complaints to stderr.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "loader/options.h"

namespace dovetail::linker {

inline constexpr std::string_view kVersion = "0.1.0";

struct Command {
  std::string_view name, arguments, summary;
  int (*run)(std::span<char* const> args);
  std::string_view details;  // the help behind the summary; empty: the command prints its own
};
std::span<const Command> commands();

int link_main(std::span<char* const> args);
int toolexec_main(std::span<char* const> args);
int goroot_main(std::span<char* const> args);
int diff_main(std::span<char* const> args);
int convert_main(std::span<char* const> args);
int nm_main(std::span<char* const> args);
int dump_main(std::span<char* const> args);
int verify_main(std::span<char* const> args);
int size_main(std::span<char* const> args);
int version_main(std::span<char* const> args);
int help_main(std::span<char* const> args);

// The link command under the name that it was called by: `tool` is the path of the linker that we stand in for, whose
// place tells the Go release, and which messages begin with.
int link_as(std::string_view tool, std::span<char* const> args, loader::Tuning tuning);

// Prints "dovetail COMMAND: TEXT" to stderr and returns 2.
int complain(std::string_view command, std::string_view text);

}  // namespace dovetail::linker
