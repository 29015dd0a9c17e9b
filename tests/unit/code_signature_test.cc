// Signatures against cmd/link's own: the bytes before that of a stock image, signed again, are the stock image.
#include "linker/macho/code_signature.h"

#include <catch2/catch.hpp>
#include <string>

#include "objfmt/image_headers.h"
#include "tests/oracle/go_program.h"

namespace {

namespace base = dovetail::base;
namespace objfmt = dovetail::objfmt;
namespace oracle = dovetail::oracle;
using namespace dovetail::linker;

struct SignedImage {
  uint64_t signature = 0, signature_size = 0, text_size = 0;
};

SignedImage read_image(base::Bytes image) {
  constexpr uint32_t kSegment64 = 0x19, kCodeSignature = 0x1d;
  SignedImage found;
  std::string problem = objfmt::for_each_load_command(image, [&](uint64_t, base::Bytes command) {
    uint32_t kind = base::load32(command.data());
    if (kind == kCodeSignature) {
      found.signature = base::load32(command.data() + 8);
      found.signature_size = base::load32(command.data() + 12);
    } else if (kind == kSegment64 && base::as_text(command.subspan(8, 7)) == std::string_view("__TEXT\0", 7)) {
      found.text_size = base::load64(command.data() + 48);
    }
  });
  CHECK(problem == "");
  return found;
}

std::string sign(std::string_view code, uint64_t text_size, unsigned threads, const oracle::TempDir& dir) {
  base::OutputFile file;
  std::string path = dir.file("signed").string();
  uint64_t size = code.size() + code_signature_size(code.size());
  REQUIRE(file.open(path).ok());
  REQUIRE(file.reserve(size).ok());
  file.write(0, base::as_bytes(code));
  base::ThreadPool pool(threads);
  sign_code(pool, file, code.size(), text_size);
  REQUIRE(file.commit(size).ok());
  return oracle::read_file(path);
}

TEST_CASE("a stock image without its signature, signed by any number of threads") {
  if (!oracle::have_go()) return;
  oracle::GoProgram go({{"main.go", "package main\n\nfunc main() { println(1) }\n"}}, "", "GOOS=darwin GOARCH=arm64");
  REQUIRE(go.ok());
  oracle::TempDir dir;
  for (const char* flags : {"", "-s -w"}) {
    INFO(flags);
    REQUIRE(go.stock_link(flags).status == 0);
    std::string image = oracle::read_file(go.path("main.exe"));
    SignedImage at = read_image(base::as_bytes(image));
    REQUIRE(at.signature != 0);
    CHECK(at.signature_size == code_signature_size(at.signature));
    std::string_view code = std::string_view(image).substr(0, at.signature);
    for (unsigned threads : {1u, 2u, 5u}) CHECK(sign(code, at.text_size, threads, dir) == image);
  }
}

// Apple's cs_blobs.h: the count of pages stands at 28 of the code directory, which begins at 20.
TEST_CASE("a last page of any size counts") {
  oracle::TempDir dir;
  for (uint64_t size : {1u, 4095u, 4096u, 4097u, 262144u, 262145u}) {
    std::string code(size, 'x');
    std::string file = sign(code, size, 2, dir);
    const uint8_t* directory = base::as_bytes(file).data() + size + 20;
    uint32_t pages = uint32_t{directory[28]} << 24 | uint32_t{directory[29]} << 16 | uint32_t{directory[30]} << 8 | directory[31];
    CHECK(pages == (size + 4095) / 4096);
    // Pages that are the same have the same hash.
    if (size == 262144) CHECK(file.substr(file.size() - 32) == file.substr(file.size() - 64, 32));
    if (size == 262145) CHECK(file.substr(file.size() - 32) != file.substr(file.size() - 64, 32));
  }
}

}  // namespace
