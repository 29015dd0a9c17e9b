// base/column.h: memory that is zeroed by giving its pages back.
#include "base/column.h"

#include <algorithm>

#include <catch2/catch.hpp>

#include "base/file.h"

namespace dovetail::base {
namespace {

TEST_CASE("what is cleared is zero, and nothing beside it changes") {
  Column<uint8_t> bytes(32 << 20);
  for (size_t begin : {size_t{0}, size_t{1}, size_t{4096}, size_t{70001}}) {
    for (size_t size : {size_t{0}, size_t{1}, size_t{5000}, size_t{4} << 20, (size_t{20} << 20) + 17}) {
      std::fill(bytes.begin(), bytes.end(), uint8_t{0xaa});
      clear(bytes.data() + begin, size);
      auto from = bytes.begin() + static_cast<ptrdiff_t>(begin), to = from + static_cast<ptrdiff_t>(size);
      CHECK(std::all_of(bytes.begin(), from, [](uint8_t b) { return b == 0xaa; }));
      CHECK(std::all_of(from, to, [](uint8_t b) { return b == 0; }));
      CHECK(std::all_of(to, bytes.end(), [](uint8_t b) { return b == 0xaa; }));
    }
  }
}

TEST_CASE("many megabytes of zeros are not resident") {
  Column<uint8_t> bytes(64 << 20);
  std::fill(bytes.begin(), bytes.end(), uint8_t{0xaa});
  const uint64_t before = resident_memory().heap;
  clear(bytes.data(), bytes.size());
  CHECK(resident_memory().heap + (48 << 20) < before);
}

}  // namespace
}  // namespace dovetail::base
