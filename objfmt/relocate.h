// Relocations applied to bytes as if these stood at an address, whoever says where the symbols are: the linker, as it
// writes an image, or the inspection of objects, in which nothing has an address yet.
//
// What goes wrong, and what some kinds ask besides their target's address, is the business of a `World`:
//
//   int64_t tls_offset()           of thread-local data from the thread's register
//   uint64_t image_base()          what addresses relative to the image count from
//   bool local_thread_data()       whether thread-local data lies in this image, at a place that is known
//   bool addresses_in_code()       whether code may hold addresses
//   bool section_base(uint64_t*)   where the target's section begins; false: the relocation is done with, or complained about
//   uint64_t target_size()
//   void address_in_code(), address_too_big(int64_t value), not_internal(), no_thread_offset(), bad_size(), unknown(),
//        wrong(const std::string&), too_big(int64_t value, bool relative)
//
// Which bytes a relocation makes, and what is refused: cmd/link ld/data.go relocsym and internal/*/asm.go archreloc, Go 1.26.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "objfmt/reloc_kind.h"

namespace dovetail::objfmt {

// A relocation whose target is found. REQUIRES: offset and size lie within the bytes.
struct Fixup {
  RelocKind kind;
  uint8_t size;
  uint64_t offset;
  int64_t addend;
  uint64_t target;  // address; 0 if there is nothing
};

// A relocation that the generic rules do not know.
struct CpuFixup {
  RelocKind kind;
  uint64_t bits;     // what stands there now, as a number of the relocation's size
  uint64_t address;  // of the place
  uint64_t target;
  int64_t addend;
  bool local_thread_data;
};

enum class FixupResult : uint8_t {
  kDone,        // bits are what shall stand there
  kUnknown,     // no relocation of this CPU
  kWrong,       // cannot be applied; the complaints say why
  kNotInternal  // would take an external linker
};

// In cmd/link's words.
using Complaints = std::vector<std::string>;

// amd64: the generic relocations are its own.
struct Amd64Fixups {
  static FixupResult apply(CpuFixup*, Complaints*) { return FixupResult::kUnknown; }
  // Rewrites a load of a thread-local offset, whose 4 bytes are at `offset`, to one of a constant in their place.
  // False if it is no such instruction.
  static bool make_thread_offset_constant(base::MutableBytes code, uint64_t offset);
};

// arm64: most relocations fill in fields of one instruction or of two. The bits are filled in whatever the result.
struct Arm64Fixups {
  static FixupResult apply(CpuFixup* r, Complaints* complaints);
  static bool make_thread_offset_constant(base::MutableBytes, uint64_t) { return false; }
};

inline bool is_fixup_size(uint8_t size) { return size == 1 || size == 2 || size == 4 || size == 8; }

// What stands there; 0 for a size that no relocation may have.
inline uint64_t get_fixed(const uint8_t* p, uint8_t size) {
  switch (size) {
    case 1: return *p;
    case 2: return base::load16(p);
    case 4: return base::load32(p);
    case 8: return base::load64(p);
    default: return 0;
  }
}

// Stores a value of the relocation's size; false if it does not fit.
inline bool put_fixed(uint8_t* p, uint8_t size, int64_t value, bool relative) {
  switch (size) {
    case 1:
      *p = static_cast<uint8_t>(value);
      return true;
    case 2:
      base::store16(p, static_cast<uint16_t>(value));
      return value == static_cast<int16_t>(value) || (!relative && value == static_cast<uint16_t>(value));
    case 4:
      base::store32(p, static_cast<uint32_t>(value));
      return value == static_cast<int32_t>(value) || (!relative && value == static_cast<uint32_t>(value));
    default:
      base::store64(p, static_cast<uint64_t>(value));
      return true;
  }
}

// Goes on after an error, as cmd/link does: what is computed may be too big for its place as well.
template <class Cpu, class World>
bool compute_for_cpu(base::Bytes bytes, uint64_t address, const Fixup& r, const World& world, int64_t* value) {
  if (!is_fixup_size(r.size)) world.bad_size();
  CpuFixup own = {r.kind, get_fixed(&bytes[r.offset], r.size), address + r.offset, r.target, r.addend, world.local_thread_data()};
  Complaints complaints;
  switch (Cpu::apply(&own, &complaints)) {
    case FixupResult::kDone: break;
    case FixupResult::kUnknown: world.unknown(); break;
    case FixupResult::kWrong:
      for (const std::string& text : complaints) world.wrong(text);
      break;
    case FixupResult::kNotInternal: return world.not_internal(), false;
  }
  *value = static_cast<int64_t>(own.bits);
  return true;
}

// The value for the place; false if the relocation is done with.
template <class Cpu, class World>
bool compute_fixup(base::MutableBytes bytes, uint64_t address, const Fixup& r, const World& world, int64_t* value) {
  switch (r.kind) {
    case RelocKind::kAddr:
    case RelocKind::kPeImageOff:
      if (!world.addresses_in_code()) return world.address_in_code(), false;
      *value = static_cast<int64_t>(r.target) + r.addend;
      if (r.kind == RelocKind::kPeImageOff) *value -= static_cast<int64_t>(world.image_base());
      if (r.size == 4 && static_cast<int32_t>(*value) < 0) return world.address_too_big(*value), false;
      return true;
    case RelocKind::kMethodOff:
    case RelocKind::kAddrOff: {
      uint64_t base = 0;
      if (!world.section_base(&base)) return false;
      *value = static_cast<int64_t>(r.target - base) + r.addend;
      return true;
    }
    case RelocKind::kCall:
    case RelocKind::kPcrel:
    case RelocKind::kGotPcrel:
      *value = static_cast<int64_t>(r.target) + r.addend - static_cast<int64_t>(address + r.offset + r.size);
      return true;
    case RelocKind::kTlsLe:
      *value = world.tls_offset() + r.addend;
      return true;
    case RelocKind::kTlsIe:
      if (!world.local_thread_data()) return world.not_internal(), false;
      if (!Cpu::make_thread_offset_constant(bytes, r.offset)) return world.no_thread_offset(), false;
      *value = world.tls_offset();
      return true;
    case RelocKind::kSize:
      *value = static_cast<int64_t>(world.target_size()) + r.addend;
      return true;
    case RelocKind::kConst:
      *value = r.addend;
      return true;
    default:
      return compute_for_cpu<Cpu>(bytes, address, r, world, value);
  }
}

// Applies one relocation to `bytes`, as if their first stood at `address`.
template <class Cpu, class World>
void apply_fixup(base::MutableBytes bytes, uint64_t address, const Fixup& r, const World& world) {
  int64_t value = 0;
  if (!compute_fixup<Cpu>(bytes, address, r, world, &value)) return;
  bool relative = r.kind == RelocKind::kPcrel || r.kind == RelocKind::kCall;
  if (!is_fixup_size(r.size)) return world.bad_size();
  if (!put_fixed(&bytes[r.offset], r.size, value, relative)) world.too_big(value, relative);
}

}  // namespace dovetail::objfmt
