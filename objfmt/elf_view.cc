#include "objfmt/elf_view.h"

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

ElfHeader load_header(const uint8_t* p) {
  ElfHeader h;
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

absl::StatusOr<ElfView> ElfView::parse(base::Bytes image) {
  constexpr uint32_t kMachoMagic = 0xfeedfacf;
  if (image.size() >= 4 && load32(image.data()) == kMachoMagic) return parse_macho(image);
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
  ElfView view;
  view.image_ = image;
  view.header_ = load_header(image.data());
  view.parse_segments();
  view.parse_sections();
  view.name_sections();
  return view;
}

void ElfView::parse_segments() {
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

void ElfView::parse_sections() {
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
    ElfSection s{};
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

void ElfView::name_sections() {
  base::Bytes names;
  if (header_.shstrndx < sections_.size()) {
    names = sections_[header_.shstrndx].bytes;
  } else if (!sections_.empty()) {
    problems_.push_back(
        absl::StrFormat("e_shstrndx is %d, there are %d sections", header_.shstrndx, sections_.size()));
  }
  for (size_t i = 0; i < sections_.size(); i++) {
    ElfSection& s = sections_[i];
    s.name = string_at(names, s.name_offset);
    if (i != 0 && s.type != kElfSectionNobits && s.bytes.size() < s.size) {
      problems_.push_back(
          absl::StrFormat("section %d (%s): %d bytes at offset %#x, the file holds %d of them", i, s.name,
                          s.size, s.offset, s.bytes.size()));
    }
    if ((s.flags & kElfFlagAlloc) != 0 && s.size != 0) by_address_.push_back(static_cast<uint32_t>(i));
  }
  std::stable_sort(by_address_.begin(), by_address_.end(),
                   [&](uint32_t a, uint32_t b) { return sections_[a].addr < sections_[b].addr; });
}

const ElfSection* ElfView::find(std::string_view name) const {
  for (const ElfSection& s : sections_) {
    if (s.name == name) return &s;
  }
  return nullptr;
}

const ElfSection* ElfView::symtab() const {
  for (const ElfSection& s : sections_) {
    if (s.type == kElfSectionSymtab || (s.type == kMachoSymbolTable && is_macho())) return &s;
  }
  return nullptr;
}

const ElfSection* ElfView::section_at(uint64_t address) const {
  auto it = std::upper_bound(by_address_.begin(), by_address_.end(), address,
                             [&](uint64_t a, uint32_t i) { return a < sections_[i].addr; });
  // A TLS section (.tbss) occupies no addresses, so the one before may be the true owner.
  for (int steps = 0; it != by_address_.begin() && steps < 4; steps++) {
    --it;
    if (sections_[*it].contains(address)) return &sections_[*it];
  }
  return nullptr;
}

base::Bytes ElfView::at(uint64_t address) const {
  const ElfSection* s = section_at(address);
  if (s == nullptr || address - s->addr >= s->bytes.size()) return {};
  return s->bytes.subspan(address - s->addr);
}

base::Bytes ElfView::at(uint64_t address, uint64_t size) const {
  base::Bytes rest = at(address);
  return rest.size() < size ? base::Bytes{} : rest.first(size);
}

ElfSymbol ElfView::symbol(const ElfSection& table, size_t index) const {
  if (table.type == kMachoSymbolTable) return macho_symbol(table, index);
  const uint8_t* p = table.bytes.data() + index * kSymbolSize;
  ElfSymbol s{};
  s.name_offset = load32(p);
  s.info = p[4];
  s.other = p[5];
  s.shndx = load16(p + 6);
  s.value = load64(p + 8);
  s.size = load64(p + 16);
  if (table.link < sections_.size()) s.name = string_at(sections_[table.link].bytes, s.name_offset);
  return s;
}

std::vector<ElfNote> ElfView::notes(const ElfSection& section) {
  std::vector<ElfNote> notes;
  base::Bytes b = section.bytes;
  while (b.size() >= 12) {
    uint64_t name_size = load32(b.data()), desc_size = load32(b.data() + 4);
    uint64_t desc_at = 12 + ((name_size + 3) & ~uint64_t{3});
    if (desc_at > b.size() || desc_size > b.size() - desc_at) break;
    notes.push_back(
        {string_at(b.subspan(12, name_size), 0), load32(b.data() + 8), b.subspan(desc_at, desc_size)});
    b = b.subspan(std::min<uint64_t>(b.size(), desc_at + ((desc_size + 3) & ~uint64_t{3})));
  }
  return notes;
}

std::optional<ElfCompression> ElfView::compression(const ElfSection& section) {
  if ((section.flags & kElfFlagCompressed) == 0) return std::nullopt;
  if (base::as_text(section.bytes).starts_with("ZLIB") && section.bytes.size() >= 12) {
    uint64_t size = 0;
    for (int i = 4; i < 12; i++) size = size << 8 | section.bytes[static_cast<size_t>(i)];
    return ElfCompression{1, size, 1, section.bytes.subspan(12)};
  }
  if (section.bytes.size() < 24) return std::nullopt;
  return ElfCompression{load32(section.bytes.data()), load64(section.bytes.data() + 8),
                        load64(section.bytes.data() + 16), section.bytes.subspan(24)};
}

std::string_view ElfView::string_at(base::Bytes table, uint64_t offset) {
  if (offset >= table.size()) return {};
  const char* begin = reinterpret_cast<const char*>(table.data()) + offset;
  const void* end = std::memchr(begin, 0, table.size() - offset);
  size_t length =
      end == nullptr ? table.size() - offset : static_cast<size_t>(static_cast<const char*>(end) - begin);
  return {begin, length};
}

}  // namespace dovetail::objfmt
