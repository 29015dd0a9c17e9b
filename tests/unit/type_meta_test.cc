// Decoding of type descriptors: well-formed ones by way of reachability (dump_dep_test), here the edges and what
// damaged ones give.
#include "loader/type_meta.h"

#include <algorithm>

#include <catch2/catch.hpp>

namespace {

using namespace dovetail;

std::vector<uint8_t> type_of_kind(loader::TypeKind kind, bool uncommon, size_t size) {
  std::vector<uint8_t> type(size);
  if (size > 20) type[20] = uncommon;
  if (size > 23) type[23] = static_cast<uint8_t>(kind);
  return type;
}

TEST_CASE("method tables lie behind what the kind adds") {
  // 48 bytes of every type, then a pointer's element, then the uncommon part.
  std::vector<uint8_t> type = type_of_kind(loader::TypeKind::kPointer, true, 48 + 8 + 16);
  type[48 + 8 + 4] = 3;   // methods
  type[48 + 8 + 8] = 16;  // from the uncommon part
  auto table = loader::method_table(type, 48 + 8 + 16 + 3 * 16);
  REQUIRE(table);
  CHECK(table->offset == 72);
  CHECK(table->count == 3);
  CHECK_FALSE(loader::method_table(type, 48 + 8 + 16 + 3 * 16 - 1));
  std::fill(&type[48 + 8 + 8], &type[48 + 8 + 12], 0xff);  // an offset that wraps when added in 32 bits
  CHECK_FALSE(loader::method_table(type, ~0u));
}

TEST_CASE("data that ends early reads as zero, without methods") {
  const std::vector<uint8_t> type = type_of_kind(loader::TypeKind::kStruct, true, 50);
  auto table = loader::method_table(type, 200);
  REQUIRE(table);
  CHECK(table->count == 0);
  CHECK(loader::type_kind(base::Bytes(type).first(23)) == loader::TypeKind::kInvalid);
  CHECK_FALSE(loader::has_uncommon(base::Bytes(type).first(20)));
  CHECK_FALSE(loader::is_interface({}));
}

TEST_CASE("names: flag byte, length, text") {
  const std::vector<uint8_t> name = {1, 3, 'F', 'o', 'o', 9};
  CHECK(loader::decode_name(name) == std::string_view("Foo"));
  std::vector<uint8_t> longer = {0, 0x80, 0x02};
  CHECK_FALSE(loader::decode_name(longer));
  longer.resize(3 + 256, 'x');
  CHECK(loader::decode_name(longer)->size() == 256);
  CHECK_FALSE(loader::decode_name(std::vector<uint8_t>{0}));
  CHECK_FALSE(loader::decode_name(std::vector<uint8_t>{0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}));
  CHECK_FALSE(loader::decode_name({}));
}

TEST_CASE("exported names begin with what unicode.IsUpper accepts") {
  for (const char* name : {"A", "Foo", "Zx", "\u00c9t\u00e9", "\u0394x", "\U00010400"}) CHECK(loader::is_exported_name(name));
  for (const char* name : {"", "foo", "_Foo", "@", "[", "1", "\u00e9T", "\u01c5", "\u4e16", "\xff", "\xc3"}) {
    CHECK_FALSE(loader::is_exported_name(name));
  }
}

}  // namespace
