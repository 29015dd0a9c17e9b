#include "loader/go_text.h"

#include <limits>

#include "base/text.h"

namespace dovetail::loader {
namespace {

constexpr char kHex[] = "0123456789abcdef";

// The value of a digit in any base up to 16, or 99.
unsigned digit_value(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'z' ? static_cast<unsigned>(lower - 'a') + 10 : 99;
}

// Underscores stand between digits, or between a prefix and a digit.
// strconv/atoi.go underscoreOK, Go 1.26. `prefix`: the number had one, now removed.
bool underscores_ok(std::string_view digits, bool prefix) {
  bool after_digit = prefix;
  for (char c : digits) {
    if (c == '_') {
      if (!after_digit) return false;
      after_digit = false;
    } else {
      after_digit = true;
    }
  }
  return after_digit;
}

bool is_space(char32_t c) {
  return (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
         c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

bool printable(char32_t c) {
  if (c < 0x7f) return c >= 0x20;
  if (c <= 0xff) return c > 0xa0 && c != 0xad;
  if (is_space(c) || (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f)) return false;
  return c != 0xfeff && !(c >= 0xe000 && c <= 0xf8ff) && !(c >= 0xfff0 && c <= 0xfffb) && c < 0xe0000 && (c & 0xfffe) != 0xfffe;
}

void append_escaped(std::string* out, char32_t c) {
  static constexpr std::string_view kNamed = "\a\b\f\n\r\t\v", kLetters = "abfnrtv";
  size_t at = c < 0x80 ? kNamed.find(static_cast<char>(c)) : std::string_view::npos;
  if (at != std::string_view::npos) {
    *out += {'\\', kLetters[at]};
    return;
  }
  unsigned digits = c < 0x80 ? 2 : c < 0x10000 ? 4 : 8;
  *out += {'\\', digits == 2 ? 'x' : digits == 4 ? 'u' : 'U'};
  while (digits-- > 0) *out += kHex[c >> (4 * digits) & 15];
}

// `count` digits of a base up to 16 at the front of `s`, taken off it. False if they are not there.
bool take_digits(std::string_view& s, unsigned count, unsigned base, char32_t* value) {
  if (s.size() < count) return false;
  uint64_t v = 0;
  for (unsigned i = 0; i < count; i++) {
    unsigned digit = digit_value(s[i]);
    if (digit >= base) return false;
    v = v * base + digit;
  }
  s.remove_prefix(count);
  *value = v > 0x110000 ? 0x110000 : static_cast<char32_t>(v);
  return true;
}

// An escape sequence behind its backslash. \x and octal give a byte, the rest a character.
bool unquote_escape(std::string_view& s, char quote, std::string* out) {
  static constexpr std::string_view kLetters = "abfnrtv\\", kNamed = "\a\b\f\n\r\t\v\\";
  if (s.empty()) return false;
  char c = s[0];
  char32_t v = 0;
  if (c >= '0' && c <= '7') {
    if (!take_digits(s, 3, 8, &v) || v > 255) return false;
    *out += static_cast<char>(v);
    return true;
  }
  s.remove_prefix(1);
  if (size_t at = kLetters.find(c); at != std::string_view::npos) {
    *out += kNamed[at];
  } else if (c == 'x') {
    if (!take_digits(s, 2, 16, &v)) return false;
    *out += static_cast<char>(v);
  } else if (c == 'u' || c == 'U') {
    if (!take_digits(s, c == 'u' ? 4 : 8, 16, &v) || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff)) return false;
    append_rune(out, v);
  } else if (c == quote) {
    *out += c;
  } else {
    return false;
  }
  return true;
}

}  // namespace

Parsed parse_go_int(std::string_view s, int base, int64_t* value) {
  bool negative = !s.empty() && s[0] == '-';
  if (!s.empty() && (s[0] == '-' || s[0] == '+')) s.remove_prefix(1);
  bool underscores = base == 0, prefix = false;
  if (base == 0) {
    base = 10;
    if (s.size() >= 3 && s[0] == '0' && ((s[1] | 0x20) == 'x' || (s[1] | 0x20) == 'o' || (s[1] | 0x20) == 'b')) {
      base = (s[1] | 0x20) == 'x' ? 16 : (s[1] | 0x20) == 'o' ? 8 : 2;
      s.remove_prefix(2);
      prefix = true;
    } else if (s.size() >= 2 && s[0] == '0') {
      base = 8;
      s.remove_prefix(1);
      prefix = true;
    }
  }
  if (s.empty()) return Parsed::kSyntax;
  uint64_t sum = 0;
  bool overflow = false, any = false;
  for (char c : s) {
    if (c == '_' && underscores) continue;
    unsigned digit = digit_value(c);
    if (digit >= static_cast<unsigned>(base)) return Parsed::kSyntax;
    // Go stops at the first digit that does not fit, before it sees a bad one behind it.
    overflow = overflow || __builtin_mul_overflow(sum, static_cast<uint64_t>(base), &sum) ||
               __builtin_add_overflow(sum, uint64_t{digit}, &sum);
    if (overflow) return Parsed::kRange;
    any = true;
  }
  if (!any || (underscores && !underscores_ok(s, prefix))) return Parsed::kSyntax;
  uint64_t limit = uint64_t{1} << 63;
  if (sum > limit - (negative ? 0 : 1)) return Parsed::kRange;
  *value = static_cast<int64_t>(negative ? 0 - sum : sum);
  return Parsed::kOk;
}

bool parse_go_bool(std::string_view s, bool* value) {
  for (std::string_view word : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (s == word) return *value = true;
  }
  for (std::string_view word : {"0", "f", "F", "false", "FALSE", "False"}) {
    if (s == word) {
      *value = false;
      return true;
    }
  }
  return false;
}

std::string go_quote(std::string_view s) {
  std::string out = "\"";
  while (!s.empty()) {
    Rune rune = decode_rune(s);
    if (rune.code == 0xfffd && rune.length == 1) {
      auto byte = static_cast<unsigned char>(s[0]);
      out += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    } else if (rune.code == '"' || rune.code == '\\') {
      out += {'\\', s[0]};
    } else if (printable(rune.code)) {
      out += s.substr(0, rune.length);
    } else {
      append_escaped(&out, rune.code);
    }
    s.remove_prefix(rune.length);
  }
  return out + '"';
}

std::optional<std::string> go_unquote(std::string_view s) {
  if (s.size() < 2) return std::nullopt;
  char quote = s[0];
  std::string out;
  if (quote == '`') {
    if (s.find('`', 1) != s.size() - 1) return std::nullopt;
    for (char c : s.substr(1, s.size() - 2)) {
      if (c != '\r') out += c;
    }
    return out;
  }
  if (quote != '"' && quote != '\'') return std::nullopt;
  s.remove_prefix(1);
  while (!s.empty() && s[0] != quote) {
    if (s[0] == '\n') return std::nullopt;
    if (s[0] == '\\') {
      s.remove_prefix(1);
      if (!unquote_escape(s, quote, &out)) return std::nullopt;
    } else {
      Rune rune = decode_rune(s);
      append_rune(&out, rune.code);
      s.remove_prefix(rune.length);
    }
    if (quote == '\'') break;
  }
  return s.size() == 1 && s[0] == quote ? std::optional(out) : std::nullopt;
}

std::string_view trim_go_space(std::string_view s) {
  while (!s.empty()) {
    Rune rune = decode_rune(s);
    if (!is_space(rune.code)) break;
    s.remove_prefix(rune.length);
  }
  while (!s.empty()) {
    size_t at = s.size() - 1;
    while (at > 0 && s.size() - at < 4 && (static_cast<unsigned char>(s[at]) & 0xc0) == 0x80) at--;
    Rune rune = decode_rune(s.substr(at));
    if (rune.length != s.size() - at || !is_space(rune.code)) break;
    s.remove_suffix(rune.length);
  }
  return s;
}

std::vector<std::string_view> split(std::string_view s, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    size_t at = s.find(separator);
    parts.push_back(s.substr(0, at));
    if (at == std::string_view::npos) return parts;
    s.remove_prefix(at + 1);
  }
}

Rune decode_rune(std::string_view s) {
  constexpr Rune kBad{0xfffd, 1};
  auto lead = static_cast<unsigned char>(s[0]);
  if (lead < 0x80) return {lead, 1};
  unsigned length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || s.size() < length) return kBad;
  char32_t code = lead & (0x7fu >> length);
  for (unsigned i = 1; i < length; i++) {
    auto next = static_cast<unsigned char>(s[i]);
    if ((next & 0xc0) != 0x80) return kBad;
    code = code << 6 | (next & 0x3f);
  }
  constexpr char32_t kFirst[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kFirst[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return kBad;
  return {code, length};
}

void append_rune(std::string* out, char32_t code) {
  auto byte = [&](char32_t v) { *out += static_cast<char>(v); };
  if (code < 0x80) return byte(code);
  if (code < 0x800) {
    byte(0xc0 | code >> 6);
  } else {
    if (code < 0x10000) {
      byte(0xe0 | code >> 12);
    } else {
      byte(0xf0 | code >> 18);
      byte(0x80 | (code >> 12 & 0x3f));
    }
    byte(0x80 | (code >> 6 & 0x3f));
  }
  byte(0x80 | (code & 0x3f));
}

std::string go_path_error(std::string_view path, std::string_view system_text) {
  std::string_view operation = system_text == "is a directory" ? "read " : "open ";
  return base::concat(operation, path, ": ", system_text);
}

std::string path_to_prefix(std::string_view path) {
  size_t slash = path.rfind('/');
  size_t last_element = slash == std::string_view::npos ? 0 : slash + 1;
  std::string out;
  for (size_t i = 0; i < path.size(); i++) {
    auto c = static_cast<unsigned char>(path[i]);
    if (c <= ' ' || (c == '.' && i >= last_element) || c == '%' || c == '"' || c >= 0x7f) {
      out += {'%', kHex[c >> 4], kHex[c & 15]};
    } else {
      out += path[i];
    }
  }
  return out;
}

}  // namespace dovetail::loader
