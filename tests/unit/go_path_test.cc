// base/go_path.h and base/go_text.h against Go's own packages, over strings made to hit their corners.
#include "base/go_path.h"

#include <catch2/catch.hpp>
#include <vector>

#include "base/bytes.h"
#include "base/go_text.h"
#include "tests/oracle/oracle.h"

namespace {

using namespace dovetail::base;
namespace oracle = dovetail::oracle;

// Random strings over an alphabet of pieces.
void add_strings(std::vector<std::string>& to, const std::vector<std::string>& pieces, size_t longest,
                 int count) {
  uint64_t state = pieces.size();
  const auto below = [&state](uint64_t n) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % n;
  };
  for (int i = 0; i < count; ++i) {
    std::string s;
    for (uint64_t n = below(longest + 1); n > 0; --n) s += pieces[below(pieces.size())];
    to.push_back(s);
  }
}

std::vector<std::string> make_strings() {
  std::vector<std::string> all = {
      "", "/", "//", ".", "..", "/..", "../..", "a/../..", "/usr/local/go/src/fmt/print.go"};
  add_strings(all, {"/", "/", ".", "..", "a", "bc", "...", "/../", "/./"}, 9, 20000);
  // Literals, most of them nearly right.
  std::vector<std::string> insides;
  const std::vector<std::string> pieces = {"\\n",
                                           "\\x4",
                                           "\\x41",
                                           "\\xff",
                                           "\\xFg",
                                           "\\101",
                                           "\\377",
                                           "\\400",
                                           "\\08",
                                           "\\u00e9",
                                           "\\u12",
                                           "\\ud800",
                                           "\\U0010ffff",
                                           "\\U00110000",
                                           "\\Uffffffff",
                                           "\\'",
                                           "\\\"",
                                           "\\\\",
                                           "\\q",
                                           "'",
                                           "\"",
                                           "`",
                                           "\n",
                                           "\r",
                                           "z",
                                           "\xc3\xa9",
                                           "\xff",
                                           "\xe2\x82",
                                           "\\a\\b\\f\\r\\t\\v",
                                           "\\"};
  for (const std::string& piece : pieces) insides.push_back(piece);
  add_strings(insides, pieces, 4, 6000);
  add_strings(insides, {"a", "\\t", "\\u0041", "\xe4\xb8\x96", "\\0", "\\000", "\r"}, 5, 2000);
  for (const std::string& inside : insides) {
    for (const char mark : {'"', '\'', '`'}) all.push_back(mark + inside + mark);
  }
  for (const char* odd : {"\"", "'", "`", "\"a'", "xax", "'a", "a'", "\"a\" ", "''", "\"\"", "``"})
    all.push_back(odd);
  // Every byte, alone and followed by continuation bytes: valid, overlong, surrogate, too large, cut short.
  for (int lead = 0; lead < 256; ++lead) {
    for (const char* tail :
         {"", "a", "\x80", "\x9f", "\xa0", "\xbf", "\x80\x80", "\x9f\xbf", "\xa0\x80", "\xbf\xbf",
          "\x8f\xbf\xbf", "\x90\x80\x80", "\x80\x80\x80", "\xbf\xbf\xbf", "\x80\x80\x80\x80"}) {
      all.push_back(static_cast<char>(lead) + std::string(tail));
    }
  }
  // Runes for quote: around every power of two, and a stretch of letters and marks.
  for (int32_t rune = 0; rune <= 0x10ffff; rune += rune < 0x3000 ? 1 : 61) {
    std::string s;
    append_rune(s, rune);
    all.push_back(s);
  }
  return all;
}

void append_record(std::string& to, std::string_view s) {
  for (int i = 0; i < 4; ++i) to += static_cast<char>(s.size() >> 8 * i);
  to += s;
}

TEST_CASE("paths, literals and runes are what Go says") {
  if (!oracle::have_go()) return;
  const std::vector<std::string> strings = make_strings();
  std::string file;
  for (const std::string& s : strings) append_record(file, s);
  const oracle::TempDir dir;
  oracle::write_file(dir.file("strings"), file);
  const auto answer = oracle::run("text", oracle::shell_word(dir.file("strings").string()));
  REQUIRE(answer);
  size_t at = 0;
  const auto next = [&answer, &at] {
    REQUIRE(at + 4 <= answer->size());
    const size_t n = load32(reinterpret_cast<const uint8_t*>(answer->data()) + at);
    at += 4 + n;
    REQUIRE(at <= answer->size());
    return answer->substr(at - n, n);
  };
  size_t unquoted = 0;
  for (const std::string& s : strings) {
    INFO("string " << quote(s));
    REQUIRE(clean_path(s) == next());
    REQUIRE(path_dir(s) == next());
    REQUIRE(path_base(s) == next());
    REQUIRE(join_path({"a", s, "b"}) == next());
    REQUIRE(join_path({"", s, "", s}) == next());
    REQUIRE(quote(s) == next());
    const auto value = unquote(s);
    REQUIRE((value ? "+" + *value : "-") == next());
    unquoted += value.has_value();
    const Rune rune = decode_rune(s);
    REQUIRE(std::to_string(rune.value) + " " + std::to_string(rune.size) == next());
  }
  CHECK(at == answer->size());
  CHECK(unquoted > 2000);
}

// The same lines as `tests/oracle/unicode runs` prints.
std::string runs(const char* name, bool (*has)(int32_t)) {
  std::string out;
  for (int32_t r = 0; r <= 0x110002; ++r) {
    if (!has(r)) continue;
    const int32_t first = r;
    while (has(r + 1)) ++r;
    out += std::string(name) + " " + std::to_string(first) + " " + std::to_string(r) + "\n";
  }
  return out;
}

TEST_CASE("the tables of runes are Go's") {
  CHECK(!is_upper(-1));
  CHECK(!is_printable(-1));
  if (!oracle::have_go()) return;
  const auto base = oracle::folder().parent_path().parent_path() / "base";
  for (const char* table : {"upper", "print"}) {
    const auto fresh = oracle::run("unicode", table);
    REQUIRE(fresh);
    CHECK(*fresh == oracle::read_file(base / ("unicode_" + std::string(table) + ".def")));
  }
  const auto want = oracle::run("unicode", "runs");
  REQUIRE(want);
  CHECK(runs("upper", is_upper) + runs("print", is_printable) == *want);
}

}  // namespace
