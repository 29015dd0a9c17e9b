// Headers of PE images against cmd/link's own: taken apart and written again, they are the same bytes.
#include "linker/pe/headers.h"

#include <catch2/catch.hpp>
#include <string>

#include "objfmt/pe_header.h"
#include "tests/oracle/go_program.h"

namespace {

namespace base = dovetail::base;
namespace objfmt = dovetail::objfmt;
namespace oracle = dovetail::oracle;
using namespace dovetail::linker;

// Subsystem and flags of the optional header, by their places in PE32+.
uint16_t optional16(base::Bytes image, const objfmt::PeHeader& header, size_t at) {
  return base::load16(image.data() + header.optional_at + at);
}

std::vector<uint8_t> headers_again(base::Bytes image) {
  objfmt::PeHeader read = *objfmt::read_pe_header(image);
  PeHeaders headers;
  for (const PeMachine* machine : {&kPeAmd64, &kPeArm64}) {
    if (machine->number == read.machine) headers.machine = machine;
  }
  REQUIRE(headers.machine != nullptr);
  uint16_t flags = optional16(image, read, 70);
  headers.movable = flags & kPeDynamicBase;
  headers.high_entropy = flags & kPeHighEntropy;
  headers.gui = optional16(image, read, 68) == kPeWindowsGui;
  headers.image_base = read.image_base;
  headers.header_size = read.headers_size;
  headers.entry = static_cast<uint32_t>(read.entry);
  headers.symtab_offset = read.symbols_at;
  headers.symbol_count = read.symbol_count;
  for (size_t i = 0; i < kPeDirectoryCount; i++) headers.directories[i] = {read.directory(i).address, read.directory(i).size};
  // Places follow from sizes; names are what the table has.
  PeSectionTable sections(read.headers_size);
  for (size_t i = 0; i < read.sections.size(); i++) {
    const objfmt::PeSectionHeader& s = read.sections[i];
    const char* name = reinterpret_cast<const char*>(image.data() + read.sections_at + i * objfmt::kPeSectionHeaderBytes);
    sections.add(std::string_view(name, strnlen(name, 8)), s.memory_size, s.file_size, s.characteristics);
    CHECK(sections[i].address == s.address);
    CHECK(sections[i].file_offset == s.offset);
  }
  std::vector<uint8_t> bytes;
  emit_pe_headers(headers, sections, [&](uint64_t offset, base::Bytes part) {
    CHECK(offset == bytes.size());
    bytes.insert(bytes.end(), part.begin(), part.end());
  });
  return bytes;
}

TEST_CASE("headers of stock images") {
  if (!oracle::have_go()) return;
  for (const char* platform : {"GOOS=windows GOARCH=amd64", "GOOS=windows GOARCH=arm64"}) {
    oracle::GoProgram go({{"main.go", "package main\n\nfunc main() { println(1) }\n"}}, "", platform);
    REQUIRE(go.ok());
    for (const char* flags : {"-buildmode=exe", "-buildmode=pie", "-buildmode=pie -H=windowsgui -s -w", "-buildmode=exe -w"}) {
      INFO(platform << " " << flags);
      REQUIRE(go.stock_link(flags).status == 0);
      std::string text = oracle::read_file(go.path("main.exe"));
      base::Bytes image = base::as_bytes(text);
      std::vector<uint8_t> ours = headers_again(image);
      REQUIRE(ours.size() <= 1536);
      CHECK(std::string_view(text).substr(0, ours.size()) == base::as_text(ours));
      for (size_t i = ours.size(); i < 1536; i++) CHECK(image[i] == 0);
    }
  }
}

}  // namespace
