// The relocations that compiler and assembler write, and those of the linker's own stubs: cmd/link
// internal/arm64/asm.go archreloc, Go 1.26. Those of host objects are unknown here.
#include "objfmt/relocate.h"

#include "absl/strings/str_format.h"
#include "base/text.h"

namespace dovetail::objfmt {
namespace {

FixupResult wrong(Complaints* complaints, std::string text) {
  complaints->push_back(std::move(text));
  return FixupResult::kWrong;
}

FixupResult wrong(Complaints* complaints, std::string_view text, int64_t number) {
  return wrong(complaints, base::concat(text, number));
}

// Distance from `from` to the target. Wraps, as addresses do.
int64_t distance(const CpuFixup& r, uint64_t from) {
  return static_cast<int64_t>(r.target + static_cast<uint64_t>(r.addend) - from);
}

// BL, B: 26 bits, in instructions.
FixupResult call(CpuFixup* r, Complaints* complaints) {
  int64_t far = distance(*r, r->address);
  constexpr int64_t kReach = int64_t{1} << 27;
  r->bits |= static_cast<uint64_t>(far) >> 2 & 0x03ffffff;
  if (far < kReach && far >= -kReach) return FixupResult::kDone;
  return wrong(complaints, "program too large, call relocation distance = ", far);
}

// ADRP, whose 21 bits count pages from that of the instruction (the lowest two of them at bit 29, the rest at
// bit 5), and an instruction whose 12 bits at bit 10 count units of 1 << `scale` bytes in the page.
FixupResult page_and_offset(CpuFixup* r, unsigned scale, Complaints* complaints) {
  int64_t far = distance(*r, r->address & ~uint64_t{0xfff});
  constexpr int64_t kReach = int64_t{1} << 32;
  uint64_t in_page = static_cast<uint64_t>(far) & 0xfff, pages = static_cast<uint64_t>(far) >> 12;
  uint64_t page_bits = (pages & 3) << 29 | (pages >> 2 & 0x7ffff) << 5, offset_bits = in_page >> scale << 10;
  r->bits |= page_bits | offset_bits << 32;
  FixupResult result = FixupResult::kDone;
  if (far >= kReach || far < -kReach) {
    result = wrong(complaints, "program too large, address relocation distance = ", far);
  }
  if (in_page & ((uint64_t{1} << scale) - 1)) {
    result = wrong(complaints, base::concat("offset for ", 8 << scale, "-bit load/store has unaligned value "),
                   static_cast<int64_t>(in_page));
  }
  return result;
}

// MOVZ of a thread-local variable's place behind the thread control block, which is two words long.
FixupResult thread_local_place(CpuFixup* r, Complaints* complaints) {
  auto place = static_cast<int64_t>(r->target + 16);
  constexpr int64_t kEnd = 32678;  // as cmd/link has it, not 32768
  r->bits |= static_cast<uint64_t>(place) << 5;
  if (place >= 0 && place < kEnd) return FixupResult::kDone;
  return wrong(complaints, "TLS offset out of range ", place);
}

// The same place as a constant, where the code would load it from a table: ADRP becomes MOVZ of the upper half, the
// load MOVK of the lower one. In an executable the place is known.
FixupResult constant_thread_local_place(CpuFixup* r, Complaints* complaints) {
  if (!r->local_thread_data) return FixupResult::kNotInternal;
  auto place = static_cast<int64_t>(r->target + 16) + r->addend;
  constexpr int64_t kEnd = 32678;
  auto bits = static_cast<uint64_t>(place);
  uint64_t high = 0xd2a00000 | (r->bits & 0x1f) | (bits >> 16 & 0xffff) << 5;
  uint64_t low = 0xf2800000 | (r->bits >> 32 & 0x1f) | (bits & 0xffff) << 5;
  r->bits = high | low << 32;
  FixupResult result = FixupResult::kDone;
  if (place < 0 || place >= kEnd) result = wrong(complaints, "TLS offset out of range ", place);
  if (place & 3) {
    result = wrong(complaints,
                   absl::StrFormat("invalid address: %x for relocation type: R_AARCH64_TLSIE_LD64_GOTTPREL_LO12_NC", bits));
  }
  return result;
}

// One instruction of those that make an address: ADRP, or what adds the offset in the page.
FixupResult one_of_pair(CpuFixup* r, Complaints* complaints) {
  int64_t far = distance(*r, r->address & ~uint64_t{0xfff});
  constexpr int64_t kReach = int64_t{1} << 32;
  uint64_t in_page = static_cast<uint64_t>(far) & 0xfff, pages = static_cast<uint64_t>(far) >> 12;
  uint64_t code = r->bits >> 24;
  bool from_table = r->kind == RelocKind::kArm64Got;
  if ((code & 0x9f) == 0x90) {
    r->bits |= (pages & 3) << 29 | (pages >> 2 & 0x7ffff) << 5;
    if (far >= kReach || far < -kReach) {
      return wrong(complaints, "program too large, address relocation distance = ", far);
    }
    return FixupResult::kDone;
  }
  if (from_table && code == 0xf9) {
    r->bits |= in_page << (10 - 3);
    if ((in_page & 7) == 0) return FixupResult::kDone;
    return wrong(complaints, absl::StrFormat("invalid address: %x for relocation type: R_AARCH64_LD64_GOT_LO12_NC", far));
  }
  if (!from_table && (code & 0x9f) == 0x91) {
    r->bits |= in_page << 10;
    return FixupResult::kDone;
  }
  if (!from_table && (code & 0x3b) == 0x39) {
    // Loads and stores count in units of what they move.
    unsigned scale = static_cast<unsigned>(r->bits >> 30 & 3);
    if (scale == 0 && (r->bits >> 20 & 0x48) == 0x48) scale = 4;
    r->bits |= in_page >> scale << 10;
    if ((in_page & ((uint64_t{1} << scale) - 1)) == 0) return FixupResult::kDone;
    return wrong(complaints, absl::StrFormat("invalid address: %x for relocation type: ARM64_RELOC_PAGEOFF12", far));
  }
  return wrong(complaints,
               absl::StrFormat("unsupported instruction for %x %s", r->bits, from_table ? "R_GOTARM64" : "R_ARM64_PCREL"));
}

}  // namespace

FixupResult Arm64Fixups::apply(CpuFixup* r, Complaints* complaints) {
  switch (r->kind) {
    case RelocKind::kCallArm64: return call(r, complaints);
    case RelocKind::kAddrArm64:
    case RelocKind::kArm64PcrelLdst8: return page_and_offset(r, 0, complaints);
    case RelocKind::kArm64PcrelLdst16: return page_and_offset(r, 1, complaints);
    case RelocKind::kArm64PcrelLdst32: return page_and_offset(r, 2, complaints);
    case RelocKind::kArm64PcrelLdst64: return page_and_offset(r, 3, complaints);
    case RelocKind::kArm64TlsLe: return thread_local_place(r, complaints);
    case RelocKind::kArm64TlsIe: return constant_thread_local_place(r, complaints);
    case RelocKind::kArm64Got:
    case RelocKind::kArm64Pcrel: return one_of_pair(r, complaints);
    default: return FixupResult::kUnknown;
  }
}

}  // namespace dovetail::objfmt
