// A view of a finished image in ELF's terms: header, sections, segments, symbols, notes. ELF64 little-endian
// (elf_view.cc) is what it is; other formats are brought into these terms (macho_view.cc, pe_view.cc): what the system
// maps as one is a segment, what has a meaning of its own within is a section, under the name that ELF gives it.
//
// The reader is for tools that explain images, some of them half written or damaged, so it is tolerant: only
// a missing magic, class, byte order or file header is an error. Everything else is clamped to what the file
// really holds, and `problems()` tells what was clamped. No accessor reads outside the bytes given to
// parse(), and nothing is allocated in proportion to a count that the file merely claims.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/bytes.h"

namespace dovetail::objfmt {

enum class ImageFormat : uint8_t { kElf, kMacho, kPe };

inline constexpr uint16_t kElfTypeRelocatable = 1, kElfTypeExecutable = 2, kElfTypeDynamic = 3;
inline constexpr uint16_t kElfMachineAmd64 = 62;
inline constexpr uint16_t kElfMachineArm64 = 183;
inline constexpr uint32_t kElfSectionNote = 7;
inline constexpr uint32_t kElfSectionNobits = 8;
inline constexpr uint32_t kElfSectionSymtab = 2;
inline constexpr uint32_t kElfSectionStrtab = 3;
inline constexpr uint32_t kElfSectionRela = 4;
// No types of ELF's: entries are Mach-O's, COFF's.
inline constexpr uint32_t kMachoSymbolTable = 0x6d616368, kCoffSymbolTable = 0x636f6666;
inline constexpr uint64_t kElfFlagWrite = 1;
inline constexpr uint64_t kElfFlagAlloc = 2;
inline constexpr uint64_t kElfFlagExec = 4;
inline constexpr uint64_t kElfFlagCompressed = 0x800;

struct ImageHeader {
  uint8_t ident[16];
  uint16_t type, machine;
  uint32_t version;
  uint64_t entry, phoff, shoff;
  uint32_t flags;
  uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct ImageSegment {
  uint32_t type, flags;
  uint64_t offset, vaddr, paddr, filesz, memsz, align;
  std::string_view name = {};  // ELF's have none
};

struct ImageSection {
  std::string_view name;  // "" if the name lies outside the section name table
  uint32_t name_offset, type;
  uint64_t flags, addr, offset, size;
  uint32_t link, info;
  uint64_t addralign, entsize;
  base::Bytes bytes;  // contents in the file, clamped to it; empty for NOBITS
  uint32_t characteristics = 0;  // of the section of a PE file that it is or is part of

  bool contains(uint64_t address) const {
    return (flags & kElfFlagAlloc) != 0 && address >= addr && address - addr < size;
  }
};

// Numbers of sections that are none; the last one: a number that the file does not have.
inline constexpr uint16_t kElfUndefined = 0, kElfReserved = 0xff00, kElfAbsolute = 0xfff1, kElfCommon = 0xfff2,
                          kNumberOfNone = 0xffff, kNumberOutside = 0xfffe;

struct ImageSymbol {
  std::string_view name;
  uint32_t name_offset;
  uint8_t info, other;
  uint16_t shndx;
  uint64_t value, size;
};

struct ImageNote {
  std::string_view owner;
  uint32_t type;
  base::Bytes desc;
};

// The contents of a section as they are after decompression's header was taken off.
struct ImageCompression {
  uint32_t type;  // 1 zlib, 2 zstd
  uint64_t size, align;
  base::Bytes payload;
};

class ImageView {
 public:
  // REQUIRES: `image` outlives the view. Error: none of the formats, by magic and file header.
  static absl::StatusOr<ImageView> parse(base::Bytes image);

  ImageFormat format() const { return format_; }
  base::Bytes image() const { return image_; }
  const ImageHeader& header() const { return header_; }
  const std::vector<ImageSegment>& segments() const { return segments_; }
  const std::vector<ImageSection>& sections() const { return sections_; }
  const std::vector<std::string>& problems() const { return problems_; }

  // First section of that name, or null.
  const ImageSection* find(std::string_view name) const;
  // The symbol table (SHT_SYMTAB, or that of another format, of which there is one at most), or null.
  const ImageSection* symtab() const;
  // The allocated section that contains the address, or null.
  const ImageSection* section_at(uint64_t address) const;
  // Index of a section of this view.
  size_t index_of(const ImageSection& section) const {
    return static_cast<size_t>(&section - sections_.data());
  }

  // Bytes from `address` to the end of its section's file contents; empty if nothing is mapped there or it is
  // NOBITS.
  base::Bytes at(uint64_t address) const;
  // Exactly `size` bytes there, or an empty span.
  base::Bytes at(uint64_t address, uint64_t size) const;

  // Number of whole entries of a symbol table section; entry `index` of it (REQUIRES: index below that
  // number). As in ELF there is an empty one before the first; records that say more about the one before them (COFF),
  // or are for debuggers (Mach-O's stabs), are passed over.
  size_t symbol_count(const ImageSection& table) const {
    bool foreign = table.type == kMachoSymbolTable || table.type == kCoffSymbolTable;
    return foreign && format_ != ImageFormat::kElf ? records_.size() + 1 : table.bytes.size() / 24;
  }
  ImageSymbol symbol(const ImageSection& table, size_t index) const;
  // The number of that entry's record in the file, of a table other than ELF's. REQUIRES: index is not 0.
  uint64_t record_of(size_t index) const { return records_[index - 1]; }

  // Whether words hold the addresses that the image is linked for: always but in ELF's movable ones, where the system
  // fills them in.
  bool holds_addresses() const { return format_ != ImageFormat::kElf || header_.type == kElfTypeExecutable; }

  // Notes of a note section, up to the first damaged one.
  static std::vector<ImageNote> notes(const ImageSection& section);
  // The compression header of a section with SHF_COMPRESSED, if it is whole. Also "ZLIB" and the size, which other
  // formats have.
  static std::optional<ImageCompression> compression(const ImageSection& section);

  // The NUL-terminated string at `offset`, "" if outside; the end of the table also ends it.
  static std::string_view string_at(base::Bytes table, uint64_t offset);

 private:
  friend class MachoReader;
  friend class PeReader;
  ImageSymbol elf_symbol(const ImageSection& table, size_t index) const;
  ImageSymbol macho_symbol(const ImageSection& table, size_t index) const;
  ImageSymbol coff_symbol(const ImageSection& table, size_t index) const;
  uint64_t coff_value(const uint8_t* record) const;
  uint64_t size_up_to_next(uint64_t value) const;
  void index_addresses();
  void parse_segments();
  void parse_sections();
  void name_sections();

  base::Bytes image_;
  ImageFormat format_ = ImageFormat::kElf;
  ImageHeader header_{};
  std::vector<ImageSegment> segments_;
  std::vector<ImageSection> sections_;
  std::vector<uint32_t> by_address_;  // allocated sections with a size, sorted by address
  std::vector<std::string> problems_;
  // Of symbol tables other than ELF's.
  std::vector<uint32_t> records_;     // number of each symbol's record
  std::vector<uint64_t> values_;      // ascending: a symbol reaches to the next
  struct Numbered {
    uint64_t address;  // of the file's section
    uint32_t first;    // of this view's sections that it is
  };
  std::vector<Numbered> numbered_;    // PE: by number of section, less one; then where the last one's end
};

// Executables and objects for macOS, and for Windows. ImageView::parse calls them.
absl::StatusOr<ImageView> parse_macho(base::Bytes image);
absl::StatusOr<ImageView> parse_pe(base::Bytes image);

}  // namespace dovetail::objfmt
