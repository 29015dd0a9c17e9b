#include "linker/pe/headers.h"

#include <cstring>

#include "base/bytes.h"

namespace dovetail::linker {
namespace {

// Appends numbers in their order.
class HeaderWriter {
 public:
  HeaderWriter& u8(unsigned v) { return put(v, 1); }
  HeaderWriter& u16(unsigned v) { return put(v, 2); }
  HeaderWriter& u32(uint64_t v) { return put(v, 4); }
  HeaderWriter& u64(uint64_t v) { return put(v, 8); }
  HeaderWriter& text(std::string_view s, size_t bytes) {
    out_.insert(out_.end(), s.begin(), s.end());
    return zeros(bytes - s.size());
  }
  HeaderWriter& zeros(size_t bytes) {
    out_.resize(out_.size() + bytes);
    return *this;
  }
  size_t size() const { return out_.size(); }
  const std::vector<uint8_t>& bytes() const { return out_; }

 private:
  HeaderWriter& put(uint64_t v, int bytes) {
    for (int i = 0; i < bytes; i++) out_.push_back(static_cast<uint8_t>(v >> 8 * i));
    return *this;
  }
  std::vector<uint8_t> out_;
};

// What every linker writes here.
void put_dos_program(HeaderWriter& out) {
  constexpr uint32_t kPeOffset = 128;
  out.text("MZ", 2).u16(0x90).u16(3).u16(0).u16(4).u16(0).u16(0xffff).u16(0).u16(0x8b).u16(0).u16(0).u16(0).u16(0x40);
  out.zeros(0x3c - out.size()).u32(kPeOffset);
  // push cs; pop ds; mov dx, 14; mov ah, 9; int 33; mov ax, 0x4c01; int 33
  for (unsigned byte : {0x0e, 0x1f, 0xba, 0x0e, 0x00, 0xb4, 0x09, 0xcd, 0x21, 0xb8, 0x01, 0x4c, 0xcd, 0x21}) out.u8(byte);
  out.text("This program cannot be run in DOS mode.\r\r\n$", kPeOffset - out.size());
}

void put_file_header(HeaderWriter& out, const PeHeaders& h, size_t sections) {
  unsigned flags = kPeExecutable | kPeLargeAddressAware;
  if (!h.movable) flags |= kPeRelocsStripped;
  out.u16(h.machine->number).u16(static_cast<unsigned>(sections)).u32(0);
  out.u32(h.symtab_offset).u32(h.symbol_count).u16(kPeOptionalHeaderSize).u16(flags);
}

void put_optional_header(HeaderWriter& out, const PeHeaders& h, const PeSectionTable& sections) {
  constexpr unsigned kMagic64 = 0x20b, kSystemMajor = 6, kSystemMinor = 1;
  constexpr uint64_t kStackReserve = 0x200000, kHeapReserve = 0x100000, kCommit = 0x1000;
  const PeSection &text = sections[0], &data = sections[2];
  unsigned flags = kPeTerminalServerAware | kPeNxCompatible;
  if (h.movable) flags |= kPeDynamicBase;
  if (h.high_entropy) flags |= kPeHighEntropy;
  out.u16(kMagic64).u8(3).u8(0);  // of the linker: version 3.0
  out.u32(text.file_size).u32(data.file_size).u32(0);
  out.u32(h.entry).u32(text.address).u64(h.image_base);
  out.u32(kPeSectionAlign).u32(kPeFileAlign);
  out.u16(kSystemMajor).u16(kSystemMinor).u16(1).u16(0).u16(kSystemMajor).u16(kSystemMinor).u32(0);
  out.u32(sections.next_address()).u32(h.header_size).u32(0);
  out.u16(h.gui ? kPeWindowsGui : kPeWindowsConsole).u16(flags);
  out.u64(kStackReserve).u64(kCommit).u64(kHeapReserve).u64(kCommit).u32(0);
  out.u32(kPeDirectoryCount);
  for (const PeHeaders::Directory& d : h.directories) out.u32(d.address).u32(d.size);
}

void put_section(HeaderWriter& out, const PeSection& s) {
  out.text(s.name, 8).u32(s.size).u32(s.address).u32(s.file_size).u32(s.file_offset);
  out.u32(0).u32(0).u16(0).u16(0).u32(s.flags);
}

}  // namespace

PeSectionTable::PeSectionTable(uint32_t header_size)
    : next_address_(static_cast<uint32_t>(base::round_up(header_size, kPeSectionAlign))), next_offset_(header_size) {}

size_t PeSectionTable::add(std::string_view name, uint64_t size, uint64_t file_size, uint32_t flags) {
  PeSection s;
  s.name = name;
  s.size = static_cast<uint32_t>(size);
  s.address = next_address_;
  s.file_size = static_cast<uint32_t>(base::round_up(file_size, kPeFileAlign));
  s.file_offset = next_offset_;
  s.flags = flags;
  next_address_ = static_cast<uint32_t>(base::round_up(next_address_ + size, kPeSectionAlign));
  next_offset_ += s.file_size;
  sections_.push_back(std::move(s));
  return sections_.size() - 1;
}

void emit_pe_headers(const PeHeaders& headers, const PeSectionTable& sections, base::Sink sink) {
  HeaderWriter out;
  put_dos_program(out);
  out.text("PE", 4);
  put_file_header(out, headers, sections.all().size());
  put_optional_header(out, headers, sections);
  for (const PeSection& s : sections.all()) put_section(out, s);
  sink(0, out.bytes());
}

}  // namespace dovetail::linker
