#include "loader/go_text.h"

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

bool is_space(int32_t c) {
  return (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
         c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
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
  const uint64_t limit = uint64_t{1} << 63;
  auto out_of_range = [&] {
    *value = negative ? INT64_MIN : INT64_MAX;
    return Parsed::kRange;
  };
  uint64_t sum = 0;
  bool overflow = false, any = false;
  for (char c : s) {
    if (c == '_' && underscores) continue;
    unsigned digit = digit_value(c);
    if (digit >= static_cast<unsigned>(base)) return Parsed::kSyntax;
    // Go stops at the first digit that does not fit, before it sees a bad one behind it.
    overflow = overflow || __builtin_mul_overflow(sum, static_cast<uint64_t>(base), &sum) ||
               __builtin_add_overflow(sum, uint64_t{digit}, &sum);
    if (overflow) return out_of_range();
    any = true;
  }
  if (!any || (underscores && !underscores_ok(s, prefix))) return Parsed::kSyntax;
  if (sum > limit - (negative ? 0 : 1)) return out_of_range();
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

std::string_view trim_go_space(std::string_view s) {
  while (!s.empty()) {
    base::Rune rune = base::decode_rune(s);
    if (!is_space(rune.value)) break;
    s.remove_prefix(rune.size);
  }
  while (!s.empty()) {
    size_t at = s.size() - 1;
    while (at > 0 && s.size() - at < 4 && (static_cast<unsigned char>(s[at]) & 0xc0) == 0x80) at--;
    base::Rune rune = base::decode_rune(s.substr(at));
    if (rune.size != s.size() - at || !is_space(rune.value)) break;
    s.remove_suffix(rune.size);
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
