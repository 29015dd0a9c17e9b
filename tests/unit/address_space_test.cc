// base::AddressSpace: many files, of which only so many are mapped each by itself.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/text.h"

namespace {

using namespace dovetail::base;

struct Folder {
  std::string path = std::filesystem::temp_directory_path() / "address-space-XXXXXX";
  Folder() { REQUIRE(mkdtemp(path.data()) != nullptr); }
  ~Folder() { std::filesystem::remove_all(path); }
};

// As /proc/self/maps has it: the ranges of addresses that overlap [begin, end).
size_t mappings_within(const uint8_t* begin, const uint8_t* end) {
  std::ifstream maps("/proc/self/maps");
  size_t count = 0;
  for (std::string line; std::getline(maps, line);) {
    char* dash = nullptr;
    uint64_t from = std::strtoull(line.c_str(), &dash, 16), to = std::strtoull(dash + 1, nullptr, 16);
    count += from < reinterpret_cast<uintptr_t>(end) && to > reinterpret_cast<uintptr_t>(begin);
  }
  return count;
}

}  // namespace

TEST_CASE("files beyond the bound share a mapping, and read as they are") {
  Folder folder;
  const size_t sizes[] = {1, 4096, 10000, 0, 4095, 4097, 200000, 3, 65536, 1, 0, 8192};
  std::vector<std::string> contents;
  for (size_t size : sizes) {
    std::string text(size, 0);
    for (size_t i = 0; i < size; i++) text[i] = static_cast<char>(contents.size() * 7 + i * i / 13);
    std::ofstream(concat(folder.path, "/", contents.size()), std::ios::binary) << text;
    contents.push_back(std::move(text));
  }
  for (uint32_t most : {0u, 1u, 3u, 7u, AddressSpace::kMostMapped}) {
    AddressSpace space(1 << 20, most);
    std::vector<MappedFile> files;
    for (size_t i = 0; i < contents.size(); i++) {
      absl::StatusOr<MappedFile> file = MappedFile::open(concat(folder.path, "/", i), &space);
      REQUIRE(file.ok());
      files.push_back(*std::move(file));
    }
    for (int round = 0; round < 2; round++) {  // the second one after the pages were given back
      for (size_t i = 0; i < contents.size(); i++) CHECK(as_text(files[i].bytes()) == contents[i]);
      for (const MappedFile& file : files) {
        if (!file.bytes().empty()) CHECK(space.holds(file.bytes().data()));
        MappedFile::drop(file.bytes());
      }
    }
    if (most >= contents.size()) continue;
    const uint8_t* first =
        files[most].bytes().data() ? files[most].bytes().data() : files[most + 1].bytes().data();
    Bytes last = files.back().bytes();
    CHECK(mappings_within(first, last.data() + last.size()) == 1);
  }
}

TEST_CASE("a file for which no place is left is mapped elsewhere") {
  Folder folder;
  std::string path = concat(folder.path, "/file");
  std::ofstream(path, std::ios::binary) << std::string(20000, 'x');
  AddressSpace space(8192, 0);
  absl::StatusOr<MappedFile> file = MappedFile::open(path, &space);
  REQUIRE(file.ok());
  CHECK(file->bytes().size() == 20000);
  CHECK(file->bytes()[19999] == 'x');
  CHECK(!space.holds(file->bytes().data()));
}

TEST_CASE("a file that became shorter after it was opened is an error where it is copied") {
  Folder folder;
  std::string path = concat(folder.path, "/file");
  std::ofstream(path, std::ios::binary) << std::string(20000, 'x');
  AddressSpace space(1 << 20, 0);
  absl::StatusOr<OpenedFile> opened = OpenedFile::open(path);
  REQUIRE(opened.ok());
  std::filesystem::resize_file(path, 5000);
  absl::StatusOr<MappedFile> file = opened->map(space, space.take(opened->size()));
  REQUIRE(!file.ok());
  CHECK(file.status().message() == "input/output error");
}
