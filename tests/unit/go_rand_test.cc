// base/go_rand.h against math/rand.
#include "base/go_rand.h"

#include <catch2/catch.hpp>
#include <sstream>

#include "tests/oracle/oracle.h"

namespace {

using dovetail::base::GoRandom;
namespace oracle = dovetail::oracle;

// The line that tests/oracle/rand/main.go prints for this seed.
std::string line_for(int64_t seed) {
  std::ostringstream line;
  GoRandom r(seed);
  line << seed;
  for (int i = 0; i < 3; ++i) line << ' ' << r.next();
  const int64_t bit31 = int64_t{1} << 31;
  const int64_t bit62 = int64_t{1} << 62;
  for (const int64_t n :
       {int64_t{1}, int64_t{2}, int64_t{3}, int64_t{10}, bit31, bit31 + 1, bit62, bit62 + 1, INT64_MAX}) {
    line << ' ' << n;
    for (int i = 0; i < 3; ++i) line << ' ' << r.int63n(n);
  }
  line << " shuffles";
  for (const uint64_t n : {0, 1, 2, 3, 100, 606, 607, 608, 5000, 60000}) {
    uint64_t h = 0xcbf29ce484222325;
    r.shuffle(n, [&h](uint64_t i, uint64_t j) { h = ((h ^ i) * 0x100000001b3 ^ j) * 0x100000001b3; });
    line << ' ' << n << ' ' << h;
  }
  line << " end " << r.next();
  return line.str();
}

TEST_CASE("GoRandom gives math/rand's numbers") {
  if (!oracle::have_go()) return;
  const auto answer = oracle::run("rand");
  REQUIRE(answer);
  std::istringstream lines(*answer);
  int seeds = 0;
  for (std::string line; std::getline(lines, line); ++seeds) {
    CHECK(line_for(std::stoll(line)) == line);
  }
  CHECK(seeds == 15);
}

}  // namespace
