// The command line of cmd/link as a value.
//
// One row per flag in flags.def gives the member here, the row of the parser's
// table and the line of the usage text. The parser follows Go's flag package, and
// the checks behind it follow cmd/link's Main in their order, since what is
// printed and the exit status depend on which complaint comes first. Nothing is
// printed and nobody exits here: what cmd/link would do instead of going on is
// returned as an EarlyExit.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loader/build_config.h"
#include "loader/importcfg.h"
#include "loader/platform.h"
#include "loader/release/release.h"

namespace dovetail::loader {

enum class BuildMode : uint8_t { kUnset, kExe, kPie, kCArchive, kCShared, kShared, kPlugin };
enum class LinkMode : uint8_t { kAuto, kInternal, kExternal };
enum class Ternary : uint8_t { kUnset, kFalse, kTrue };

// A string variable that the link sets: name as symbols spell it ("a/b%2ec.Version").
struct StringVar {
  std::string name, value;
};

struct Options {
#define FLAG_STRING(flag, member, value, usage, state) std::string member = value;
#define FLAG_BOOL(flag, member, value, usage, state) bool member = value;
#define FLAG_INT(flag, member, value, usage, state) int64_t member = value;
#define FLAG_COUNT(flag, member, value, usage, state) int64_t member = value;
#define FLAG_TERNARY(flag, member, value, usage, state) Ternary member = value;
#define FLAG_QUOTED(flag, member, value, usage, state) std::vector<std::string> member;
#define FLAG_OPTIONAL(flag, member, value, usage, state) std::optional<std::string> member;
#define FLAG_BUILD_MODE(flag, member, value, usage, state) BuildMode member = value;
#define FLAG_LINK_MODE(flag, member, value, usage, state) LinkMode member = value;
#define FLAG_LIST(flag, member, value, usage, state) std::vector<std::string> member;
#include "loader/flags.def"

  // What follows from the flags and the environment.
  std::string program_name;            // args[0], which messages begin with
  std::vector<std::string> arguments;  // behind the flags; arguments[0] is the main package's object
  ImportCfg imports;
  // What -X and modinfo lines set, runtime.defaultGOROOT and runtime.buildVersion before them: each variable once, at
  // the place of its first mention and with its last value. cmd/link ld/data.go addstrdata1, Go 1.26.
  std::vector<StringVar> string_vars;
  bool no_dwarf = false;           // -w, which -s implies unless -w is given
  std::vector<uint8_t> gnu_build_id;  // the note or UUID of -B, empty for none
  // Output, entry symbol and build mode are never empty or unset after parse_options; library_dirs ends with GOROOT's.

  BuildConfig config;
  std::string version;  // "go1.26.8": the release that we stand in for
  const Release* release = nullptr;  // its tables; null as long as the version is not known
  bool build_version_pending = false;

  const Platform* platform = nullptr;  // of config; never null after parse_options
  bool position_independent() const { return build_mode == BuildMode::kPie; }
  // cmd/link ld/target.go UseRelro, Go 1.26.
  bool relro() const { return platform->relro && position_independent(); }
  // -R and -T, or what the platform has for them.
  uint64_t rounding() const;
  uint64_t text_start() const;

  // Sets version and release, and the value of runtime.buildVersion if no -X did. REQUIRES: known, else false.
  bool set_version(std::string_view v);
};

// What our own command lines say about how to run, never about the result.
struct Tuning {
  unsigned threads = 0;        // 0: as many as there are processors to use, 16 at most
  std::string trace;           // a Chrome trace goes there
  uint64_t schedule_seed = 0;  // permutes work items, for tests; 0: does not
};

// The end of the process instead of a link.
struct EarlyExit {
  int status = 0;
  std::string out, err;       // for stdout and stderr
  std::string remove_output;  // if not empty: an older regular file there goes away
};

// Parses args[1...]; args[0] is the name that messages carry. `version` may be empty if it is not known yet. The
// options are whole only if nothing is returned.
std::optional<EarlyExit> parse_options(std::span<const std::string> args, const BuildConfig& config,
                                       std::string_view version, Options* options);

// cmd/link's usage text.
std::string usage_text();

// One word of ours: --threads=N, --trace=FILE, --schedule-seed=N. Returns what is wrong with it, or "".
std::string parse_tuning(std::string_view word, Tuning* tuning);
// All words of DOVETAIL_FLAGS, separated by spaces.
std::string parse_tuning_list(std::string_view words, Tuning* tuning);

}  // namespace dovetail::loader
