#include <cstring>

#include "linker/elf/elf_image.h"

namespace dovetail::linker {
namespace {

class Writer {
 public:
  explicit Writer(uint8_t* p) : p_(p) {}
  template <class... T>
  void put(T... fields) {
    (put_one(fields), ...);
  }

 private:
  template <class T>
  void put_one(T v) {
    base::store(p_, v);
    p_ += sizeof v;
  }
  uint8_t* p_;
};

void emit_file_header(const ElfPlan& plan, uint8_t* out) {
  constexpr uint8_t kIdent[16] = {0x7f, 'E', 'L', 'F', /*64 bits*/ 2, /*little-endian*/ 1, /*version*/ 1};
  std::memcpy(out, kIdent, sizeof kIdent);
  uint64_t phoff = kElfHeaderSize, shoff = phoff + plan.segments.size() * kElfProgramHeaderSize;
  Writer(out + sizeof kIdent)
      .put(plan.type, plan.machine, uint32_t{1}, plan.entry, phoff, shoff, uint32_t{0},
           uint16_t{kElfHeaderSize}, uint16_t{kElfProgramHeaderSize},
           static_cast<uint16_t>(plan.segments.size()), uint16_t{kElfSectionHeaderSize},
           static_cast<uint16_t>(plan.sections.size()), plan.names_section);
}

}  // namespace

void emit_elf(const ElfPlan& plan, base::Sink sink) {
  auto write = [&](uint64_t offset, base::Bytes bytes) {
    if (offset > plan.file_size || bytes.size() > plan.file_size - offset) return;  // plan_elf has complained
    sink(offset, bytes);
  };
  std::vector<uint8_t> headers(kElfHeaderSize + plan.segments.size() * kElfProgramHeaderSize +
                               plan.sections.size() * kElfSectionHeaderSize);
  emit_file_header(plan, headers.data());
  uint8_t* p = headers.data() + kElfHeaderSize;
  for (const ElfSegmentHeader& s : plan.segments) {
    Writer(p).put(s.type, s.flags, s.offset, s.address, s.address, s.file_size, s.size, s.align);
    p += kElfProgramHeaderSize;
  }
  for (const ElfSectionHeader& s : plan.sections) {
    Writer(p).put(s.name_offset, s.type, s.flags, s.address, s.offset, s.size, s.link, s.info, s.align,
                  s.entry_size);
    p += kElfSectionHeaderSize;
  }
  write(0, headers);
  for (const ElfPiece& piece : plan.pieces) write(piece.offset, base::as_bytes(piece.bytes));
  write(plan.names_offset, base::as_bytes(plan.names));
}

}  // namespace dovetail::linker
