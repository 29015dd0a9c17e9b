#include "objfmt/image_view.h"

#include <algorithm>
#include <cstring>

namespace dovetail::objfmt {

using base::load16, base::load32, base::load64;

const ImageSection* ImageView::find(std::string_view name) const {
  for (const ImageSection& s : sections_) {
    if (s.name == name) return &s;
  }
  return nullptr;
}

const ImageSection* ImageView::symtab() const {
  for (const ImageSection& s : sections_) {
    if (s.type == (format_ == ImageFormat::kMacho ? kMachoSymbolTable
                   : format_ == ImageFormat::kPe  ? kCoffSymbolTable
                                                  : kElfSectionSymtab))
      return &s;
  }
  return nullptr;
}

const ImageSection* ImageView::section_at(uint64_t address) const {
  auto it = std::upper_bound(by_address_.begin(), by_address_.end(), address,
                             [&](uint64_t a, uint32_t i) { return a < sections_[i].addr; });
  // A TLS section (.tbss) occupies no addresses, so the one before may be the true owner.
  for (int steps = 0; it != by_address_.begin() && steps < 4; steps++) {
    --it;
    if (sections_[*it].contains(address)) return &sections_[*it];
  }
  return nullptr;
}

base::Bytes ImageView::at(uint64_t address) const {
  const ImageSection* s = section_at(address);
  if (s == nullptr || address - s->addr >= s->bytes.size()) return {};
  return s->bytes.subspan(address - s->addr);
}

base::Bytes ImageView::at(uint64_t address, uint64_t size) const {
  base::Bytes rest = at(address);
  return rest.size() < size ? base::Bytes{} : rest.first(size);
}

ImageSymbol ImageView::symbol(const ImageSection& table, size_t index) const {
  if (format_ == ImageFormat::kMacho && table.type == kMachoSymbolTable) return macho_symbol(table, index);
  if (format_ == ImageFormat::kPe && table.type == kCoffSymbolTable) return coff_symbol(table, index);
  return elf_symbol(table, index);
}

uint64_t ImageView::size_up_to_next(uint64_t value) const {
  auto next = std::upper_bound(values_.begin(), values_.end(), value);
  return next == values_.end() ? 0 : *next - value;
}

void ImageView::index_addresses() {
  for (size_t i = 0; i < sections_.size(); i++) {
    const ImageSection& s = sections_[i];
    if ((s.flags & kElfFlagAlloc) != 0 && s.size != 0) by_address_.push_back(static_cast<uint32_t>(i));
  }
  std::stable_sort(by_address_.begin(), by_address_.end(),
                   [&](uint32_t a, uint32_t b) { return sections_[a].addr < sections_[b].addr; });
}

std::vector<ImageNote> ImageView::notes(const ImageSection& section) {
  std::vector<ImageNote> notes;
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

std::optional<ImageCompression> ImageView::compression(const ImageSection& section) {
  if ((section.flags & kElfFlagCompressed) == 0) return std::nullopt;
  if (base::as_text(section.bytes).starts_with("ZLIB") && section.bytes.size() >= 12) {
    uint64_t size = 0;
    for (int i = 4; i < 12; i++) size = size << 8 | section.bytes[static_cast<size_t>(i)];
    return ImageCompression{1, size, 1, section.bytes.subspan(12)};
  }
  if (section.bytes.size() < 24) return std::nullopt;
  return ImageCompression{load32(section.bytes.data()), load64(section.bytes.data() + 8),
                        load64(section.bytes.data() + 16), section.bytes.subspan(24)};
}

std::string_view ImageView::string_at(base::Bytes table, uint64_t offset) {
  if (offset >= table.size()) return {};
  const char* begin = reinterpret_cast<const char*>(table.data()) + offset;
  const void* end = std::memchr(begin, 0, table.size() - offset);
  size_t length =
      end == nullptr ? table.size() - offset : static_cast<size_t>(static_cast<const char*>(end) - begin);
  return {begin, length};
}

}  // namespace dovetail::objfmt
