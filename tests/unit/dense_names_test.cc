// Names with shared prefixes: what NamesWriter writes, NameTable and NameCursor read, and nothing makes them crash.
#include "compiler-emit/names_writer.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>


namespace {

namespace base = dovetail::base;
using namespace dovetail::objfmt::dense;
using dovetail::emit::NamesWriter;

std::vector<uint8_t> block_of(const std::vector<std::string>& names) {
  NamesWriter writer;
  for (const std::string& name : names) writer.add(name);
  return writer.finish();
}

// As one reads them and as one goes through them.
void check_names(base::Bytes block, const std::vector<std::string>& names) {
  auto table = NameTable::open(block, static_cast<uint32_t>(names.size()));
  REQUIRE(table.ok());
  CHECK(table->size() == names.size());
  NameCursor cursor(*table);
  NameBuffer one;
  for (uint32_t i = 0; i < names.size(); i++) {
    std::string_view next;
    REQUIRE(cursor.next(&next));
    REQUIRE(next == names[i]);
    REQUIRE(table->read(i, one));
    REQUIRE(one.text() == names[i]);
  }
  // In another order, and through one buffer for two tables.
  NameBuffer same;
  const std::vector<uint8_t> other_block = block_of({"", "other"});
  auto other = NameTable::open(other_block, 2);
  for (size_t k = 0; k < names.size(); k++) {
    uint32_t i = static_cast<uint32_t>(k * 7 % names.size());
    REQUIRE(table->read(i, same));
    REQUIRE(same.text() == names[i]);
    if (k % 5 != 0) continue;
    REQUIRE(other->read(1, same));
    REQUIRE(same.text() == "other");
  }
  std::string_view none;
  CHECK_FALSE(cursor.next(&none));
  CHECK_FALSE(table->read(table->size(), one));
  CHECK(one.text().empty());
}

// Reads whatever there is. What the cursor gives is what read gives, and no name is longer than 16 times the block.
void touch(base::Bytes block, uint32_t count) {
  auto table = NameTable::open(block, count);
  if (!table.ok()) return;
  NameBuffer one;
  std::string_view next;
  uint32_t i = 0;
  for (NameCursor cursor(*table); cursor.next(&next); i++) {
    REQUIRE(next.size() <= 16 * block.size());
    REQUIRE(table->read(i, one));
    REQUIRE(one.text() == next);
    REQUIRE(table->length(i, one) == next.size());
  }
  for (i = 0; i <= count; i++) {
    bool good = table->read(i, one);
    REQUIRE(table->length(i, one).has_value() == good);
    if (!good) REQUIRE(one.text().empty());
  }
}

std::vector<std::string> random_names(std::mt19937& random, size_t count) {
  std::vector<std::string> names;
  for (size_t i = 0; i < count; i++) {
    std::string name;
    if (!names.empty() && random() % 4 != 0) {
      const std::string& other = names[names.size() - 1 - random() % std::min<size_t>(names.size(), 20)];
      name = other.substr(0, random() % (other.size() + 1));
    }
    size_t more = random() % 8 == 0 ? 0 : random() % (random() % 16 == 0 ? 400 : 20);
    for (size_t k = 0; k < more; k++) name.push_back(static_cast<char>(random() % 8 == 0 ? random() : 'a' + random() % 3));
    names.push_back(std::move(name));
  }
  return names;
}

TEST_CASE("lists of names of any length are read as they were written") {
  std::mt19937 random(1);
  for (size_t count = 0; count < 70; count++) {
    std::vector<std::string> names = random_names(random, count);
    check_names(block_of(names), names);
  }
  std::vector<std::string> many = random_names(random, 5000);
  check_names(block_of(many), many);
}

TEST_CASE("empty names, equal ones, long prefixes, prefixes of the sixteenth name before") {
  check_names(block_of({"", "", ""}), {"", "", ""});
  std::string far(100000, 'x');
  std::vector<std::string> names = {far + "1", far + "2", "", far, far + "1", far.substr(1), "x", std::string(3, '\0')};
  check_names(block_of(names), names);
  CHECK(block_of(names).size() < 2 * far.size());
  std::vector<std::string> group = {"runtime.first"};
  for (char c = 'a'; c < 'a' + 14; c++) group.emplace_back(1, c);
  group.push_back("runtime.last");   // shares with the one 15 before
  group.push_back("runtime.other");  // begins a group, shares with none
  std::vector<uint8_t> block = block_of(group);
  check_names(block, group);
  CHECK(block.size() == 8 + (2 + 13) + 14 * 3 + (3 + 4) + (2 + 13));
}

TEST_CASE("a writer that has finished begins anew") {
  NamesWriter writer;
  writer.add("abc");
  std::vector<uint8_t> first = writer.finish();
  writer.add("abd");
  std::vector<std::string> second = {"abd"};
  check_names(writer.finish(), second);
  check_names(first, {"abc"});
}

TEST_CASE("a table of groups that does not fit is refused") {
  std::vector<uint8_t> block = block_of({"a", "b"});
  CHECK(NameTable::open(block, 16 * static_cast<uint32_t>(block.size() / 4)).ok());
  CHECK_FALSE(NameTable::open(block, 16 * static_cast<uint32_t>(block.size() / 4) + 1).ok());
  CHECK_FALSE(NameTable::open(block, UINT32_MAX).ok());
  CHECK(NameTable::open({}, 0).ok());
}

TEST_CASE("any damaged byte and any prefix of a block can be read") {
  std::mt19937 random(2);
  std::vector<std::string> names = random_names(random, 40);
  for (std::string& name : names) name.resize(std::min<size_t>(name.size(), 24));
  names[3] = std::string(300, 'p');
  names[9] = names[3] + "q";
  const std::vector<uint8_t> block = block_of(names);
  for (size_t n = 0; n <= block.size(); n++) {
    std::vector<uint8_t> prefix(block.begin(), block.begin() + static_cast<ptrdiff_t>(n));
    touch(prefix, 40), touch(prefix, 64);
  }
  for (size_t i = 0; i < block.size(); i++) {
    for (uint8_t value : {0x00, 0x7f, 0x80, 0xff}) {
      std::vector<uint8_t> bytes = block;
      bytes[i] = value;
      touch(bytes, 40);
    }
  }
}

TEST_CASE("names that are malformed each in their own way are false, not something else") {
  auto read = [](std::vector<uint8_t> text, uint32_t i) {
    std::vector<uint8_t> block(4);
    block.insert(block.end(), text.begin(), text.end());
    auto table = NameTable::open(block, 3);
    REQUIRE(table.ok());
    NameBuffer buffer;
    return table->read(i, buffer);
  };
  CHECK(read({0, 1, 'a', 1 << 4, 1, 'b', 2 << 4, 0}, 2));
  CHECK_FALSE(read({0, 1, 'a', 2 << 4, 1, 'b', 2 << 4, 0}, 1));      // shares more than the other has
  CHECK_FALSE(read({0, 1, 'a', 1 << 4 | 1, 1, 'b', 2 << 4, 0}, 1));  // with one before the group
  CHECK_FALSE(read({1 << 4, 1, 'a'}, 0));
  CHECK_FALSE(read({0, 2, 'a'}, 0));  // runs out of the block
  CHECK_FALSE(read({0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}, 0));
  CHECK_FALSE(read({0xf0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0}, 0));
  CHECK_FALSE(read({0, 1, 'a'}, 1));
  CHECK_FALSE(read({0, 1, 'a', 0}, 1));
  CHECK_FALSE(read({0, 1, 'a', 0x80}, 1));
}

// Otherwise a small block could hold any number of long names, one text for all of them.
TEST_CASE("groups that lie over each other are not gone through") {
  std::vector<std::string> names(48, "n");
  names[0] = std::string(1000, 'x');
  std::vector<uint8_t> block = block_of(names);
  base::store32(&block[4], 0u);
  auto table = NameTable::open(block, 48);
  REQUIRE(table.ok());
  NameCursor cursor(*table);
  std::string_view name;
  uint32_t n = 0;
  while (cursor.next(&name)) n++;
  CHECK(n == 16);
}

}  // namespace
