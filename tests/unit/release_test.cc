// loader/release/: the checked-in tables are those of the Go release, and hang together.
#include "loader/release/release.h"

#include <algorithm>
#include <set>

#include <catch2/catch.hpp>

#include "objfmt/object_view.h"
#include "objfmt/reloc_kind.h"
#include "objfmt/sym_kind.h"
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

TEST_CASE("the enumerations of objfmt are the release's") {
  namespace objfmt = dovetail::objfmt;
  using objfmt::SymKind;
  const Release& r = newest_release();
  REQUIRE(r.reloc_kinds.size() + 1 == static_cast<size_t>(objfmt::RelocKind::kCount));
  for (const NamedNumber& row : r.reloc_kinds) {
    CHECK(row.name == objfmt::reloc_kind_name(static_cast<objfmt::RelocKind>(row.number)));
  }
  const std::pair<std::string_view, objfmt::RelocKind> relocs[] = {
      {"R_CALLARM64", objfmt::RelocKind::kCallArm64},   {"R_USEIFACEMETHOD", objfmt::RelocKind::kUseIfaceMethod},
      {"R_DWARFSECREF", objfmt::RelocKind::kDwarfSecRef}, {"R_ADDRCUOFF", objfmt::RelocKind::kAddrCuOff},
      {"R_PEIMAGEOFF", objfmt::RelocKind::kPeImageOff}, {"R_DWTXTADDR_U4", objfmt::RelocKind::kDwTxtAddrU4},
  };
  for (const auto& [name, kind] : relocs) CHECK(Release::number(r.reloc_kinds, name) == static_cast<int>(kind));

  REQUIRE(r.link_sym_kinds.size() == static_cast<size_t>(SymKind::kCount));
  const std::pair<std::string_view, SymKind> kinds[] = {
      {"STEXT", SymKind::kText}, {"STEXTFIPSEND", SymKind::kTextFipsEnd}, {"STYPE", SymKind::kType},
      {"SRODATAEND", SymKind::kRodataEnd}, {"SPCLNTAB", SymKind::kPclntab}, {"STYPERELRO", SymKind::kTypeRelro},
      {"SITABLINK", SymKind::kItablink}, {"SFirstWritable", SymKind::kFirstWritable}, {"SMODULEDATA", SymKind::kModuledata},
      {"SNOPTRDATAEND", SymKind::kNoptrdataEnd}, {"SDATA", SymKind::kData}, {"SXCOFFTOC", SymKind::kXcoffToc}, {"SBSS", SymKind::kBss},
      {"STLSBSS", SymKind::kTlsBss}, {"SXREF", SymKind::kXref}, {"SUNDEFEXT", SymKind::kUndefExt}, {"SDWARFSECT", SymKind::kDwarfSect},
      {"SDWARFADDR", SymKind::kDwarfAddr}, {"SSEHSECT", SymKind::kSehSect},
  };
  for (const auto& [name, kind] : kinds) CHECK(Release::number(r.link_sym_kinds, name) == static_cast<int>(kind));
  for (const SymKindPair& row : r.sym_kind_map) {
    CHECK(static_cast<uint8_t>(objfmt::from_object_kind(row.object_kind)) == row.link_kind);
  }

  CHECK(Release::number(r.aux_kinds, "AuxPcsp") == static_cast<int>(objfmt::AuxKind::kPcsp));
  CHECK(Release::number(r.aux_kinds, "AuxSehUnwindInfo") == static_cast<int>(objfmt::AuxKind::kSehUnwindInfo));
}
