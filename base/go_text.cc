#include "base/go_text.h"

#include <algorithm>
#include <iterator>

namespace dovetail::base {
namespace {

struct RuneRange {
  int32_t first;
  int32_t last;
  int32_t step;
};

constexpr RuneRange kUpper[] = {
#define UNICODE_UPPER(first, last, step) {first, last, step},
#include "base/unicode_upper.def"
#undef UNICODE_UPPER
};

constexpr RuneRange kPrintable[] = {
#define UNICODE_PRINT(first, last) {first, last, 1},
#include "base/unicode_print.def"
#undef UNICODE_PRINT
};

// REQUIRES: ranges ascend and do not interleave.
template <size_t N>
bool contains(const RuneRange (&ranges)[N], int32_t rune) {
  const auto ends_before = [](const RuneRange& range, int32_t r) { return range.last < r; };
  const RuneRange* const at = std::lower_bound(std::begin(ranges), std::end(ranges), rune, ends_before);
  return at != std::end(ranges) && at->first <= rune && (rune - at->first) % at->step == 0;
}

bool has_encoding(int32_t rune) {
  return (0 <= rune && rune < 0xd800) || (0xe000 <= rune && rune <= 0x10ffff);
}

void append_hex(std::string& to, int32_t value, int digits) {
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) to += "0123456789abcdef"[value >> shift & 15];
}

// Reads `digits` hexadecimal digits at the front of `text` and drops them; -1 if they are not there.
int64_t take_hex(std::string_view& text, size_t digits) {
  if (text.size() < digits) return -1;
  int64_t value = 0;
  for (const char c : text.substr(0, digits)) {
    const int digit = '0' <= c && c <= '9'   ? c - '0'
                      : 'a' <= c && c <= 'f' ? c - 'a' + 10
                      : 'A' <= c && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return -1;
    value = value << 4 | digit;
  }
  text.remove_prefix(digits);
  return value;
}

// Three octal digits, at most 0377; -1 otherwise.
int take_octal(std::string_view& text) {
  if (text.size() < 3) return -1;
  int value = 0;
  for (const char c : text.substr(0, 3)) {
    if (c < '0' || c > '7') return -1;
    value = value << 3 | (c - '0');
  }
  text.remove_prefix(3);
  return value <= 255 ? value : -1;
}

// `text` begins behind a backslash. Appends what the escape stands for and drops it; false if it is none.
bool take_escape(std::string_view& text, char quote_mark, std::string& to) {
  if (text.empty()) return false;
  const char c = text.front();
  if ('0' <= c && c <= '7') {
    const int value = take_octal(text);
    to += static_cast<char>(value);
    return value >= 0;
  }
  text.remove_prefix(1);
  static constexpr std::string_view kNames = "abfnrtv\\";
  static constexpr std::string_view kValues = "\a\b\f\n\r\t\v\\";
  if (const size_t i = kNames.find(c); i != std::string_view::npos) {
    to += kValues[i];
    return true;
  }
  if (c == 'x') {
    const int64_t value = take_hex(text, 2);
    to += static_cast<char>(value);
    return value >= 0;
  }
  if (c == 'u' || c == 'U') {
    const int64_t value = take_hex(text, c == 'u' ? 4 : 8);
    if (value > 0x10ffff || !has_encoding(static_cast<int32_t>(value))) return false;
    append_rune(to, static_cast<int32_t>(value));
    return true;
  }
  to += c;
  return c == quote_mark;
}

}  // namespace

Rune decode_rune(std::string_view text) {
  constexpr Rune kInvalid = {kRuneError, 1};
  if (text.empty()) return {kRuneError, 0};
  const auto byte = [text](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const uint32_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return kInvalid;
  int32_t value = lead & (0x7f >> size);
  for (uint32_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return kInvalid;
    value = value << 6 | (byte(i) & 0x3f);
  }
  constexpr int32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kLeast[size] || !has_encoding(value)) return kInvalid;
  return {value, size};
}

void append_rune(std::string& to, int32_t rune) {
  if (!has_encoding(rune)) rune = kRuneError;
  const auto put = [&to](int32_t byte) { to += static_cast<char>(byte); };
  if (rune < 0x80) return put(rune);
  if (rune < 0x800) {
    put(0xc0 | rune >> 6);
  } else {
    if (rune < 0x10000) {
      put(0xe0 | rune >> 12);
    } else {
      put(0xf0 | rune >> 18);
      put(0x80 | (rune >> 12 & 0x3f));
    }
    put(0x80 | (rune >> 6 & 0x3f));
  }
  put(0x80 | (rune & 0x3f));
}

bool is_upper(int32_t rune) { return contains(kUpper, rune); }

bool is_printable(int32_t rune) { return contains(kPrintable, rune); }

std::string quote(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const Rune rune = decode_rune(text);
    static constexpr std::string_view kValues = "\a\b\f\n\r\t\v\\\"";
    static constexpr std::string_view kNames = "abfnrtv\\\"";
    const size_t named =
        rune.value < 0x80 ? kValues.find(static_cast<char>(rune.value)) : std::string_view::npos;
    if (named != std::string_view::npos) {
      out += '\\';
      out += kNames[named];
    } else if (rune.value == kRuneError && rune.size == 1) {
      out += "\\x";
      append_hex(out, static_cast<uint8_t>(text.front()), 2);
    } else if (is_printable(rune.value)) {
      out += text.substr(0, rune.size);
    } else if (rune.value < 0x80) {
      out += "\\x";
      append_hex(out, rune.value, 2);
    } else {
      out += rune.value < 0x10000 ? "\\u" : "\\U";
      append_hex(out, rune.value, rune.value < 0x10000 ? 4 : 8);
    }
    text.remove_prefix(rune.size);
  }
  return out += '"';
}

std::optional<std::string> unquote(std::string_view literal) {
  if (literal.size() < 2 || literal.front() != literal.back()) return std::nullopt;
  const char mark = literal.front();
  std::string_view text = literal.substr(1, literal.size() - 2);
  std::string out;
  if (mark == '`') {
    if (text.find('`') != std::string_view::npos) return std::nullopt;
    std::copy_if(text.begin(), text.end(), std::back_inserter(out), [](char c) { return c != '\r'; });
    return out;
  }
  if (mark != '"' && mark != '\'') return std::nullopt;
  for (int runes = 0; !text.empty(); ++runes) {
    const char c = text.front();
    if (c == mark || c == '\n' || (mark == '\'' && runes == 1)) return std::nullopt;
    if (c == '\\') {
      text.remove_prefix(1);
      if (!take_escape(text, mark, out)) return std::nullopt;
    } else {
      const Rune rune = decode_rune(text);
      append_rune(out, rune.value);
      text.remove_prefix(rune.size);
    }
  }
  return out;
}

}  // namespace dovetail::base
