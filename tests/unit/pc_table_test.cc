// Pc tables: written here as cmd/internal/obj/pcln.go (Go 1.26) writes them.
#include "inspect/pc_table.h"

#include <catch2/catch.hpp>
#include <tuple>
#include <vector>

namespace {

using Steps = std::vector<std::tuple<uint64_t, uint64_t, int32_t>>;

Steps read(const std::vector<uint8_t>& bytes, uint32_t offset, uint8_t quantum) {
  Steps steps;
  dovetail::inspect::PcTable table(bytes, offset, quantum);
  while (table.next()) steps.emplace_back(table.begin(), table.end(), table.value());
  return steps;
}

TEST_CASE("values start at -1 and go by zigzag differences") {
  // +1 for 4 pcs, +8 for 200 pcs, -8 for 1 pc.
  const std::vector<uint8_t> table = {2, 4, 16, 0xc8, 1, 15, 1, 0};
  CHECK(read(table, 0, 1) == Steps{{0, 4, 0}, {4, 204, 8}, {204, 205, 0}});
  CHECK(read(table, 0, 4) == Steps{{0, 16, 0}, {16, 816, 8}, {816, 820, 0}});
}

TEST_CASE("a first difference of zero is no end") {
  CHECK(read({0, 5, 2, 1, 0}, 0, 1) == Steps{{0, 5, -1}, {5, 6, 0}});
}

TEST_CASE("what is cut or outside ends the table") {
  CHECK(read({}, 0, 1).empty());
  CHECK(read({2, 4, 0}, 17, 1).empty());
  CHECK(read({2, 4, 16}, 0, 1).size() == 2);
}

}  // namespace
