#include "loader/build_config.h"

#include <algorithm>
#include <initializer_list>

#include "base/text.h"
#include "loader/go_text.h"

namespace dovetail::loader {
namespace {

using base::concat;

bool take_prefix(std::string_view& s, std::string_view prefix) {
  if (!s.starts_with(prefix)) return false;
  s.remove_prefix(prefix.size());
  return true;
}
bool take_suffix(std::string_view& s, std::string_view suffix) {
  if (!s.ends_with(suffix)) return false;
  s.remove_suffix(suffix.size());
  return true;
}

std::string env_or(EnvLookup lookup, const char* name, std::string_view fallback) {
  const char* value = lookup(name);
  return std::string(value != nullptr && *value != '\0' ? std::string_view(value) : fallback);
}

// A variable that has to be one of a few words, and only that is checked: it
// concerns other CPUs than ours.
struct CheckedVariable {
  const char* name;
  std::initializer_list<std::string_view> values;  // the first is the default
};

// In the order in which cmd/link looks at them; the last complaint is printed.
const CheckedVariable kCheckedVariables[] = {
    {"GOMIPS", {"hardfloat", "softfloat"}},
    {"GOMIPS64", {"hardfloat", "softfloat"}},
    {"GOPPC64", {"power8", "power9", "power10"}},
    {"GORISCV64", {"rva20u64", "rva22u64", "rva23u64"}},
};

bool take_number(std::string_view& s) {
  size_t n = 0;
  while (n < s.size() && s[n] >= '0' && s[n] <= '9') n++;
  s.remove_prefix(n);
  return n > 0;
}

// v1.Y.Z, v1.Y.Z-rcN or v1.Y.Z-hhhhhhhh. internal/buildcfg/cfg.go isFIPSVersion, Go 1.26.
bool is_fips_version(std::string_view v) {
  if (!take_prefix(v, "v1.") || !take_number(v) || !take_prefix(v, ".") || !take_number(v)) return false;
  if (v.empty()) return true;
  if (take_prefix(v, "-rc")) return take_number(v) && v.empty();
  return take_prefix(v, "-") && v.size() == 8;
}

bool known_fips_mode(std::string_view v) {
  return v == "off" || v == "latest" || v == "inprocess" || v == "certified" || is_fips_version(v);
}

// "v8.1,crypto" -> "v8.1,lse,crypto": features after the version in any order on input, in one on output.
// False when it is no such version. internal/buildcfg/cfg.go ParseGoarm64, Go 1.26.
bool parse_goarm64(std::string_view v, std::string* canonical) {
  bool lse = false, crypto = false;
  for (;;) {
    if (take_suffix(v, ",lse")) {
      lse = true;
    } else if (take_suffix(v, ",crypto")) {
      crypto = true;
    } else {
      break;
    }
  }
  bool valid = v.size() == 4 && v[0] == 'v' && v[2] == '.' &&
               ((v[1] == '8' && v[3] >= '0' && v[3] <= '9') || (v[1] == '9' && v[3] >= '0' && v[3] <= '5'));
  if (!valid) return false;
  lse = lse || v != "v8.0";  // part of the architecture from v8.1 on
  *canonical = concat(v, lse ? ",lse" : "", crypto ? ",crypto" : "");
  return true;
}

bool regabi_supported(const Release& release, std::string_view goarch, bool* always) {
  for (const RegabiArch& arch : release.regabi_archs) {
    if (arch.goarch == goarch) {
      *always = arch.always;
      return true;
    }
  }
  *always = false;
  return false;
}

uint64_t baseline_of(const Release& release, std::string_view goos, bool regabi) {
  auto no_dwarf5 = release.no_dwarf5_systems;
  bool dwarf5 = std::find(no_dwarf5.begin(), no_dwarf5.end(), goos) == no_dwarf5.end();
  uint64_t set = 0;
  for (size_t i = 0; i < release.experiments.size(); i++) {
    Baseline rule = release.experiments[i].baseline;
    bool on = rule == Baseline::kOn || (rule == Baseline::kRegabi && regabi) || (rule == Baseline::kDwarf5 && dwarf5);
    if (on) set |= uint64_t{1} << i;
  }
  return set;
}

uint64_t bit_of(const Release& release, std::string_view name) {
  for (size_t i = 0; i < release.experiments.size(); i++) {
    if (release.experiments[i].name == name) return uint64_t{1} << i;
  }
  return 0;
}

// internal/buildcfg/exp.go ParseGOEXPERIMENT, Go 1.26. Returns the complaint, or "".
std::string parse_experiments(const Release& release, const BuildConfig& config, std::string_view text,
                              ExperimentSet* result) {
  bool always;
  bool supported = regabi_supported(release, config.goarch, &always);
  uint64_t wrappers = bit_of(release, "regabiwrappers"), args = bit_of(release, "regabiargs");
  ExperimentSet set;
  set.enabled = set.baseline = baseline_of(release, config.goos, supported);
  for (std::string_view word : split(text, ',')) {
    if (word.empty()) continue;
    if (word == "none") {
      set.enabled = 0;
      continue;
    }
    bool on = !take_prefix(word, "no");
    uint64_t bits = word == "regabi" ? wrappers | args : bit_of(release, word);
    if (bits == 0) return concat("unknown GOEXPERIMENT ", word);
    set.enabled = on ? set.enabled | bits : set.enabled & ~bits;
  }
  if (always) set.enabled |= wrappers | args;
  if (!supported) set.enabled &= ~(wrappers | args);
  if ((set.enabled & args) != 0 && (set.enabled & wrappers) == 0) return "GOEXPERIMENT regabiargs requires regabiwrappers";
  *result = set;
  return "";
}

void check_wasm(EnvLookup lookup, std::string* error) {
  std::string features = env_or(lookup, "GOWASM", "");
  for (std::string_view feature : split(features, ',')) {
    if (feature.empty() || feature == "satconv" || feature == "signext") continue;
    *error = concat("invalid GOWASM: no such feature ", go_quote(feature));
  }
}

}  // namespace

bool ExperimentSet::has(const Release& release, std::string_view name) const {
  return (enabled & bit_of(release, name)) != 0;
}

std::string ExperimentSet::enabled_names(const Release& release) const {
  return ExperimentSet{enabled, 0}.difference(release);
}

std::string ExperimentSet::difference(const Release& release) const {
  std::string text;
  for (size_t i = 0; i < release.experiments.size(); i++) {
    uint64_t bit = uint64_t{1} << i;
    if ((enabled & bit) == (baseline & bit)) continue;
    text += concat(text.empty() ? "" : ",", (enabled & bit) != 0 ? "" : "no", release.experiments[i].name);
  }
  return text;
}

BuildConfig read_build_config(const Release& release, EnvLookup lookup) {
  BuildConfig config;
  config.goroot = env_or(lookup, "GOROOT", "");
  config.goarch = env_or(lookup, "GOARCH", "amd64");
  config.goos = env_or(lookup, "GOOS", "linux");
  config.extlink_enabled = env_or(lookup, "GO_EXTLINK_ENABLED", "");

  // A bad GOAMD64 (or GOARM) is v1 (or the default) without a word: internal/buildcfg
  // notes the error, and then a good GOARM64 overwrites the note with "none".
  std::string amd64 = env_or(lookup, "GOAMD64", "v1");
  if (amd64.size() == 2 && amd64[0] == 'v' && amd64[1] >= '1' && amd64[1] <= '4') config.goamd64 = amd64[1] - '0';
  if (!parse_goarm64(env_or(lookup, "GOARM64", "v8.0"), &config.goarm64)) {
    config.error = "invalid GOARM64: must start with v8.{0-9} or v9.{0-5} and may optionally end in "
                   "\",lse\" and/or \",crypto\"";
  }
  for (const CheckedVariable& variable : kCheckedVariables) {
    std::string value = env_or(lookup, variable.name, *variable.values.begin());
    if (std::find(variable.values.begin(), variable.values.end(), value) != variable.values.end()) continue;
    config.error = concat("invalid ", variable.name, ": must be ");
    for (std::string_view word : variable.values) config.error += concat(word, ", ");
    config.error.resize(config.error.size() - 2);
  }
  check_wasm(lookup, &config.error);
  if (!known_fips_mode(env_or(lookup, "GOFIPS140", "off"))) {
    config.error = "invalid GOFIPS140: must be off, latest, inprocess, certified, or v1.Y.Z";
  }
  std::string error = parse_experiments(release, config, env_or(lookup, "GOEXPERIMENT", ""), &config.experiments);
  if (!error.empty()) config.error = error;
  return config;
}

std::string header_string(const Release& release, std::string_view version, const BuildConfig& config) {
  std::string level;
  if (config.goarch == "amd64") level = concat(" GOAMD64=v", config.goamd64);
  if (config.goarch == "arm64") level = concat(" GOARM64=", config.goarm64);
  return concat("go object ", config.goos, " ", config.goarch, " ", version, level,
                      " X:", config.experiments.enabled_names(release), "\n");
}

std::string version_text(const Release& release, std::string_view version, const BuildConfig& config) {
  std::string difference = config.experiments.difference(release);
  return difference.empty() ? std::string(version) : concat(version, " X:", difference);
}

std::string build_version(const Release& release, std::string_view version, const BuildConfig& config) {
  std::string difference = config.experiments.difference(release);
  if (difference.empty()) return std::string(version);
  const char* separator = version.find('-') != std::string_view::npos ? " " : "-";
  return concat(version, separator, "X:", difference);
}

}  // namespace dovetail::loader
