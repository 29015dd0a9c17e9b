// The sum over the FIPS module against the one that cmd/link put into its image, and the file of -fipso.
#include "runtime-tables/fips.h"

#include "tests/unit/tables_fixture.h"

using namespace dovetail;
using namespace dovetail::tables_test;

namespace {

std::array<base::Bytes, 4> ranges_of(const Stock& stock) {
  std::array<base::Bytes, 4> ranges;
  size_t k = 0;
  for (std::string name : {"text", "rodata", "noptrdata", "data"}) {
    uint64_t start = stock.symbol("go:" + name + "fipsstart").value, end = stock.symbol("go:" + name + "fipsend").value;
    ranges[k++] = stock.image->at(start, end - start);
  }
  return ranges;
}

}  // namespace

TEST_CASE("FIPS sum and object equal cmd/link's") {
  if (!oracle::have_go()) return;
  std::string stock_object = program().path("stock.fips"), our_object = program().path("our.fips");
  Stock stock("-fipso=" + stock_object);
  oracle::Loaded loaded;
  REQUIRE(loaded.resolve(program(), {"-fipso=" + our_object}));
  runtime_tables::FipsSum sum;
  REQUIRE(runtime_tables::sum_fips(loaded.sv, ranges_of(stock), &sum));
  base::Bytes info = stock.bytes_of("go:fipsinfo");
  CHECK(difference(sum, info.subspan(runtime_tables::kFipsSumOffset, runtime_tables::kFipsSumSize)) == "");
  CHECK(oracle::read_file(stock_object) == oracle::read_file(our_object));
  CHECK(!oracle::read_file(our_object).empty());
}

TEST_CASE("go:fipsinfo is cmd/link's but for the sum") {
  if (!oracle::have_go()) return;
  Stock stock;
  Planned ours;
  loader::Program& p = ours.loaded.program;
  std::vector<uint8_t> bytes = p.syms.made(ours.fips.info)->data;
  base::Bytes theirs = stock.bytes_of("go:fipsinfo");
  for (const loader::MadeReloc& r : p.syms.made(ours.fips.info)->relocs) {
    base::store64(&bytes[r.offset], stock.symbol(p.name(r.target)).value);
  }
  std::copy_n(theirs.begin() + runtime_tables::kFipsSumOffset, runtime_tables::kFipsSumSize,
              bytes.begin() + runtime_tables::kFipsSumOffset);
  CHECK(difference(bytes, theirs) == "");
}

TEST_CASE("flag -fipso that cannot be written") {
  if (!oracle::have_go()) return;
  std::string path = program().path("missing/fips.o");
  oracle::GoProgram::Run run = program().stock_link("-fipso=" + path);
  oracle::Loaded loaded;
  REQUIRE(loaded.resolve(program(), {"-fipso=" + path}));
  runtime_tables::FipsSum sum;
  CHECK(!runtime_tables::sum_fips(loaded.sv, {}, &sum));
  CHECK(run.err.find(loaded.messages()) != std::string::npos);
}
