// base/pdqsort.h against Go's own sorts: the same permutation, ties included.
#include "base/pdqsort.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <sstream>
#include <vector>

#include "tests/oracle/oracle.h"

namespace {

using dovetail::base::go_sort;
using dovetail::base::go_sort_func;
namespace oracle = dovetail::oracle;

struct Item {
  std::uint64_t key;
  std::uint32_t pos;
};

struct Random {
  std::uint64_t state;
  std::uint64_t next() {
    state += 0x9e3779b97f4a7c15;
    std::uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
};

// The same keys as tests/oracle/pdqsort/main.go makes.
std::uint64_t key(int pattern, std::uint64_t i, std::uint64_t n, Random& r) {
  switch (pattern) {
    case 0:
      return 7;
    case 1:
      return r.next() % 2;
    case 2:
      return r.next() % 5;
    case 3:
      return i;
    case 4:
      return n - i;
    case 5:
      return r.next();
    case 6:
      return r.next() % (n / 3 + 1);
    case 7:
      return r.next() % 64 == 0 ? r.next() % n : i;
    case 8:
      return std::min(i, n - i);
    case 9:
      return i % 17;
    case 10:
      return (n - i) / 3;
    case 11:
      return i + 3 >= n ? 6 : 7;
    case 12:
      return i < n * 9 / 10 ? i / 4 : r.next() % n;
    case 13:
      return i * 0x9e3779b97f4a7c15 % 101;
    case 14:
      return r.next() % 16 != 0 ? std::uint64_t{1} << 40 : r.next() % n;
    default:
      return (n - i) % (n / 2 + 1);
  }
}

std::uint64_t hash(const std::vector<Item>& items) {
  std::uint64_t h = 0xcbf29ce484222325;
  for (const Item& item : items) h = (h ^ item.pos) * 0x100000001b3;
  return h;
}

std::uint64_t sorted_hash(std::vector<Item> items, bool three_way) {
  if (three_way) {
    go_sort_func(std::span<Item>(items),
                 [](const Item& x, const Item& y) { return x.key < y.key ? -1 : x.key > y.key; });
  } else {
    go_sort(std::span<Item>(items), [](const Item& x, const Item& y) { return x.key < y.key; });
  }
  return hash(items);
}

TEST_CASE("go_sort makes Go's permutation") {
  if (!oracle::have_go()) return;
  const auto answer = oracle::run("pdqsort");
  REQUIRE(answer);
  std::istringstream lines(*answer);
  std::vector<std::uint64_t> killer_keys;
  int checked = 0;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name;
    std::size_t n = 0;
    words >> name >> n;
    if (name == "killer-keys") {
      killer_keys.assign(n, 0);
      for (std::uint64_t& k : killer_keys) words >> k;
      continue;
    }
    std::uint64_t want_sort_func = 0;
    std::uint64_t want_slice = 0;
    words >> want_sort_func >> want_slice;
    REQUIRE(words);
    std::vector<Item> items(n);
    const int pattern = name == "killer" ? 0 : std::stoi(name);
    Random r{(static_cast<std::uint64_t>(pattern) << 32) + n};
    for (std::size_t i = 0; i < n; ++i) {
      items[i] = {name == "killer" ? killer_keys.at(i) : key(pattern, i, n, r),
                  static_cast<std::uint32_t>(i)};
    }
    INFO("pattern " << name << ", " << n << " items");
    REQUIRE(sorted_hash(items, true) == want_sort_func);
    REQUIRE(sorted_hash(items, false) == want_slice);
    ++checked;
  }
  CHECK(checked > 1000);
}

TEST_CASE("go_sort sorts what can only be moved") {
  std::vector<std::unique_ptr<int>> items;
  for (int i = 0; i < 1000; ++i) items.push_back(std::make_unique<int>(i * 7919 % 1000));
  go_sort(std::span<std::unique_ptr<int>>(items), [](const auto& x, const auto& y) { return *x < *y; });
  for (int i = 0; i < 1000; ++i) REQUIRE(*items[static_cast<std::size_t>(i)] == i);
}

}  // namespace
