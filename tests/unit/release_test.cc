// loader/release/: the checked-in tables are those of the Go release, and hang together.
#include "loader/release/release.h"

#include <algorithm>
#include <set>

#include <catch2/catch.hpp>

#include "tests/oracle/oracle.h"

namespace {

using namespace dovetail::loader;
namespace oracle = dovetail::oracle;
namespace fs = std::filesystem;

fs::path repository() { return oracle::folder().parent_path().parent_path(); }

std::string extract(const std::string& goroot) {
  auto text = oracle::output_of(oracle::shell_word((repository() / "script" / "extract-release").string()) + " " +
                                oracle::shell_word(goroot));
  REQUIRE(text);
  return *text;
}

}  // namespace

TEST_CASE("the tables are what the release says") {
  if (!oracle::have_go()) return;
  auto goroot = oracle::output_of(oracle::environment() + "go env GOROOT");
  REQUIRE(goroot);
  CHECK(extract(goroot->substr(0, goroot->find('\n'))) == oracle::read_file(repository() / "loader/release/go1_26.def"));
}

TEST_CASE("versions") {
  CHECK(find_release("go1.26.0") == &newest_release());
  CHECK(find_release("go1.26.8") == &newest_release());
  for (const char* unknown : {"", "go1.26", "go1.26.9", "go1.26.80", "go1.25.0", "go1.27.0", "go1.26rc1", "devel"}) {
    CHECK(find_release(unknown) == nullptr);
  }
  CHECK(known_releases() == "go1.26.0 to go1.26.8");
}

TEST_CASE("tables are whole and ordered as they say") {
  const Release& r = newest_release();
  CHECK(r.builtins.size() == 266);
  CHECK(r.builtins[0].name == "runtime.newobject");
  CHECK(std::is_sorted(r.blocked_linknames.begin(), r.blocked_linknames.end(),
                       [](const BlockedLinkname& a, const BlockedLinkname& b) { return a.name < b.name; }));
  CHECK(std::is_sorted(r.func_names.begin(), r.func_names.end(),
                       [](const NamedNumber& a, const NamedNumber& b) { return a.name < b.name; }));
  for (auto table : {r.object_sym_kinds, r.link_sym_kinds, r.aux_kinds, r.func_ids}) {
    for (size_t i = 0; i < table.size(); i++) CHECK(table[i].number == i);
  }
  for (size_t i = 0; i < r.reloc_kinds.size(); i++) CHECK(r.reloc_kinds[i].number == i + 1);
  REQUIRE(r.sym_kind_map.size() == r.object_sym_kinds.size());
  for (size_t i = 0; i < r.sym_kind_map.size(); i++) {
    CHECK(r.sym_kind_map[i].object_kind == i);
    CHECK(r.link_sym_kinds[r.sym_kind_map[i].link_kind].name == r.object_sym_kinds[i].name);
  }
  std::set<std::string_view> names;
  for (const NamedNumber& row : r.func_names) CHECK(names.insert(row.name).second);
  CHECK(Release::number(r.func_names, "deferreturn") == Release::number(r.func_ids, "FuncIDWrapper"));
  CHECK(Release::number(r.reloc_kinds, "R_ADDR") == 1);
  CHECK(Release::number(r.reloc_kinds, "R_nothing") == -1);
  CHECK(r.fips_sections.size() == 4);
  CHECK(r.experiments[0].name == "fieldtrack");
}
