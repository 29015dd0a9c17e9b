// Ranks of names, against sorting them as a whole.
#include "linker/macho/name_ranks.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <string>

namespace {

namespace base = dovetail::base;
using dovetail::linker::name_ranks;

std::vector<uint32_t> expected(const std::vector<std::string>& names) {
  std::vector<std::string> sorted = names;
  std::sort(sorted.begin(), sorted.end());
  std::vector<uint32_t> ranks;
  for (const std::string& n : names) {
    ranks.push_back(static_cast<uint32_t>(std::lower_bound(sorted.begin(), sorted.end(), n) - sorted.begin()));
  }
  return ranks;
}

std::vector<uint32_t> ranks(const std::vector<std::string>& names, unsigned threads) {
  base::ThreadPool pool(threads);
  std::vector<std::string_view> views(names.begin(), names.end());
  return name_ranks(pool, views);
}

TEST_CASE("few names") {
  CHECK(ranks({}, 2).empty());
  CHECK(ranks({"a"}, 4) == std::vector<uint32_t>{0});
  CHECK(ranks({"b", "", "a", "b"}, 3) == std::vector<uint32_t>{2, 0, 1, 2});
}

TEST_CASE("names that agree in their first bytes, or end at a multiple of eight") {
  std::vector<std::string> names = {"runtime.", "runtime.gcStart", "runtime", "runtime.\xc2\xb7x", "runtime.gcStart",
                                    "runtime.gcStart1", "runtime.gcStart12345678", "runtime.gcStart1234567"};
  for (unsigned threads : {1u, 2u, 5u}) CHECK(ranks(names, threads) == expected(names));
}

TEST_CASE("many names with long prefixes, some of them twice") {
  std::mt19937 random(7);
  std::vector<std::string> names;
  const std::string prefixes[] = {"", "main.", "github.com/some/package/with/a/long/path.", "github.com/some/package/with/a/long/pat.",
                                  std::string(1000, 'x')};
  for (int i = 0; i < 20000; i++) names.push_back(prefixes[random() % 5] + std::to_string(random() % 8000));
  for (unsigned threads : {1u, 2u, 3u, 8u}) CHECK(ranks(names, threads) == expected(names));
}

}  // namespace
