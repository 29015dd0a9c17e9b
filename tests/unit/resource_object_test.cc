// objfmt/resource_object.h: what is read of an object, and what is said about a damaged one. failures/windows.sh compares
// images with resources with those of the stock linker.
#include "objfmt/resource_object.h"

#include <catch2/catch.hpp>
#include <string>

namespace {

using dovetail::base::store16;
using dovetail::base::store32;
using dovetail::objfmt::read_resource_object;
using dovetail::objfmt::ResourceSection;

// Offsets in the object that make_object makes, which has two sections.
constexpr size_t kSections = 20, kSectionSize = 40;
constexpr size_t kData = kSections + 2 * kSectionSize, kDataSize = 12;
constexpr size_t kRelocs = kData + 2 * kDataSize, kRelocSize = 10;
constexpr size_t kSymbols = kRelocs + 2 * kRelocSize, kSymbolSize = 18;
constexpr uint16_t kAmd64Relative = 3, kAmd64Wide = 1, kArm64Relative = 2;

// .rsrc$01 with two relocations, against .rsrc$02 and against the symbol "leaf" there; .rsrc$02 with none.
std::vector<uint8_t> make_object(uint16_t relative = kAmd64Relative) {
  std::vector<uint8_t> object(kSymbols + 2 * kSymbolSize);
  uint8_t* p = object.data();
  store16(p, 0x8664), store16(p + 2, 2);
  store32(p + 8, kSymbols), store32(p + 12, 2);
  for (size_t i = 0; i < 2; i++) {
    uint8_t* section = p + kSections + i * kSectionSize;
    std::string name = ".rsrc$0" + std::to_string(i + 1);
    std::memcpy(section, name.data(), 8);
    store32(section + 16, kDataSize), store32(section + 20, static_cast<uint32_t>(kData + i * kDataSize));
    store32(section + 36, 0x40000040);
    if (i == 0) store32(section + 24, kRelocs), store16(section + 32, 2);
  }
  store32(p + kData, 100), store32(p + kData + 8, 7);
  store32(p + kRelocs, 8), store32(p + kRelocs + 4, 1), store16(p + kRelocs + 8, relative);
  store32(p + kRelocs + kRelocSize, 0), store16(p + kRelocs + kRelocSize + 8, relative);
  uint8_t* symbol = p + kSymbols;
  std::memcpy(symbol, ".rsrc$02", 8), store32(symbol + 8, 0), symbol[12] = 2, symbol[16] = 3;
  symbol += kSymbolSize;
  std::memcpy(symbol, "leaf", 4), store32(symbol + 8, 5), symbol[12] = 2, symbol[16] = 3;
  return object;
}

std::string problem(const std::vector<uint8_t>& object, bool arm64 = false) {
  auto sections = read_resource_object(object, arm64);
  return sections.ok() ? "none" : std::string(sections.status().message());
}

// The same with 32 bits, or 16, replaced.
std::string damaged32(size_t at, uint32_t value) {
  std::vector<uint8_t> object = make_object();
  store32(&object[at], value);
  return problem(object);
}
std::string damaged16(size_t at, uint16_t value) {
  std::vector<uint8_t> object = make_object();
  store16(&object[at], value);
  return problem(object);
}

}  // namespace

TEST_CASE("sections and their relocations, ascending") {
  for (bool arm64 : {false, true}) {
    std::vector<uint8_t> object = make_object(arm64 ? kArm64Relative : kAmd64Relative);
    CHECK(dovetail::objfmt::is_coff(object));
    auto sections = read_resource_object(object, arm64);
    REQUIRE(sections.ok());
    REQUIRE(sections->size() == 2);
    const ResourceSection& directories = (*sections)[0];
    CHECK(directories.name == ".rsrc$01");
    CHECK(directories.split);
    CHECK(directories.data.data() == object.data() + kData);
    CHECK(directories.data.size() == kDataSize);
    REQUIRE(directories.relocs.size() == 2);
    CHECK(directories.relocs[0].offset == 0);
    CHECK(directories.relocs[0].addend == 100);
    CHECK(directories.relocs[1].offset == 8);
    CHECK(directories.relocs[1].addend == 7 + 5);
    CHECK((*sections)[1].relocs.empty());
  }
}

TEST_CASE("an object that has code is for somebody else") {
  std::vector<uint8_t> object = make_object();
  std::memcpy(&object[kSections + kSectionSize], ".text\0\0\0", 8);
  CHECK(absl::IsUnimplemented(read_resource_object(object, false).status()));
  store32(&object[kSections + kSectionSize + 36], 0x02000040);  // discardable: debug information
  CHECK(problem(object) == "none");
}

TEST_CASE("damaged objects: what is wrong, and where") {
  CHECK(damaged32(8, 200) == "symbol table: 36 bytes at offset 200 lie outside the object, which has 180");
  CHECK(damaged32(12, 0xffffffff) ==
        "symbol table: 77309411310 bytes at offset 144 lie outside the object, which has 180");
  CHECK(damaged16(2, 5) == "section table: 200 bytes at offset 20 lie outside the object, which has 180");
  CHECK(damaged16(16, 0xffff) == "section table: 80 bytes at offset 65555 lie outside the object, which has 180");
  CHECK(damaged32(kSections + 16, 0xfffffff0) ==
        "section .rsrc$01: 4294967280 bytes at offset 100 lie outside the object, which has 180");
  CHECK(damaged32(kSections + 20, 181) ==
        "section .rsrc$01: 12 bytes at offset 181 lie outside the object, which has 180");
  CHECK(damaged32(kSections + 36, 0x60000040) ==
        "section .rsrc$01: flags are 0x60000040, wanted readable, perhaps writable, data");
  CHECK(damaged16(kSections + 32, 0xffff) ==
        "relocations of section .rsrc$01: 655350 bytes at offset 124 lie outside the object, which has 180");
  CHECK(damaged32(kSections + 24, 0xffffffff) ==
        "relocations of section .rsrc$01: 20 bytes at offset 4294967295 lie outside the object, which has 180");
  CHECK(damaged32(kRelocs, 9) ==
        "section .rsrc$01: relocation 0: 4 bytes at offset 9 lie outside the section, which has 12");
  CHECK(damaged32(kRelocs, 0xffffffff) ==
        "section .rsrc$01: relocation 0: 4 bytes at offset 4294967295 lie outside the section, which has 12");
  CHECK(damaged16(kRelocs + 8, kAmd64Wide) ==
        "section .rsrc$01: relocation 0: 8 bytes at offset 8 lie outside the section, which has 12");
  CHECK(damaged16(kRelocs + kRelocSize + 8, 99) == "section .rsrc$01: relocation 1: unknown type 99");
  CHECK(damaged32(kRelocs + kRelocSize + 4, 2) == "section .rsrc$01: relocation 1: symbol 2 of 2");
}

TEST_CASE("cut anywhere, it is an error that says so") {
  std::vector<uint8_t> whole = make_object();
  for (size_t size = 0; size < whole.size(); size++) {
    // A copy of its own: reading behind it is seen by sanitizers.
    std::string text = problem(std::vector<uint8_t>(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size)));
    INFO(size << ": " << text);
    if (size < 20) {
      CHECK(text == "truncated header: " + std::to_string(size) + " bytes, wanted 20");
    } else {
      CHECK(text.find("lie outside the object, which has " + std::to_string(size)) != std::string::npos);
    }
  }
}
