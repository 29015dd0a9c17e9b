// runtime.findfunctab against its definition: for each 256 bytes of text, where the search begins.
#include "runtime-tables/findfunctab.h"

#include <random>

#include "tests/unit/tables_fixture.h"

using namespace dovetail;
using namespace dovetail::tables_test;

namespace {

// What the runtime does with the table: from the entry's function forward to the one that holds the pc
// (runtime/symtab.go findfunc, Go 1.26).
TEST_CASE("findfunctab leads to every function") {
  if (!oracle::have_go()) return;
  Planned ours;
  loader::Symbols& syms = ours.loaded.program.syms;
  std::vector<uint8_t> all = ours.emit_pclntab(0x500000);
  base::Bytes table = base::subrange(all, syms.value[index(ours.findfunctab.table)] - 0x500000,
                                     syms.size[index(ours.findfunctab.table)]);
  const std::vector<SymId>& functions = ours.text.functions;
  uint64_t start = syms.value[index(functions[0])];
  std::mt19937_64 random(3);
  for (size_t i = 0; i < functions.size(); i++) {
    uint64_t begin = syms.value[index(functions[i])], size = std::max(1u, syms.size[index(functions[i])]);
    for (uint64_t pc : {begin, begin + size - 1, begin + random() % size}) {
      uint64_t offset = pc - start, entry = offset / 4096 * 20;
      REQUIRE(entry + 4 + offset % 4096 / 256 < table.size());
      uint64_t first = base::load32(&table[entry]) + table[entry + 4 + offset % 4096 / 256];
      REQUIRE(first <= i);
      REQUIRE((first == i || syms.value[index(functions[first])] + 256 + syms.size[index(functions[first])] > begin));
    }
  }
}

TEST_CASE("findfunctab equals cmd/link's") {
  if (!oracle::have_go()) return;
  Stock stock;
  Planned ours;
  const objfmt::ImageSection& section = stock.section(".gopclntab");
  std::vector<uint8_t> all = ours.emit_pclntab(section.addr);
  uint64_t at = ours.loaded.program.syms.value[index(ours.findfunctab.table)];
  objfmt::ImageSymbol symbol = stock.symbol("runtime.findfunctab");
  CHECK(at == symbol.value);
  CHECK(difference(base::subrange(all, at - section.addr, symbol.size), stock.bytes_of("runtime.findfunctab")) == "");
}

}  // namespace
