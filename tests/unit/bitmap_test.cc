// base/bitmap.h: ranks up to the end.
#include "base/bitmap.h"

#include <catch2/catch.hpp>

namespace dovetail::base {
namespace {

TEST_CASE("a rank counts the bits before any position, the end included") {
  for (uint64_t bits : {1, 63, 64, 65, 128, 1000}) {
    Bitmap map(bits);
    for (uint64_t i = 0; i < bits; i += 3) map.set(i);
    Rank rank(map);
    for (uint64_t i = 0; i <= bits; i++) CHECK(rank.before(map, i) == (i + 2) / 3);
    CHECK(rank.total() == (bits + 2) / 3);
    // What `before` reads for the end is there.
    CHECK(map.word_count() * 64 > bits);
  }
}

}  // namespace
}  // namespace dovetail::base
