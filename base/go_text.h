// Runes and quoted strings by Go's rules: names in build IDs and messages, arguments in archives' directives,
// exported method names.
//
// What these must equal, Go 1.26: utf8.DecodeRuneInString, utf8.AppendRune, unicode.IsUpper, strconv.IsPrint,
// strconv.Quote (also fmt's %q of a string), strconv.Unquote. The two tables of runes stand in
// unicode_upper.def and unicode_print.def; tests/unit/go_path_test.cc extracts them again and compares.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dovetail::base {

inline constexpr int32_t kRuneError = 0xfffd;

struct Rune {
  int32_t value;
  uint32_t size;  // bytes it takes
};

// The first rune. Of no text: {kRuneError, 0}. Of a byte that begins no valid encoding: {kRuneError, 1}.
Rune decode_rune(std::string_view text);

// Appends the encoding of a rune; of kRuneError if it has none.
void append_rune(std::string& to, int32_t rune);

bool is_upper(int32_t rune);
bool is_printable(int32_t rune);

// A double-quoted Go literal.
std::string quote(std::string_view text);

// The value of a Go literal in double quotes, back quotes, or single quotes (one rune or none). Nothing if it
// is not one, or if anything follows it. Bytes that are not UTF-8 become U+FFFD, except in back quotes.
std::optional<std::string> unquote(std::string_view literal);

}  // namespace dovetail::base
