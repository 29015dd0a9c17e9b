// Typelinks and itablinks against cmd/link's image: the same types and itabs in the same order.
#include "runtime-tables/typelinks.h"

#include "runtime-tables/go_types.h"
#include "tests/unit/tables_fixture.h"

using namespace dovetail;
using namespace dovetail::tables_test;

TEST_CASE("typelinks are in cmd/link's order, ties included") {
  if (!oracle::have_go()) return;
  Stock stock;
  Planned ours;
  loader::Program& p = ours.loaded.program;
  const loader::MadeContent& made = *p.syms.made(ours.typelinks.typelink);
  base::Bytes table = stock.section(".typelink").bytes;
  REQUIRE(made.relocs.size() * 4 == table.size());
  uint64_t types = stock.symbol("runtime.types").value;
  size_t differing = 0;
  for (size_t k = 0; k < made.relocs.size(); k++) {
    CHECK(made.relocs[k].offset == 4 * k);
    // abi.Type: size, pointer bytes, and a hash that tells apart types with equal names.
    base::Bytes theirs = stock.image->at(types + base::load32(&table[4 * k]), 20);
    differing += difference(p.data(made.relocs[k].target).subspan(0, 20), theirs) == "" ? 0 : 1;
  }
  CHECK(differing == 0);
  CHECK(made.relocs.size() > 500);
  // The program has different types of equal texts, so the unstable sort shows.
  auto text = [&](size_t k) {
    uint32_t s = index(made.relocs[k].target);
    return runtime_tables::TypeView(p, loader::Slot{p.syms.object[s], p.syms.local[s]}).text();
  };
  size_t ties = 0;
  for (size_t k = 1; k < made.relocs.size(); k++) {
    REQUIRE(text(k - 1) <= text(k));
    ties += text(k - 1) == text(k) ? 1 : 0;
  }
  CHECK(ties > 3);
}

TEST_CASE("itablinks are in symbol order") {
  if (!oracle::have_go()) return;
  Stock stock;
  Planned ours;
  loader::Program& p = ours.loaded.program;
  const loader::MadeContent& made = *p.syms.made(ours.typelinks.itablink);
  base::Bytes table = stock.section(".itablink").bytes;
  REQUIRE(made.relocs.size() * 8 == table.size());
  for (size_t k = 0; k < made.relocs.size(); k++) {
    std::string_view name = p.name(made.relocs[k].target);
    INFO(name);
    CHECK(stock.symbol(name).value == base::load64(&table[8 * k]));
  }
}
