// How Go's standard library reads and prints the small things on a command line:
// numbers, booleans, quoted strings, white space. cmd/link's messages and what it
// accepts follow from these.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dovetail::loader {

enum class Parsed : uint8_t { kOk, kSyntax, kRange };

// strconv.ParseInt(s, base, 64) for base 0 (a prefix tells: 0x, 0o, 0, 0b; then
// digits may be separated by '_') or 10.
Parsed parse_go_int(std::string_view s, int base, int64_t* value);

// strconv.ParseBool.
bool parse_go_bool(std::string_view s, bool* value);

// strconv.Quote, which %q prints. Whether a character above U+00FF is printable
// is not looked up: all are printed as they are, save those that no text has.
std::string go_quote(std::string_view s);

// strconv.Unquote: a string or character literal of Go, or nothing where it is none.
std::optional<std::string> go_unquote(std::string_view literal);

// strings.TrimSpace.
std::string_view trim_go_space(std::string_view s);

// The parts between separators, empty ones included.
std::vector<std::string_view> split(std::string_view s, char separator);

// One character of UTF-8 at the front of `s`, which is not empty: its code point
// and its length, or U+FFFD and 1 where the bytes are not UTF-8.
struct Rune {
  char32_t code;
  unsigned length;
};
Rune decode_rune(std::string_view s);
void append_rune(std::string* out, char32_t code);

// "open FILE: TEXT", or "read FILE: TEXT" for a directory, as os.ReadFile says it.
std::string go_path_error(std::string_view path, std::string_view system_text);

// cmd/internal/objabi/path.go PathToPrefix, Go 1.26: a package path as symbol names carry it.
std::string path_to_prefix(std::string_view path);

}  // namespace dovetail::loader
