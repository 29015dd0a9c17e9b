// go:buildinfo and the variables of -X against cmd/link's.
#include "runtime-tables/build_info.h"

#include "tests/unit/tables_fixture.h"

using namespace dovetail;
using namespace dovetail::tables_test;

TEST_CASE("build info equals cmd/link's") {
  if (!oracle::have_go()) return;
  Planned ours;
  CHECK(difference(ours.loaded.program.data(ours.build_info.info), Stock().section(".go.buildinfo").bytes) == "");
}

TEST_CASE("build info has what -X sets") {
  if (!oracle::have_go()) return;
  std::string modules(300, 'm');
  std::vector<std::string> flags = {"-X=runtime.modinfo=" + modules, "-X=runtime.buildVersion=go9", "-X=main.version=1.2",
                                    "-X=main.version=1.3", "-X=main.missing=x"};
  std::string words;
  for (const std::string& flag : flags) words += " " + flag;
  Stock stock(words);
  Planned ours(flags);
  CHECK(difference(ours.loaded.program.data(ours.build_info.info), stock.section(".go.buildinfo").bytes) == "");

  loader::Program& p = ours.loaded.program;
  SymId variable = p.lookup("main.version", 0);
  REQUIRE(variable != SymId::kNil);
  CHECK(p.syms.kind[index(variable)] == SymKind::kData);
  CHECK(p.syms.size[index(variable)] == 16);
  REQUIRE(p.syms.made(variable)->relocs.size() == 1);
  SymId text = p.syms.made(variable)->relocs[0].target;
  CHECK(p.name(text) == "main.version.str");
  CHECK(difference(p.data(text), stock.bytes_of("main.version.str")) == "");
  CHECK(base::load64(&p.data(variable)[8]) == base::load64(&stock.bytes_of("main.version")[8]));
}

TEST_CASE("flag -X of a variable that is no string") {
  if (!oracle::have_go()) return;
  oracle::GoProgram::Run run = program().stock_link("-X=main.one=1 -X=main.version=2");
  CHECK(run.status == 2);
  oracle::Loaded loaded;
  REQUIRE(loaded.resolve(program(), {"-X=main.one=1", "-X=main.version=2"}));
  REQUIRE(loaded.reach());
  runtime_tables::set_string_vars(loaded.sv, loaded.program);
  CHECK(run.err.find(loaded.messages()) != std::string::npos);
}
