// All of an ELF executable that is not the content of a section: file header, program and section headers,
// section names, notes, interpreter.
//
// The headers stand in the page below the text (Image::header_size), the file header and both tables at its
// start; interpreter and notes are laid from the text downwards. Symbol table, string table and section names
// follow the last segment:
//
//   0          file header, program headers, section headers
//   ... 4096   .note.go.buildid, .note.gnu.build-id, .interp
//   4096       segments
//   align 8    .symtab, .strtab (unless -s), .shstrtab
//
// Section headers are numbered when the image is frozen: in the order in which cmd/link creates them, then
// sorted stably, allocated ones first by address and size. Everything is decided by plan_elf; emit_elf writes
// it. cmd/link ld/elf.go Asmbelfsetup, asmbElf, elfSortShdrs, elfWriteShstrtab, Go 1.26.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/diag.h"
#include "base/file.h"
#include "linker/elf/elf_format.h"
#include "linker/image.h"

namespace dovetail::linker {

// What the headers depend on beside the image.
struct ElfInputs {
  const ElfMachine* machine = &kElfAmd64;
  bool position_independent = false;
  uint64_t entry = 0;
  std::string_view build_id;   // -buildid
  base::Bytes gnu_build_id;    // -B
  bool strip_symbols = false;  // -s
  uint64_t symtab_size = 0;    // bytes of the native symbol table
  uint32_t first_global = 0;   // number of its first global symbol
  uint64_t strtab_size = 0;
  bool dynamic = false;        // the image has .dynamic and its companions
  std::string interpreter;     // of a dynamic image
  uint32_t version_needs = 0;  // entries of .gnu.version_r
};

struct ElfSegmentHeader {
  uint32_t type = 0, flags = 0;
  uint64_t offset = 0, address = 0, file_size = 0, size = 0, align = 0;
};

struct ElfSectionHeader {
  std::string name;
  uint32_t name_offset = 0, type = 0;
  uint64_t flags = 0, address = 0, offset = 0, size = 0;
  uint32_t link = 0, info = 0;
  uint64_t align = 0, entry_size = 0;
};

struct ElfPiece {  // bytes at a place of the file: a note, the interpreter
  uint64_t offset;
  std::string bytes;
};

struct ElfPlan {
  uint16_t type = 0, machine = 0;
  uint64_t entry = 0;
  std::vector<ElfSegmentHeader> segments;
  std::vector<ElfSectionHeader> sections;
  uint16_t names_section = 0;
  std::vector<uint16_t> section_number;  // of Image::sections
  std::vector<ElfPiece> pieces;
  std::string names;  // .shstrtab
  uint64_t symtab_offset = 0, strtab_offset = 0, names_offset = 0;
  uint64_t file_size = 0;
};

// REQUIRES: `image` is final: addresses and file offsets of every segment (kDwarf has an offset even if it is
// empty) and of every section, DWARF sections included, with their compressed sizes.
ElfPlan plan_elf(const Image& image, const ElfInputs& inputs, base::Diagnostics& diag);

// Writes the header page and the section names.
void emit_elf(const ElfPlan& plan, base::Sink sink);

// The interpreter of a dynamic image: `chosen` (-I or a cgo_dynamic_linker directive), else the machine's.
std::string elf_interpreter(const ElfMachine& machine, std::string_view chosen);

}  // namespace dovetail::linker
