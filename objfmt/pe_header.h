// Headers of PE images and COFF objects, as far as the file holds them.
//
//   image only: DOS header, at 60 the place of "PE\0\0", and that
//   file header 20:       machine:2 sections:2 time:4 symbols at:4 symbols:4 size of optional header:2 flags:2
//   optional header:      magic:2 … (PE32 and PE32+), then up to 16 data directories, address:4 size:4
//   section header 40:    name[8] memory:4 address:4 file:4 offset:4 relocations at:4 lines at:4 relocations:2 lines:2
//                         characteristics:4
//   symbol 18:            name[8], or 0:4 and its offset in the string table:4, value:4 section:2 type:2 class:1
//                         records that belong to it:1
//   string table          behind the symbols: its size with these four bytes, then strings that end with a zero
//
// Addresses are relative to the image. Microsoft's "PE Format"; debug/pe/file.go, Go 1.26.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/bytes.h"

namespace dovetail::objfmt {

inline constexpr uint64_t kPeFileHeaderBytes = 20, kPeSectionHeaderBytes = 40, kCoffRecordBytes = 18;
// IMAGE_SCN_*
inline constexpr uint32_t kPeHoldsCode = 0x20, kPeHoldsData = 0x40, kPeHoldsZeros = 0x80, kPeIsDiscardable = 0x2000000,
                          kPeMayExecute = 0x20000000, kPeMayRead = 0x40000000, kPeMayWrite = 0x80000000;
// IMAGE_DIRECTORY_ENTRY_*
enum PeDirectoryIndex : uint8_t {
  kPeExports = 0, kPeImports = 1, kPeResources = 2, kPeExceptions = 3, kPeCertificates = 4, kPeBaseRelocs = 5,
  kPeImportAddresses = 12
};

struct PeDirectoryEntry {
  uint32_t address = 0, size = 0;  // of certificates: an offset in the file
};

struct PeSectionHeader {
  std::string_view name;  // the full one
  uint32_t memory_size, address, file_size, offset, relocs_at, lines_at;
  uint16_t relocs, lines;
  uint32_t characteristics;
  // Bytes of the file that are its contents: images pad to the alignment of the file.
  uint32_t content_size() const { return memory_size != 0 && memory_size < file_size ? memory_size : file_size; }
};

struct PeHeader {
  bool is_image = false;  // else an object
  uint64_t file_header_at = 0, optional_at = 0, sections_at = 0;
  uint16_t machine = 0, optional_size = 0, flags = 0, magic = 0;
  uint32_t symbols_at = 0, symbol_count = 0;
  uint64_t entry = 0, image_base = 0;  // entry: relative to the image
  uint32_t section_align = 0, file_align = 0, image_size = 0, headers_size = 0;
  std::vector<PeDirectoryEntry> directories;
  uint64_t directories_at = 0;
  std::vector<PeSectionHeader> sections;
  uint16_t claimed_sections = 0;  // those that the file header tells of
  std::vector<std::string> problems;

  PeDirectoryEntry directory(size_t i) const { return i < directories.size() ? directories[i] : PeDirectoryEntry{}; }
  uint64_t strings_at() const { return symbols_at + symbol_count * kCoffRecordBytes; }
};

// By the DOS header, or a machine's number in front of a file header that fits into the file.
bool looks_like_pe(base::Bytes file);

// Error: no PE header where the DOS header says, or a file header that is cut short. Names are views of the file.
absl::StatusOr<PeHeader> read_pe_header(base::Bytes file);

// The string table with its size, as much of it as there is; empty without symbols.
base::Bytes coff_strings(base::Bytes file, const PeHeader& header);

// "import", "exception" …; "" behind the last of them.
std::string_view pe_directory_name(size_t index);

}  // namespace dovetail::objfmt
