// The reader of finished ELF images: what it accepts, what it clamps, what it refuses.
#include "objfmt/image_view.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <string>
#include <vector>

namespace {

namespace base = dovetail::base;
using namespace dovetail::objfmt;

// An image of one segment and four sections (null, .data, .symtab, .strtab, which also has the section
// names).
struct TinyImage {
  static constexpr size_t kData = 0x100, kSymtab = 0x120, kStrtab = 0x180, kHeaders = 0x1c0;
  std::vector<uint8_t> bytes = std::vector<uint8_t>(kHeaders + 4 * 64);

  TinyImage() {
    std::memcpy(bytes.data(),
                "\x7f"
                "ELF\2\1\1",
                7);
    put(16, 2, 2), put(18, kElfMachineAmd64, 2), put(20, 1, 4), put(24, 0x401000, 8);
    put(32, 64, 8), put(40, kHeaders, 8);
    put(52, 64, 2), put(54, 56, 2), put(56, 1, 2), put(58, 64, 2), put(60, 4, 2), put(62, 3, 2);
    put(64, 1, 4), put(68, 5, 4), put(72, 0, 8), put(80, 0x400000, 8), put(96, bytes.size(), 8);
    std::memcpy(bytes.data() + kData, "0123456789abcdef", 16);
    const char names[] = "\0.data\0.symtab\0.strtab\0first\0second";
    std::memcpy(bytes.data() + kStrtab, names, sizeof names);
    section(1, 1, 1, kElfFlagAlloc, 0x400100, kData, 16, 0);
    section(2, 7, kElfSectionSymtab, 0, 0, kSymtab, 72, 3);
    section(3, 15, kElfSectionStrtab, 0, 0, kStrtab, sizeof names, 0);
    symbol(1, 23, 0x400100, 4);
    symbol(2, 29, 0x400104, 8);
  }
  void put(size_t at, uint64_t value, size_t size) { std::memcpy(bytes.data() + at, &value, size); }
  void section(size_t i, uint32_t name, uint32_t type, uint64_t flags, uint64_t addr, uint64_t offset,
               uint64_t size, uint32_t link) {
    size_t at = kHeaders + i * 64;
    put(at, name, 4), put(at + 4, type, 4), put(at + 8, flags, 8), put(at + 16, addr, 8),
        put(at + 24, offset, 8);
    put(at + 32, size, 8), put(at + 40, link, 4);
  }
  void symbol(size_t i, uint32_t name, uint64_t value, uint64_t size) {
    size_t at = kSymtab + i * 24;
    put(at, name, 4), put(at + 4, 1, 1), put(at + 6, 1, 2), put(at + 8, value, 8), put(at + 16, size, 8);
  }
};

TEST_CASE("a whole image is read") {
  TinyImage image;
  auto view = ImageView::parse(image.bytes);
  REQUIRE(view.ok());
  CHECK(view->problems().empty());
  CHECK(view->header().entry == 0x401000);
  REQUIRE(view->segments().size() == 1);
  CHECK(view->segments()[0].vaddr == 0x400000);
  REQUIRE(view->sections().size() == 4);
  const ImageSection* data = view->find(".data");
  REQUIRE(data != nullptr);
  CHECK(view->index_of(*data) == 1);
  CHECK(base::as_text(data->bytes) == "0123456789abcdef");
  CHECK(view->section_at(0x400100) == data);
  CHECK(view->section_at(0x40010f) == data);
  CHECK(view->section_at(0x400110) == nullptr);
  CHECK(view->section_at(0x4000ff) == nullptr);
  CHECK(base::as_text(view->at(0x40010a)) == "abcdef");
  CHECK(base::as_text(view->at(0x400108, 4)) == "89ab");
  CHECK(view->at(0x400108, 9).empty());
  REQUIRE(view->symtab() != nullptr);
  REQUIRE(view->symbol_count(*view->symtab()) == 3);
  ImageSymbol second = view->symbol(*view->symtab(), 2);
  CHECK(second.name == "second");
  CHECK(second.value == 0x400104);
  CHECK(second.size == 8);
  CHECK(second.shndx == 1);
}

TEST_CASE("what is no 64-bit little-endian ELF file is refused with what was found") {
  TinyImage image;
  auto message = [](std::vector<uint8_t> bytes) {
    return std::string(ImageView::parse(bytes).status().message());
  };
  CHECK(message({}) == "not an ELF file: 0 bytes, the file header alone has 64");
  std::vector<uint8_t> magic = image.bytes, cls = image.bytes;
  magic[1] = 'X';
  CHECK(message(magic) == "not an ELF file: magic is 7f584c46, wanted 7f454c46");
  cls[4] = 1;
  CHECK(message(cls) == "not a 64-bit little-endian ELF file: class 1, data 1, wanted 2 and 1");
}

TEST_CASE("what lies outside the file is clamped and told") {
  TinyImage image;
  SECTION("a section that ends behind the file") {
    image.section(1, 1, 1, kElfFlagAlloc, 0x400100, TinyImage::kData, uint64_t{1} << 60, 0);
    auto view = ImageView::parse(image.bytes);
    REQUIRE(view.ok());
    CHECK(view->sections()[1].bytes.size() == image.bytes.size() - TinyImage::kData);
    REQUIRE(view->problems().size() == 1);
    CHECK(view->problems()[0] ==
          "section 1 (.data): 1152921504606846976 bytes at offset 0x100, the file holds 448 of them");
  }
  SECTION("a section that begins behind the file, at an offset that wraps around") {
    image.section(1, 1, 1, kElfFlagAlloc, 0x400100, UINT64_MAX - 4, 16, 0);
    auto view = ImageView::parse(image.bytes);
    REQUIRE(view.ok());
    CHECK(view->sections()[1].bytes.empty());
    CHECK(view->at(0x400100).empty());
  }
  SECTION("section headers behind the file") {
    image.put(40, UINT64_MAX - 8, 8);
    auto view = ImageView::parse(image.bytes);
    REQUIRE(view.ok());
    CHECK(view->sections().empty());
    CHECK(view->problems().size() == 1);
  }
  SECTION("more section headers than the file holds") {
    image.put(60, 0xffff, 2);
    auto view = ImageView::parse(image.bytes);
    REQUIRE(view.ok());
    CHECK(view->sections().size() == 4);
    CHECK(view->problems()[0] == "section header table: 65535 entries, the file holds 4");
  }
  SECTION("a name outside the table, an entry size that is not ours") {
    image.put(TinyImage::kHeaders + 64, 0x10000, 4);
    auto view = ImageView::parse(image.bytes);
    REQUIRE(view.ok());
    CHECK(view->sections()[1].name.empty());
    image.put(58, 63, 2);
    CHECK(ImageView::parse(image.bytes)->problems()[0] == "e_shentsize is 63, wanted 64");
  }
  SECTION("a string table without an end") {
    image.put(TinyImage::kHeaders + 3 * 64 + 32, 25, 8);
    auto view = ImageView::parse(image.bytes);
    REQUIRE(view.ok());
    CHECK(view->symbol(*view->symtab(), 1).name == "fi");
    CHECK(view->symbol(*view->symtab(), 2).name.empty());
  }
}

TEST_CASE("notes end at the first damaged one") {
  std::vector<uint8_t> bytes(64);
  auto put = [&](size_t at, uint32_t v) { std::memcpy(bytes.data() + at, &v, 4); };
  put(0, 4), put(4, 3), put(8, 3);
  std::memcpy(bytes.data() + 12, "GNU", 4);
  std::memcpy(bytes.data() + 16, "xyz", 3);
  put(20, 4), put(24, 0xffffff00), put(28, 1);
  ImageSection section{};
  section.bytes = bytes;
  std::vector<ImageNote> notes = ImageView::notes(section);
  REQUIRE(notes.size() == 1);
  CHECK(notes[0].owner == "GNU");
  CHECK(notes[0].type == 3);
  CHECK(base::as_text(notes[0].desc) == "xyz");
}

TEST_CASE("a compression header needs the flag and its 24 bytes") {
  std::vector<uint8_t> bytes(30);
  bytes[0] = 1;
  bytes[8] = 200;
  ImageSection section{};
  section.bytes = bytes;
  CHECK_FALSE(ImageView::compression(section).has_value());
  section.flags = kElfFlagCompressed;
  auto c = ImageView::compression(section);
  REQUIRE(c.has_value());
  CHECK(c->type == 1);
  CHECK(c->size == 200);
  CHECK(c->payload.size() == 6);
  section.bytes = section.bytes.first(23);
  CHECK_FALSE(ImageView::compression(section).has_value());
}

TEST_CASE("any prefix and any flipped byte of the headers can be read") {
  TinyImage image;
  auto touch = [](const std::vector<uint8_t>& bytes) {
    auto view = ImageView::parse(bytes);
    if (!view.ok()) return;
    for (const ImageSection& s : view->sections()) {
      for (size_t i = 0; i < view->symbol_count(s); i++) (void)view->symbol(s, i).name.size();
      ImageView::notes(s);
      (void)view->at(s.addr).size();
    }
  };
  for (size_t n = 0; n <= image.bytes.size(); n++) {
    touch(std::vector<uint8_t>(image.bytes.begin(), image.bytes.begin() + static_cast<ptrdiff_t>(n)));
  }
  for (size_t i = 0; i < image.bytes.size(); i++) {
    for (uint8_t mask : {0x01, 0x80, 0xff}) {
      std::vector<uint8_t> bytes = image.bytes;
      bytes[i] ^= mask;
      touch(bytes);
    }
  }
  SUCCEED();
}

}  // namespace
