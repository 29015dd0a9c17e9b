// loader/go_json.h against encoding/json, over texts put together from pieces of JSON, whole, cut short and
// damaged.
#include "loader/go_json.h"

#include <catch2/catch.hpp>
#include <random>

#include "base/bytes.h"
#include "base/go_text.h"
#include "tests/oracle/oracle.h"

namespace {

using namespace dovetail;

std::string decode(std::string_view text) {
  std::vector<std::vector<std::string>> lists;
  std::string error = loader::decode_string_lists(text, &lists);
  if (!error.empty()) return "!" + error;
  std::string answer;
  for (const auto& list : lists) {
    answer += "[";
    for (const std::string& word : list) answer += std::to_string(word.size()) + ":" + word;
  }
  return answer;
}

std::vector<std::string> make_texts() {
  std::vector<std::string> all = {"",
                                  " \n",
                                  "nonsense",
                                  "null",
                                  "[]",
                                  "[[]]",
                                  "[null]",
                                  "[[null,\"a\"]]",
                                  "{}",
                                  "\"a\"",
                                  "1",
                                  "-",
                                  "12x",
                                  "true",
                                  "[[\"a\"]] rest",
                                  "[[\"\\ud83d\\ude00\\ud83d\\ude00 \\ud83dx\\udc00\"]]"};
  const std::string whole =
      "\n[[\"cgo_import_dynamic\",\"a\",\"b\",\"c.so\"], [\"x\\u00e9\\ud83d\\ude00\\n\"],[],null,"
      "[\"\",-0.5e+10,{\"k\":[true]}]]";
  for (size_t n = 0; n <= whole.size(); n++) all.push_back(whole.substr(0, n));
  for (size_t i = 0; i < whole.size(); i++) {
    for (const char c : {'"', '\\', ']', '}', ',', '\'', '\0', 'x', '\xff', '1', ' '}) {
      all.push_back(whole);
      all.back()[i] = c;
    }
  }
  const std::vector<std::string> pieces = {
      "[",     "]",    "{",   "}",       ",",       ":",       "\"",  "\"a\"", "null", "true",
      "false", "nul",  "0",   "12",      "-",       ".",       "e",   "E+",    "5",    " ",
      "\n",    "\\",   "u12", "00",      "\"\\u00", "\"k\":",  "[[",  "[\"",   "'",    "\xe4\xb8\x96",
      "\xff",  "\x01", "t",   "\"\\x\"", "\\ud800", "\\udc00", "],[", "\",\""};
  std::mt19937 random(1);
  for (int i = 0; i < 60000; i++) {
    std::string text = i % 3 == 0 ? "[[" : i % 3 == 1 ? "[" : "";
    for (size_t n = random() % 9; n > 0; n--) text += pieces[random() % pieces.size()];
    if (i % 5 == 0) text += "]]";
    all.push_back(text);
  }
  for (size_t depth : {2u, 3u, 9999u, 10000u, 10001u}) {
    all.push_back(std::string(depth, '['));
    all.push_back(std::string(depth, '[') + std::string(depth, ']'));
  }
  return all;
}

TEST_CASE("lists of strings, and what is wrong with them") {
  if (!oracle::have_go()) return;
  const std::vector<std::string> texts = make_texts();
  std::string file;
  for (const std::string& s : texts) {
    for (int i = 0; i < 4; ++i) file += static_cast<char>(s.size() >> 8 * i);
    file += s;
  }
  const oracle::TempDir dir;
  oracle::write_file(dir.file("texts"), file);
  const auto answer = oracle::run("json", oracle::shell_word(dir.file("texts").string()));
  REQUIRE(answer);
  size_t at = 0, fine = 0;
  for (const std::string& s : texts) {
    REQUIRE(at + 4 <= answer->size());
    const size_t n = base::load32(reinterpret_cast<const uint8_t*>(answer->data()) + at);
    const std::string want = answer->substr(at + 4, n);
    at += 4 + n;
    INFO(base::quote(s));
    REQUIRE(decode(s) == want);
    fine += want[0] != '!';
  }
  CHECK(at == answer->size());
  CHECK(fine > 1000);
}

}  // namespace
