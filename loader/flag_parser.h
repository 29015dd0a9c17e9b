// Go's flag package over the table of flags.def, and the expansion of @file arguments.
// flag/flag.go FlagSet and cmd/internal/objabi/flag.go, Go 1.26.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/text.h"
#include "loader/options.h"

namespace dovetail::loader {

class FlagParser {
 public:
  FlagParser(Options* options, std::string_view name) : options_(*options), name_(name) {}

  // Fills the options from args[1...]. A flag that ends the process (-V, a bad one) ends the parsing.
  std::optional<EarlyExit> parse(std::span<const std::string> args, std::string_view version);

 private:
  bool expand(std::span<const std::string> args, unsigned depth);
  bool parse_one();
  bool set(const struct FlagRow& row, const std::string& value, bool has_value);
  std::string set_value(const struct FlagRow& row, const std::string& value);
  void set_call(const struct FlagRow& row, const std::string& value);
  void print_version();
  void set_string_var(std::string_view definition);
  void read_importcfg(const std::string& file);

  bool fail(EarlyExit e);             // always false: the process ends
  bool fail_usage(std::string text);  // with the text, then the usage

  Options& options_;
  std::string_view name_;
  std::string_view version_;
  std::vector<std::string> args_;  // expanded, without args[0]
  size_t next_ = 0;
  unsigned response_files_ = 0;
  std::optional<EarlyExit> exit_;
  absl::flat_hash_map<std::string, size_t> string_var_index_;  // name -> place in string_vars
};

struct RefusedFlag {
  std::string_view name;  // empty: none
  bool is_profile = false;
};
// The first flag of state kRefused or kProfile in flags.def that was given another value than its default.
RefusedFlag first_refused_flag(const Options& options);

}  // namespace dovetail::loader
