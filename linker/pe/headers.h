// The headers of a PE image: the program that says it is none of DOS's, file header, optional header, section table.
//
//   0     DOS header and program, "PE\0\0", file header, optional header, section table
//   1536  sections, each from a multiple of 512 on
//
// cmd/link ld/pe.go pewrite, Go 1.26.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "base/file.h"
#include "linker/pe/pe_format.h"

namespace dovetail::linker {

struct PeSection {
  std::string name;  // as the table has it: up to eight bytes, or "/" and a place in the string table
  uint32_t size = 0, address = 0;         // in memory, relative to the image
  uint32_t file_size = 0, file_offset = 0;
  uint32_t flags = 0;
};

// Sections lie one behind the other, in memory and in the file.
class PeSectionTable {
 public:
  explicit PeSectionTable(uint32_t header_size);
  // Returns its index. `file_size`: of the bytes that are not zero.
  size_t add(std::string_view name, uint64_t size, uint64_t file_size, uint32_t flags);
  const PeSection& operator[](size_t i) const { return sections_[i]; }
  const std::vector<PeSection>& all() const { return sections_; }
  uint32_t next_address() const { return next_address_; }
  uint32_t next_offset() const { return next_offset_; }

 private:
  std::vector<PeSection> sections_;
  uint32_t next_address_, next_offset_;
};

struct PeHeaders {
  const PeMachine* machine = nullptr;
  bool movable = false;         // with base relocations
  bool high_entropy = false;    // and anywhere in 64 bits
  bool gui = false;
  uint64_t image_base = 0;
  uint32_t header_size = 0;
  uint32_t entry = 0;           // relative to the image
  uint32_t symtab_offset = 0, symbol_count = 0;
  struct Directory {
    uint32_t address = 0, size = 0;
  };
  std::array<Directory, kPeDirectoryCount> directories;
  Directory& directory(PeDirectory d) { return directories[static_cast<size_t>(d)]; }
};

// `sections`: .text, .rdata and .data are the first three.
void emit_pe_headers(const PeHeaders& headers, const PeSectionTable& sections, base::Sink sink);

}  // namespace dovetail::linker
