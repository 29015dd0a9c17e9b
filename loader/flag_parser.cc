#include "loader/flag_parser.h"

#include <utility>

#include "absl/status/statusor.h"
#include "base/file.h"
#include "loader/go_text.h"

namespace dovetail::loader {

enum class FlagKind : uint8_t {
  kString, kBool, kInt, kCount, kTernary, kQuoted, kOptional, kBuildMode, kLinkMode, kList, kCall, kVersion
};
enum class FlagState : uint8_t { kCovered, kNoEffect, kRefused, kProfile };

struct FlagRow {
  std::string_view name;
  FlagKind kind;
  std::string_view usage;
  FlagState state;
  std::string Options::*text = nullptr;
  bool Options::*boolean = nullptr;
  int64_t Options::*number = nullptr;
  std::vector<std::string> Options::*list = nullptr;
  bool default_boolean = false;
  int64_t default_number = 0;

  // Such a flag takes no argument of its own: -f or -f=value.
  bool is_bool() const {
    return kind == FlagKind::kBool || kind == FlagKind::kCount || kind == FlagKind::kTernary || kind == FlagKind::kVersion;
  }
};

namespace {

using base::concat;

constexpr FlagRow kFlags[] = {
#define FLAG_STRING(flag, member, initial, help, how) \
  {.name = flag, .kind = FlagKind::kString, .usage = help, .state = FlagState::how, .text = &Options::member},
#define FLAG_BOOL(flag, member, initial, help, how)                                                      \
  {.name = flag, .kind = FlagKind::kBool, .usage = help, .state = FlagState::how, .boolean = &Options::member, \
   .default_boolean = initial},
#define FLAG_INT(flag, member, initial, help, how)                                                     \
  {.name = flag, .kind = FlagKind::kInt, .usage = help, .state = FlagState::how, .number = &Options::member, \
   .default_number = initial},
#define FLAG_COUNT(flag, member, initial, help, how) \
  {.name = flag, .kind = FlagKind::kCount, .usage = help, .state = FlagState::how, .number = &Options::member},
#define FLAG_TERNARY(flag, member, initial, help, how) \
  {.name = flag, .kind = FlagKind::kTernary, .usage = help, .state = FlagState::how},
#define FLAG_QUOTED(flag, member, initial, help, how) \
  {.name = flag, .kind = FlagKind::kQuoted, .usage = help, .state = FlagState::how, .list = &Options::member},
#define FLAG_OPTIONAL(flag, member, initial, help, how) \
  {.name = flag, .kind = FlagKind::kOptional, .usage = help, .state = FlagState::how},
#define FLAG_BUILD_MODE(flag, member, initial, help, how) \
  {.name = flag, .kind = FlagKind::kBuildMode, .usage = help, .state = FlagState::how},
#define FLAG_LINK_MODE(flag, member, initial, help, how) \
  {.name = flag, .kind = FlagKind::kLinkMode, .usage = help, .state = FlagState::how},
#define FLAG_LIST(flag, member, initial, help, how) \
  {.name = flag, .kind = FlagKind::kList, .usage = help, .state = FlagState::how, .list = &Options::member},
#define FLAG_CALL(flag, member, initial, help, how) \
  {.name = flag, .kind = FlagKind::kCall, .usage = help, .state = FlagState::how},
#define FLAG_VERSION(flag, member, initial, help, how) \
  {.name = flag, .kind = FlagKind::kVersion, .usage = help, .state = FlagState::how},
#include "loader/flags.def"
};

constexpr bool sorted_by_name() {
  for (size_t i = 1; i < std::size(kFlags); i++) {
    if (kFlags[i - 1].name >= kFlags[i].name) return false;
  }
  return true;
}
static_assert(sorted_by_name(), "the usage text lists flags in the order of flags.def");

// Response files may name response files; cmd/link follows them until its stack or memory is gone.
constexpr unsigned kMaxDepth = 64;
constexpr unsigned kMaxFiles = 4096;

const FlagRow* find_flag(std::string_view name) {
  for (const FlagRow& row : kFlags) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

// cmd/internal/objabi/flag.go DecodeArg, Go 1.26. False for an escape that is none. A backslash at the end is dropped.
bool decode_argument(std::string_view arg, std::string* out) {
  if (arg.find('\\') == std::string_view::npos) {
    *out = arg;
    return true;
  }
  bool escaped = false;
  while (!arg.empty()) {
    base::Rune rune = base::decode_rune(arg);
    arg.remove_prefix(rune.size);
    if (escaped) {
      if (rune.value != '\\' && rune.value != 'n') return false;
      *out += rune.value == 'n' ? '\n' : '\\';
      escaped = false;
    } else if (rune.value == '\\') {
      escaped = true;
    } else {
      base::append_rune(*out, rune.value);
    }
  }
  return true;
}

// cmd/internal/quoted/quoted.go Split, Go 1.26: fields between white space, or between quotes. Returns what is wrong.
std::string split_quoted(std::string_view s, std::vector<std::string>* fields) {
  constexpr std::string_view kSpace = " \t\n\r";
  fields->clear();
  for (;;) {
    size_t begin = s.find_first_not_of(kSpace);
    if (begin == std::string_view::npos) return "";
    s.remove_prefix(begin);
    if (s[0] == '"' || s[0] == '\'') {
      size_t end = s.find(s[0], 1);
      if (end == std::string_view::npos) return concat("unterminated ", s.substr(0, 1), " string");
      fields->emplace_back(s.substr(1, end - 1));
      s.remove_prefix(end + 1);
    } else {
      size_t end = std::min(s.find_first_of(kSpace), s.size());
      fields->emplace_back(s.substr(0, end));
      s.remove_prefix(end);
    }
  }
}

std::string set_build_mode(const std::string& value, BuildMode* mode) {
  static constexpr std::pair<std::string_view, BuildMode> kModes[] = {
      {"exe", BuildMode::kExe},         {"pie", BuildMode::kPie},       {"c-archive", BuildMode::kCArchive},
      {"c-shared", BuildMode::kCShared}, {"shared", BuildMode::kShared}, {"plugin", BuildMode::kPlugin},
  };
  for (const auto& [name, known] : kModes) {
    if (value != name) continue;
    *mode = known;
    return "";
  }
  return concat("invalid buildmode: ", go_quote(value));
}

std::string set_link_mode(const std::string& value, LinkMode* mode) {
  if (value != "auto" && value != "internal" && value != "external") return concat("invalid linkmode: ", go_quote(value));
  *mode = value == "auto" ? LinkMode::kAuto : value == "internal" ? LinkMode::kInternal : LinkMode::kExternal;
  return "";
}

std::string set_count(const std::string& value, int64_t* count) {
  int64_t n = 0;
  if (value == "true") {
    ++*count;
  } else if (value == "false") {
    *count = 0;
  } else if (parse_go_int(value, 10, &n) != Parsed::kOk) {
    return concat("invalid count ", go_quote(value));
  } else {
    *count = n;
  }
  return "";
}

// The line of one flag: name, what its value is called, usage, default. flag/flag.go PrintDefaults, Go 1.26.
void append_usage(const FlagRow& row, std::string* out) {
  std::string usage(row.usage), value;
  size_t open = usage.find('`');
  if (open != std::string::npos) {
    size_t close = usage.find('`', open + 1);
    value = usage.substr(open + 1, close - open - 1);
    usage.erase(close, 1).erase(open, 1);
  } else if (!row.is_bool()) {
    value = row.kind == FlagKind::kInt ? "int" : row.kind == FlagKind::kString ? "string" : "value";
  }
  std::string line = concat("  -", row.name, value.empty() ? "" : " ", value);
  line += line.size() <= 4 ? "\t" : "\n    \t";
  line += usage;
  if (row.kind == FlagKind::kBool && row.default_boolean) line += " (default true)";
  if (row.kind == FlagKind::kInt && row.default_number != 0) line += concat(" (default ", row.default_number, ")");
  *out += line + "\n";
}

}  // namespace

std::string usage_text() {
  std::string text = "usage: link [options] main.o\n";
  for (const FlagRow& row : kFlags) append_usage(row, &text);
  return text;
}

RefusedFlag first_refused_flag(const Options& options) {
  for (const FlagRow& row : kFlags) {
    if (row.state != FlagState::kRefused && row.state != FlagState::kProfile) continue;
    bool given = row.kind == FlagKind::kBool ? options.*row.boolean != row.default_boolean : !(options.*row.text).empty();
    // Without -benchmark, cmd/link has no use for this one either.
    if (row.name == "benchmarkprofile" && options.benchmark.empty()) continue;
    if (given) return {row.name, row.state == FlagState::kProfile};
  }
  return {};
}

bool FlagParser::fail(EarlyExit e) {
  exit_ = std::move(e);
  return false;
}

bool FlagParser::fail_usage(std::string text) { return fail({2, "", concat(text, "\n", usage_text()), ""}); }

std::optional<EarlyExit> FlagParser::parse(std::span<const std::string> args, std::string_view version) {
  version_ = version;
  if (!options_.config.goroot.empty()) set_string_var(concat("runtime.defaultGOROOT=", options_.config.goroot));
  options_.build_version_pending = true;
  set_string_var("runtime.buildVersion=");
  options_.build_version_pending = true;
  if (!version.empty() && !options_.set_version(version)) {
    return EarlyExit{2, "", concat(name_, ": ", version, " is not a Go release that this Dovetail knows; known are ",
                                   known_releases(), "\n"), ""};
  }
  if (!expand(args.empty() ? args : args.subspan(1), 0)) return exit_;
  while (parse_one()) {
  }
  if (exit_) return exit_;
  options_.arguments.assign(args_.begin() + static_cast<std::ptrdiff_t>(next_), args_.end());
  return std::nullopt;
}

// cmd/internal/objabi/flag.go expandArgs, Go 1.26.
bool FlagParser::expand(std::span<const std::string> args, unsigned depth) {
  for (const std::string& arg : args) {
    if (arg.empty() || arg[0] != '@') {
      args_.push_back(arg);
      continue;
    }
    std::string path = arg.substr(1);
    if (depth >= kMaxDepth || ++response_files_ > kMaxFiles) {
      return fail({2, "", concat(name_, ": @", path, ": more than ", kMaxFiles, " response files, or nested more than ", kMaxDepth,
                                 " deep\n"), ""});
    }
    absl::StatusOr<std::string> text = base::read_file(path);
    if (!text.ok()) {
      std::string_view reason(text.status().message().data(), text.status().message().size());
      return fail({1, "", concat("link: ", go_path_error(path, reason), "\n"), ""});
    }
    std::erase(*text, '\r');
    std::vector<std::string> lines;
    for (std::string_view line : split(trim_go_space(*text), '\n')) {
      if (!decode_argument(line, &lines.emplace_back())) return fail({2, "", "panic: badly formatted input\n", ""});
    }
    if (!expand(lines, depth + 1)) return false;
  }
  return true;
}

// Takes one flag off the arguments; false at the first that is none. flag/flag.go parseOne, Go 1.26.
bool FlagParser::parse_one() {
  if (next_ == args_.size()) return false;
  const std::string& arg = args_[next_];
  if (arg.size() < 2 || arg[0] != '-') return false;
  size_t dashes = arg[1] == '-' ? 2 : 1;
  if (arg == "--") {
    next_++;
    return false;
  }
  std::string name = arg.substr(dashes);
  if (name.empty() || name[0] == '-' || name[0] == '=') return fail_usage(concat("bad flag syntax: ", arg));
  next_++;
  std::string value;
  size_t equal = name.find('=', 1);
  bool has_value = equal != std::string::npos;
  if (has_value) {
    value = name.substr(equal + 1);
    name.resize(equal);
  }
  const FlagRow* row = find_flag(name);
  if (row == nullptr) {
    if (name == "help") return fail({2, "", usage_text(), ""});
    return fail_usage(concat("flag provided but not defined: -", name));
  }
  return set(*row, value, has_value);
}

bool FlagParser::set(const FlagRow& row, const std::string& given, bool has_value) {
  std::string value = given;
  if (row.is_bool()) {
    std::string error = set_value(row, has_value ? value : "true");
    if (exit_) return false;
    if (error.empty()) return true;
    if (!has_value) return fail_usage(concat("invalid boolean flag ", row.name, ": ", error));
    return fail_usage(concat("invalid boolean value ", go_quote(value), " for -", row.name, ": ", error));
  }
  if (!has_value) {
    if (next_ == args_.size()) return fail_usage(concat("flag needs an argument: -", row.name));
    value = args_[next_++];
  }
  std::string error = set_value(row, value);
  if (exit_) return false;
  return error.empty() || fail_usage(concat("invalid value ", go_quote(value), " for flag -", row.name, ": ", error));
}

// Returns what is wrong with the value, or "".
std::string FlagParser::set_value(const FlagRow& row, const std::string& value) {
  switch (row.kind) {
    case FlagKind::kString: options_.*row.text = value; return "";
    case FlagKind::kBool: return parse_go_bool(value, &(options_.*row.boolean)) ? "" : "parse error";
    case FlagKind::kInt: {
      Parsed parsed = parse_go_int(value, 0, &(options_.*row.number));
      return parsed == Parsed::kOk ? "" : parsed == Parsed::kRange ? "value out of range" : "parse error";
    }
    case FlagKind::kCount: return set_count(value, &(options_.*row.number));
    case FlagKind::kTernary: {
      bool on = false;
      if (!parse_go_bool(value, &on)) return concat("strconv.ParseBool: parsing ", go_quote(value), ": invalid syntax");
      options_.no_dwarf_flag = on ? Ternary::kTrue : Ternary::kFalse;
      return "";
    }
    case FlagKind::kQuoted: {
      std::vector<std::string> fields;
      std::string error = split_quoted(value, &fields);
      if (error.empty()) options_.*row.list = std::move(fields);
      return error;
    }
    case FlagKind::kOptional: options_.rpath = value; return "";
    case FlagKind::kBuildMode: return set_build_mode(value, &options_.build_mode);
    case FlagKind::kLinkMode: return set_link_mode(value, &options_.link_mode);
    case FlagKind::kList: (options_.*row.list).push_back(value); return "";
    case FlagKind::kCall: set_call(row, value); return "";
    case FlagKind::kVersion: print_version(); return "";
  }
  return "";
}

void FlagParser::set_call(const FlagRow& row, const std::string& value) {
  if (row.name == "importcfg") {
    read_importcfg(value);
  } else {
    set_string_var(value);
  }
}

// cmd/internal/objabi/flag.go versionFlag, Go 1.26.
void FlagParser::print_version() {
  if (options_.release == nullptr) {
    fail({2, "", concat(name_, ": cannot tell which Go release to stand in for: no VERSION file three directories above the"
                               " tool's own, and GOROOT is not set\n"), ""});
    return;
  }
  std::string_view name = name_;
  name.remove_prefix(name.rfind('/') + 1);
  name.remove_prefix(name.rfind('\\') + 1);
  if (name.ends_with(".exe")) name.remove_suffix(4);
  fail({0, concat(name, " version ", version_text(*options_.release, options_.version, options_.config), "\n"), "", ""});
}

// cmd/link ld/data.go addstrdata1, Go 1.26.
void FlagParser::set_string_var(std::string_view definition) {
  size_t equal = definition.find('=');
  size_t dot = equal == std::string_view::npos ? equal : definition.substr(0, equal).rfind('.');
  if (dot == std::string_view::npos) {
    fail({2, "", concat(name_, ": -X flag requires argument of the form importpath.name=value\n",
                        options_.halt_on_error ? "panic: error\n" : ""), options_.output});
    return;
  }
  std::string name = concat(path_to_prefix(definition.substr(0, dot)), definition.substr(dot, equal - dot));
  std::string value(definition.substr(equal + 1));
  if (name == "runtime.buildVersion") options_.build_version_pending = false;
  auto [at, added] = string_var_index_.try_emplace(name, options_.string_vars.size());
  if (added) {
    options_.string_vars.push_back({std::move(name), std::move(value)});
  } else {
    options_.string_vars[at->second].value = std::move(value);
  }
}

void FlagParser::read_importcfg(const std::string& file) {
  absl::StatusOr<std::string> text = base::read_file(file);
  if (!text.ok()) {
    std::string_view reason(text.status().message().data(), text.status().message().size());
    fail({1, "", concat("link: -importcfg: ", go_path_error(file, reason), "\n"), ""});
    return;
  }
  std::vector<std::string> modinfo;
  std::string error = options_.imports.parse(file, *std::move(text), &modinfo);
  if (!error.empty()) {
    fail({1, "", concat("link: ", error, "\n"), ""});
    return;
  }
  for (const std::string& text_of_line : modinfo) set_string_var(concat("runtime.modinfo=", text_of_line));
}

}  // namespace dovetail::loader
