// The function tables that we make, byte by byte against those in cmd/link's image of the same objects.
#include "runtime-tables/pclntab.h"

#include <random>

#include "base/go_path.h"
#include "tests/unit/tables_fixture.h"

using namespace dovetail;
using namespace dovetail::tables_test;

namespace {

void check_tables(const std::string& flags, const std::vector<std::string>& words) {
  INFO(flags);
  Stock stock(flags);
  Planned ours(words);
  const loader::Symbols& syms = ours.loaded.program.syms;
  const objfmt::ImageSection& section = stock.section(".gopclntab");
  std::vector<uint8_t> bytes = ours.emit_pclntab(section.addr);
  CHECK(bytes.size() == section.size);

  auto part = [&](SymId s, uint64_t size) {
    uint64_t at = syms.value[index(s)] - section.addr;
    return difference(base::subrange(bytes, at, size), base::subrange(section.bytes, at, size));
  };
  const auto& plan = ours.pclntab;
  for (SymId s : {plan.header, plan.func_names, plan.cutab, plan.file_names, plan.pctab, plan.functab,
                  ours.findfunctab.table}) {
    INFO(ours.loaded.program.name(s));
    CHECK(part(s, syms.size[index(s)]) == "");
  }

  // go:func.*: symbols of objects are the caller's to write. Each must fit between its neighbours, and its bytes
  // must stand there in the stock image, but for relocations.
  uint64_t base = syms.value[index(plan.func_data)] - section.addr;
  for (SymId s : plan.func_data_symbols) {
    base::Bytes data = ours.loaded.program.data(s);
    uint64_t at = base + syms.value[index(s)];
    std::vector<uint8_t> expected(section.bytes.begin() + static_cast<int64_t>(at),
                                  section.bytes.begin() + static_cast<int64_t>(at + syms.size[index(s)]));
    std::copy(data.begin(), data.end(), bytes.begin() + static_cast<int64_t>(at));
    ours.loaded.program.for_relocs(s, [&](const loader::LinkReloc& r) {
      std::copy_n(expected.begin() + r.offset, 4, bytes.begin() + static_cast<int64_t>(at) + r.offset);
    });
  }
  CHECK(plan.func_data_symbols.size() > 500);
  CHECK(part(plan.func_data, syms.size[index(plan.func_data)]) == "");
}

}  // namespace

TEST_CASE("function tables equal cmd/link's") {
  if (!oracle::have_go()) return;
  REQUIRE(program().ok());
  check_tables("", {});
  check_tables("-s -w -funcalign=64", {"-s", "-w", "-funcalign=64"});
  check_tables("-randlayout=7", {"-randlayout=7"});
}

TEST_CASE("file names are expanded") {
  using base::expand_file;
  CHECK(expand_file("$GOROOT/src/fmt/print.go", "/go") == "/go/src/fmt/print.go");
  CHECK(expand_file("gofile..$GOROOT/src//x/../fmt.go", "/go/") == "/go/src/fmt.go");
  CHECK(expand_file("$GOROOT\\src", "/go") == "/go/\\src");
  CHECK(expand_file("$GOROOT", "/go") == "$GOROOT");
  CHECK(expand_file("$GOROOTX/src", "/go") == "$GOROOTX/src");
  CHECK(expand_file("$GOROOT/src/fmt/print.go", "") == "$GOROOT/src/fmt/print.go");
  CHECK(expand_file("gofile../home/x.go", "/go") == "/home/x.go");
}

TEST_CASE("first uses do not depend on threads") {
  constexpr uint32_t kKeys = 5000, kChunks = 64, kPositions = 50, kUses = 40;
  std::mt19937 random(1);
  std::vector<std::vector<uint32_t>> uses(kChunks * kPositions);
  for (auto& list : uses) {
    for (uint32_t k = 0; k < kUses; k++) list.push_back(random() % kKeys);
  }
  std::vector<uint32_t> expected;
  std::vector<bool> seen(kKeys);
  for (uint32_t p = 0; p < uses.size(); p++) {
    for (uint32_t key : uses[p]) {
      if (!seen[key]) expected.push_back(key);
      seen[key] = true;
    }
    expected.push_back(runtime_tables::FirstUse::kUnique | p);
  }
  for (unsigned threads : {1u, 2u, 8u}) {
    for (uint64_t seed : {0u, 1u, 2u, 3u}) {
      base::ThreadPool pool(threads, seed);
      runtime_tables::FirstUse first(pool, kKeys + 1, kChunks);
      pool.for_each(kChunks, [&](uint64_t c) {
        for (uint32_t p = 0; p < kPositions; p++) {
          uint32_t position = static_cast<uint32_t>(c) * kPositions + p;
          for (uint32_t key : uses[position]) first.note(c, position, key);
          first.note(c, position, runtime_tables::FirstUse::kUnique | position);
        }
      });
      CHECK(first.order(pool) == expected);
      CHECK(first.slot(kKeys) == runtime_tables::FirstUse::kUnused);
    }
  }
}
