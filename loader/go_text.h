// How Go's standard library reads and prints the small things on a command line:
// numbers, booleans, white space, errors about files. cmd/link's messages and
// what it accepts follow from these. (Runes and quoted strings: base/go_text.h.)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/go_text.h"

namespace dovetail::loader {

enum class Parsed : uint8_t { kOk, kSyntax, kRange };

// strconv.ParseInt(s, base, 64) for base 0 (a prefix tells: 0x, 0o, 0, 0b; then
// digits may be separated by '_') or 10. Out of range, the value is the nearest that fits.
Parsed parse_go_int(std::string_view s, int base, int64_t* value);

// strconv.ParseBool.
bool parse_go_bool(std::string_view s, bool* value);

// strconv.Quote, which %q prints.
inline std::string go_quote(std::string_view s) { return base::quote(s); }

// strings.TrimSpace.
std::string_view trim_go_space(std::string_view s);

// The parts between separators, empty ones included.
std::vector<std::string_view> split(std::string_view s, char separator);

// "open FILE: TEXT", or "read FILE: TEXT" for a directory, as os.ReadFile says it.
std::string go_path_error(std::string_view path, std::string_view system_text);

// cmd/internal/objabi/path.go PathToPrefix, Go 1.26: a package path as symbol names carry it.
std::string path_to_prefix(std::string_view path);

}  // namespace dovetail::loader
