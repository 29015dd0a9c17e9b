// ELF64 little-endian.
//
// Layout (Tool Interface Standard, ELF-64 Object File Format):
//
//   file header 64 bytes: ident[16] type:2 machine:2 version:4 entry:8 phoff:8 shoff:8 flags:4
//                         ehsize:2 phentsize:2 phnum:2 shentsize:2 shnum:2 shstrndx:2
//   program header 56:    type:4 flags:4 offset:8 vaddr:8 paddr:8 filesz:8 memsz:8 align:8
//   section header 64:    name:4 type:4 flags:8 addr:8 offset:8 size:8 link:4 info:4 addralign:8 entsize:8
//   symbol 24:            name:4 info:1 other:1 shndx:2 value:8 size:8
#include "objfmt/image_view.h"
#include "objfmt/pe_header.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_format.h"

namespace dovetail::objfmt {
namespace {

using base::load16, base::load32, base::load64;

constexpr size_t kHeaderSize = 64, kSegmentSize = 56, kSectionSize = 64, kSymbolSize = 24;

// The part of [offset, offset + size) that the file holds.
base::Bytes clamp(base::Bytes bytes, uint64_t offset, uint64_t size) {
  if (offset >= bytes.size()) return {};
  return bytes.subspan(offset, std::min<uint64_t>(size, bytes.size() - offset));
}

ImageHeader load_header(const uint8_t* p) {
  ImageHeader h;
  std::memcpy(h.ident, p, sizeof h.ident);
  h.type = load16(p + 16);
  h.machine = load16(p + 18);
  h.version = load32(p + 20);
  h.entry = load64(p + 24);
  h.phoff = load64(p + 32);
  h.shoff = load64(p + 40);
  h.flags = load32(p + 48);
  h.ehsize = load16(p + 52);
  h.phentsize = load16(p + 54);
  h.phnum = load16(p + 56);
  h.shentsize = load16(p + 58);
  h.shnum = load16(p + 60);
  h.shstrndx = load16(p + 62);
  return h;
}

}  // namespace

absl::StatusOr<ImageView> ImageView::parse(base::Bytes image) {
  constexpr uint32_t kMachoMagic = 0xfeedfacf;
  if (image.size() >= 4 && load32(image.data()) == kMachoMagic) return parse_macho(image);
  if (looks_like_pe(image)) return parse_pe(image);
  if (image.size() < kHeaderSize) {
    return absl::InvalidArgumentError(
        absl::StrFormat("not an ELF file: %d bytes, the file header alone has 64", image.size()));
  }
  if (std::memcmp(image.data(),
                  "\x7f"
                  "ELF",
                  4) != 0) {
    return absl::InvalidArgumentError(
        absl::StrFormat("not an ELF file: magic is %02x%02x%02x%02x, wanted 7f454c46", image[0], image[1],
                        image[2], image[3]));
  }
  if (image[4] != 2 || image[5] != 1) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "not a 64-bit little-endian ELF file: class %d, data %d, wanted 2 and 1", image[4], image[5]));
  }
  ImageView view;
  view.image_ = image;
  view.header_ = load_header(image.data());
  view.parse_segments();
  view.parse_sections();
  view.name_sections();
  return view;
}

void ImageView::parse_segments() {
  if (header_.phnum == 0) return;
  if (header_.phentsize != kSegmentSize) {
    problems_.push_back(absl::StrFormat("e_phentsize is %d, wanted 56", header_.phentsize));
    return;
  }
  base::Bytes table = clamp(image_, header_.phoff, uint64_t{header_.phnum} * kSegmentSize);
  size_t count = table.size() / kSegmentSize;
  if (count < header_.phnum) {
    problems_.push_back(
        absl::StrFormat("program header table: %d entries, the file holds %d", header_.phnum, count));
  }
  for (size_t i = 0; i < count; i++) {
    const uint8_t* p = table.data() + i * kSegmentSize;
    segments_.push_back({load32(p), load32(p + 4), load64(p + 8), load64(p + 16), load64(p + 24),
                         load64(p + 32), load64(p + 40), load64(p + 48)});
  }
}

void ImageView::parse_sections() {
  if (header_.shnum == 0) return;
  if (header_.shentsize != kSectionSize) {
    problems_.push_back(absl::StrFormat("e_shentsize is %d, wanted 64", header_.shentsize));
    return;
  }
  base::Bytes table = clamp(image_, header_.shoff, uint64_t{header_.shnum} * kSectionSize);
  size_t count = table.size() / kSectionSize;
  if (count < header_.shnum) {
    problems_.push_back(
        absl::StrFormat("section header table: %d entries, the file holds %d", header_.shnum, count));
  }
  for (size_t i = 0; i < count; i++) {
    const uint8_t* p = table.data() + i * kSectionSize;
    ImageSection s{};
    s.name_offset = load32(p);
    s.type = load32(p + 4);
    s.flags = load64(p + 8);
    s.addr = load64(p + 16);
    s.offset = load64(p + 24);
    s.size = load64(p + 32);
    s.link = load32(p + 40);
    s.info = load32(p + 44);
    s.addralign = load64(p + 48);
    s.entsize = load64(p + 56);
    if (s.type != kElfSectionNobits && i != 0) s.bytes = clamp(image_, s.offset, s.size);
    sections_.push_back(s);
  }
}

void ImageView::name_sections() {
  base::Bytes names;
  if (header_.shstrndx < sections_.size()) {
    names = sections_[header_.shstrndx].bytes;
  } else if (!sections_.empty()) {
    problems_.push_back(
        absl::StrFormat("e_shstrndx is %d, there are %d sections", header_.shstrndx, sections_.size()));
  }
  for (size_t i = 0; i < sections_.size(); i++) {
    ImageSection& s = sections_[i];
    s.name = string_at(names, s.name_offset);
    if (i != 0 && s.type != kElfSectionNobits && s.bytes.size() < s.size) {
      problems_.push_back(
          absl::StrFormat("section %d (%s): %d bytes at offset %#x, the file holds %d of them", i, s.name,
                          s.size, s.offset, s.bytes.size()));
    }
  }
  index_addresses();
}

ImageSymbol ImageView::elf_symbol(const ImageSection& table, size_t index) const {
  const uint8_t* p = table.bytes.data() + index * kSymbolSize;
  ImageSymbol s{};
  s.name_offset = load32(p);
  s.info = p[4];
  s.other = p[5];
  s.shndx = load16(p + 6);
  s.value = load64(p + 8);
  s.size = load64(p + 16);
  if (table.link < sections_.size()) s.name = string_at(sections_[table.link].bytes, s.name_offset);
  return s;
}

}  // namespace dovetail::objfmt
