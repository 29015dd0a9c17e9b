// loader/importcfg.h. What is wrong with a file is compared with the stock linker in options_test.cc.
#include "loader/importcfg.h"

#include <catch2/catch.hpp>

namespace {

using dovetail::loader::ImportCfg;
using dovetail::loader::PackageFile;

ImportCfg parse(std::string text, std::vector<std::string>* modinfo = nullptr) {
  ImportCfg cfg;
  std::vector<std::string> ignored;
  REQUIRE(cfg.parse("cfg", std::move(text), modinfo != nullptr ? modinfo : &ignored) == "");
  return cfg;
}

}  // namespace

TEST_CASE("packages are found by path, the last line of one wins") {
  ImportCfg none;
  CHECK(!none.present());
  CHECK(none.file_of("a") == "");

  ImportCfg cfg = parse("# comment\n\npackagefile fmt=/c/fmt.a\r\n\t packagefile a/b=x=y \npackagefile fmt=/c/later.a\n"
                        "packageshlib os=libos.so\npackagefile zip= spaced name\npackagefile aa=1");
  CHECK(cfg.present());
  CHECK(cfg.file_of("fmt") == "/c/later.a");
  CHECK(cfg.file_of("a/b") == "x=y");
  CHECK(cfg.file_of("zip") == " spaced name");
  CHECK(cfg.file_of("aa") == "1");
  CHECK(cfg.file_of("a") == "");
  CHECK(cfg.file_of("os") == "");
  CHECK(cfg.shared_library_of("os") == "libos.so");
  std::string order;
  for (const PackageFile& row : cfg.packages()) order += std::string(row.package) + " ";
  CHECK(order == "a/b aa fmt zip ");

  CHECK(parse("").present());
  CHECK(parse("").packages().empty());
}

TEST_CASE("views survive a move") {
  ImportCfg from = parse("packagefile a=b");
  ImportCfg to = std::move(from);
  CHECK(to.file_of("a") == "b");
}

TEST_CASE("modinfo lines are Go literals, in their order") {
  std::vector<std::string> modinfo;
  parse("modinfo \"a\\tb\\x41\\101\\u00e9\"\nmodinfo `raw\\t`\nmodinfo ''", &modinfo);
  CHECK(modinfo == std::vector<std::string>{"a\tbAA\xc3\xa9", "raw\\t", ""});
}

TEST_CASE("errors name file and line") {
  ImportCfg cfg;
  std::vector<std::string> modinfo;
  CHECK(cfg.parse("f", "packagefile a=b\n\nfrob x", &modinfo) == "f:3: unknown directive \"frob\"");
  CHECK(cfg.parse("f", "packagefile a", &modinfo) == "f:1: invalid packagefile: syntax is \"packagefile path=filename\"");
  CHECK(cfg.parse("f", "packageshlib =a", &modinfo) == "f:1: invalid packageshlib: syntax is \"packageshlib path=filename\"");
  CHECK(cfg.parse("f", "modinfo x", &modinfo) == "f:1: invalid modinfo: invalid syntax");
  CHECK(cfg.parse("f", std::string("\0\n\xff=", 4), &modinfo) == "f:1: unknown directive \"\\x00\"");
}
