// The order of strings: any order comes back, and any bytes give an order.
#include "compiler-emit/string_order.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>
#include <random>
#include <string>

namespace {

namespace base = dovetail::base;
using namespace dovetail::emit;

StringSlots random_slots(std::mt19937& random) {
  StringSlots slots;
  uint32_t distinct = 1 + random() % 40, end = 0;
  for (uint32_t& space_end : slots.ends) {
    end += random() % 3 == 0 ? 0 : static_cast<uint32_t>(random() % 20);
    space_end = end;
  }
  std::vector<uint32_t> number(distinct, ~0u);
  for (uint32_t i = 0; i < end; i++) {
    uint32_t& n = number[random() % distinct];
    if (n == ~0u) n = slots.texts++;
    slots.text.push_back(n);
  }
  return slots;
}

std::vector<uint32_t> all_texts(const StringSlots& slots) {
  std::vector<uint32_t> texts(slots.texts);
  std::iota(texts.begin(), texts.end(), 0u);
  return texts;
}

// Nothing comes twice, nothing is left out, and text that nothing refers to is not empty.
void check_permutation(const StringSlots& slots, const std::vector<StringItem>& items) {
  std::vector<uint32_t> texts;
  for (const StringItem& item : items) {
    if (item.unused.empty()) texts.push_back(item.text);
  }
  std::sort(texts.begin(), texts.end());
  REQUIRE(texts == all_texts(slots));
}

TEST_CASE("every order of strings comes back") {
  static const std::string kUnused(300, 'u');
  std::mt19937 random(3);
  for (int round = 0; round < 400; round++) {
    StringSlots slots = random_slots(random);
    std::vector<uint32_t> texts = all_texts(slots);
    if (round % 4 != 0) std::shuffle(texts.begin(), texts.end(), random);
    std::vector<StringItem> items;
    for (uint32_t text : texts) {
      if (random() % 8 == 0) items.push_back({0, base::as_bytes(std::string_view(kUnused).substr(0, 1 + random() % 300))});
      items.push_back({text, {}});
    }
    if (round % 3 == 0) items.push_back({0, base::as_bytes("end")});
    std::vector<uint8_t> bytes = encode_string_order(slots, items);
    std::vector<StringItem> decoded = decode_string_order(slots, bytes);
    REQUIRE(decoded.size() == items.size());
    for (size_t i = 0; i < items.size(); i++) {
      REQUIRE(base::as_text(decoded[i].unused) == base::as_text(items[i].unused));
      if (items[i].unused.empty()) REQUIRE(decoded[i].text == items[i].text);
    }
    check_permutation(slots, decoded);
  }
}

TEST_CASE("strings in the order of their slots take one byte each") {
  StringSlots slots;
  for (uint32_t s = 0; s < kStringSpaces; s++) slots.ends[s] = 10 * (s + 1);
  slots.text.resize(10 * kStringSpaces);
  std::iota(slots.text.begin(), slots.text.end(), 0u);
  slots.texts = 10 * kStringSpaces;
  std::vector<StringItem> items;
  for (uint32_t n = 0; n < 10; n++) {
    for (uint32_t s = 0; s < kStringSpaces; s++) items.push_back({10 * s + n, {}});  // all spaces side by side
  }
  CHECK(encode_string_order(slots, items).size() == items.size());
}

TEST_CASE("any bytes give an order of all strings") {
  std::mt19937 random(4);
  for (int round = 0; round < 3000; round++) {
    StringSlots slots = random_slots(random);
    std::vector<uint8_t> bytes(random() % 60);
    for (uint8_t& b : bytes) b = static_cast<uint8_t>(random() % 3 == 0 ? random() : random() % 32);
    check_permutation(slots, decode_string_order(slots, bytes));
  }
  // Every damage to bytes that are in order.
  StringSlots slots = random_slots(random);
  std::vector<StringItem> items = {{0, base::as_bytes("unused")}};
  for (uint32_t text : all_texts(slots)) items.push_back({text, {}});
  const std::vector<uint8_t> whole = encode_string_order(slots, items);
  for (size_t i = 0; i < whole.size(); i++) {
    check_permutation(slots, decode_string_order(slots, base::Bytes(whole).first(i)));
    for (unsigned value = 0; value < 256; value++) {
      std::vector<uint8_t> bytes = whole;
      bytes[i] = static_cast<uint8_t>(value);
      check_permutation(slots, decode_string_order(slots, bytes));
    }
  }
}

TEST_CASE("text of no length is no string") {
  const uint8_t bytes[] = {0x0f, 0x0f};
  CHECK(decode_string_order(StringSlots(), bytes).empty());
  StringSlots one;
  std::fill(std::begin(one.ends), std::end(one.ends), 2u);
  one.text = {0, 1};
  one.texts = 2;
  std::vector<StringItem> items = decode_string_order(one, bytes);
  REQUIRE(items.size() == 2);
  CHECK(items[0].text == 0);
  CHECK(items[1].text == 1);
}

}  // namespace
