#include "loader/go_json.h"

#include "base/go_text.h"
#include "base/text.h"

namespace dovetail::loader {
namespace {

using base::concat;

constexpr size_t kMaxDepth = 10000;
constexpr std::string_view kTypes[] = {"[][]string", "[]string", "string"};  // by depth

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Value of the \uXXXX at the front of text, or -1.
int32_t unicode_escape(std::string_view text) {
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return -1;
  int32_t value = 0;
  for (char c : text.substr(2, 4)) {
    if (hex_digit(c) < 0) return -1;
    value = value << 4 | hex_digit(c);
  }
  return value;
}

// REQUIRES: `text` is what stands between the quotes of a valid literal.
std::string unquote_json(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (text[0] != '\\') {
      base::Rune rune = base::decode_rune(text);
      base::append_rune(out, rune.value);
      text.remove_prefix(rune.size);
    } else if (text[1] == 'u') {
      int32_t value = unicode_escape(text);
      text.remove_prefix(6);
      if (value >= 0xd800 && value < 0xdc00) {
        int32_t low = unicode_escape(text);
        if (low >= 0xdc00 && low < 0xe000) {
          value = 0x10000 + ((value - 0xd800) << 10) + (low - 0xdc00);
          text.remove_prefix(6);
        }
      }
      base::append_rune(out, value);  // half a pair has no encoding, and becomes U+FFFD
    } else {
      constexpr std::string_view kNames = "bfnrt", kValues = "\b\f\n\r\t";
      size_t named = kNames.find(text[1]);
      out += named == std::string_view::npos ? text[1] : kValues[named];
      text.remove_prefix(2);
    }
  }
  return out;
}

// Goes through the value once. The text is judged before its types are: a type that does not fit is
// remembered, and said if the value turns out to be JSON.
class Decoder {
 public:
  Decoder(std::string_view text, std::vector<std::vector<std::string>>* lists) : text_(text), lists_(lists) {}

  std::string run() {
    Step step = value();
    while (step == Step::kValue || (step == Step::kEnd && !open_.empty())) {
      step = step == Step::kValue ? value() : end_of_value();
    }
    if (ended_)
      return text_.find_first_not_of(" \t\r\n") == std::string_view::npos ? "EOF" : "unexpected EOF";
    if (!error_.empty()) return error_;
    return type_error_;
  }

 private:
  // What comes next: a value, what stands behind one, or nothing because of an error or the end of the text.
  enum class Step { kValue, kEnd, kNone };

  // The next character, or 0 at the end of the text; then the end is noted.
  char next() {
    if (at_ == text_.size()) {
      ended_ = true;
      return 0;
    }
    return text_[at_++];
  }
  char next_not_space() {
    char c = next();
    while (!ended_ && is_space(c)) c = next();
    return c;
  }
  bool fail(char c, std::string_view context) {
    if (ended_ || !error_.empty()) return false;
    std::string quoted = c == '\'' ? "'\\''" : c == '"' ? "'\"'" : "";
    if (quoted.empty()) {
      std::string rune;
      base::append_rune(rune, static_cast<unsigned char>(c));
      quoted = base::quote(rune);
      quoted.front() = quoted.back() = '\'';
    }
    error_ = concat("invalid character ", quoted, " ", context);
    return false;
  }

  // How deep a value is that counts; deeper ones and those inside of something of another type are skipped.
  bool counts() const { return skipped_ == 0 && open_.size() < std::size(kTypes); }
  void mismatch(std::string_view found) {
    if (!counts() || !type_error_.empty()) return;
    type_error_ = concat("json: cannot unmarshal ", found, " into Go value of type ", kTypes[open_.size()]);
  }

  Step open(char c) {
    bool fits = c == '[' && counts() && open_.size() < 2;
    if (!fits) mismatch(c == '[' ? "array" : "object");
    if (fits && open_.size() == 1) lists_->emplace_back();
    if (open_.size() == kMaxDepth) {
      fail(c, "exceeded max depth");
      return Step::kNone;
    }
    open_ += c;
    if (!fits && skipped_ == 0) skipped_ = open_.size();
    char first = next_not_space();
    if (ended_) return Step::kNone;
    if (first == (c == '[' ? ']' : '}')) {
      close();
      return Step::kEnd;
    }
    at_--;
    return c == '[' || key() ? Step::kValue : Step::kNone;
  }
  void close() {
    if (skipped_ == open_.size()) skipped_ = 0;
    open_.pop_back();
  }

  Step value() {
    char c = next_not_space();
    if (ended_) return Step::kNone;
    if (c == '[' || c == '{') return open(c);
    return literal(c) ? Step::kEnd : Step::kNone;
  }
  bool literal(char c) {
    switch (c) {
      case '"':
        return string();
      case 't':
        mismatch("bool");
        return word("true");
      case 'f':
        mismatch("bool");
        return word("false");
      case 'n':
        if (counts() && open_.size() == 1) lists_->emplace_back();
        if (counts() && open_.size() == 2) lists_->back().emplace_back();
        return word("null");
      default:
        break;
    }
    if (c != '-' && !is_digit(c)) return fail(c, "looking for beginning of value");
    mismatch("number");
    return number(c);
  }

  // Behind a value in a list or an object.
  Step end_of_value() {
    char c = next_not_space();
    bool list = open_.back() == '[';
    if (!ended_ && c == (list ? ']' : '}')) {
      close();
      return Step::kEnd;
    }
    bool goes_on = !ended_ && c == ',';
    if (!goes_on) fail(c, list ? "after array element" : "after object key:value pair");
    return goes_on && (list || key()) ? Step::kValue : Step::kNone;
  }
  bool key() {
    char c = next_not_space();
    if (c != '"') return fail(c, "looking for beginning of object key string");
    if (!string_text()) return false;
    c = next_not_space();
    return (!ended_ && c == ':') || fail(c, "after object key");
  }

  bool string() {
    size_t begin = at_;
    if (!string_text()) return false;
    if (counts() && open_.size() == 2) {
      lists_->back().push_back(unquote_json(text_.substr(begin, at_ - 1 - begin)));
    } else {
      mismatch("string");
    }
    return true;
  }
  bool string_text() {
    for (char c = next(); !ended_; c = next()) {
      if (c == '"') return true;
      if (static_cast<unsigned char>(c) < 0x20) return fail(c, "in string literal");
      if (c != '\\') continue;
      c = next();
      if (ended_) return false;
      if (c == 'u') {
        for (int i = 0; i < 4; i++) {
          c = next();
          if (ended_ || hex_digit(c) < 0) return fail(c, "in \\u hexadecimal character escape");
        }
      } else if (std::string_view("bfnrt\\/\"").find(c) == std::string_view::npos) {
        return fail(c, "in string escape code");
      }
    }
    return false;
  }

  bool word(std::string_view word) {
    for (char wanted : word.substr(1)) {
      char c = next();
      if (c != wanted)
        return fail(c, concat("in literal ", word, " (expecting '", std::string_view(&wanted, 1), "')"));
    }
    return true;
  }

  // `c` is its first character. A number ends where no other character of one stands.
  bool number(char c) {
    if (c == '-') {
      c = next();
      if (ended_ || !is_digit(c)) return fail(c, "in numeric literal");
    }
    if (c != '0') digits();
    if (accept('.')) {
      c = next();
      if (ended_ || !is_digit(c)) return fail(c, "after decimal point in numeric literal");
      digits();
    }
    if (accept('e') || accept('E')) {
      if (!accept('+')) accept('-');
      c = next();
      if (ended_ || !is_digit(c)) return fail(c, "in exponent of numeric literal");
      digits();
    }
    return true;
  }
  bool accept(char c) { return at_ < text_.size() && text_[at_] == c && ++at_; }
  void digits() {
    while (at_ < text_.size() && is_digit(text_[at_])) at_++;
  }

  std::string_view text_;
  std::vector<std::vector<std::string>>* lists_;
  size_t at_ = 0;
  bool ended_ = false;
  std::string open_;    // lists and objects that are not closed yet, by their opening characters
  size_t skipped_ = 0;  // how many are open, the outermost that is skipped included; 0: none is skipped
  std::string error_, type_error_;
};

}  // namespace

std::string decode_string_lists(std::string_view text, std::vector<std::vector<std::string>>* lists) {
  return Decoder(text, lists).run();
}

}  // namespace dovetail::loader
