// Relocation kinds as they stand in object files (cmd/internal/objabi/reloctype.go, Go 1.26).
// The targets that Dovetail knows use about half of them; the numbers of all are
// kept so that a diagnostic can name what it met.
#pragma once

#include <cstdint>
#include <string>

namespace dovetail::objfmt {

enum class RelocKind : uint16_t {
  kNone,
  kAddr = 1, kAddrpower, kAddrArm64, kAddrmips, kAddrOff, kSize,
  kCall, kCallArm, kCallArm64, kCallInd, kCallpower, kCallmips,
  kConst, kPcrel, kTlsLe, kTlsIe, kGotOff, kPlt0,
  kPlt1, kPlt2, kUseField, kUseType, kUseIface, kUseIfaceMethod,
  kUseNamedMethod, kMethodOff, kKeep, kPowerToc, kGotPcrel, kJmpmips,
  kDwarfSecRef, kArm64TlsLe, kArm64TlsIe, kArm64GotPcrel, kArm64Got, kArm64Pcrel,
  kArm64PcrelLdst8, kArm64PcrelLdst16, kArm64PcrelLdst32, kArm64PcrelLdst64, kArm64Ldst8, kArm64Ldst16,
  kArm64Ldst32, kArm64Ldst64, kArm64Ldst128, kPowerTlsLe, kPowerTlsIe, kPowerTls,
  kPowerTlsIePcrel34, kPowerTlsLeTprel34, kAddrpowerDs, kAddrpowerGot, kAddrpowerGotPcrel34, kAddrpowerPcrel,
  kAddrpowerTocrel, kAddrpowerTocrelDs, kAddrpowerD34, kAddrpowerPcrel34, kRiscvJal, kRiscvJalTramp,
  kRiscvCall, kRiscvPcrelItype, kRiscvPcrelStype, kRiscvTlsIe, kRiscvTlsLe, kRiscvGotHi20,
  kRiscvGotPcrelItype, kRiscvPcrelHi20, kRiscvPcrelLo12I, kRiscvPcrelLo12S, kRiscvBranch, kRiscvAdd32,
  kRiscvSub32, kRiscvRvcBranch, kRiscvRvcJump, kPcrelDbl, kLoong64AddrHi, kLoong64AddrLo,
  kLoong64AddrPcrel20S2, kLoong64TlsLeHi, kLoong64TlsLeLo, kCallloong64, kLoong64Call36, kLoong64TlsIeHi,
  kLoong64TlsIeLo, kLoong64GotHi, kLoong64GotLo, kLoong64Add64, kLoong64Sub64, kJmp16loong64,
  kJmp21loong64, kJmploong64, kAddrmipsu, kAddrmipstls, kAddrCuOff, kWasmimport,
  kXcoffref, kPeImageOff, kInitOrder, kDwTxtAddrU1, kDwTxtAddrU2, kDwTxtAddrU3,
  kDwTxtAddrU4,
  kCount,
};

// Set in an object's type field when the relocation does not keep its target alive.
constexpr uint16_t kWeakRelocBit = 0x8000;

constexpr bool is_direct_call(RelocKind kind) {
  return kind == RelocKind::kCall || kind == RelocKind::kCallArm64;
}

const char* reloc_kind_name(RelocKind kind);
// As cmd/link prints one that may be unknown: its name, or "RelocType(N)".
std::string reloc_kind_text(RelocKind kind);

// From here on kinds are those of host objects. objabi.ElfRelocOffset, Go 1.26.
inline constexpr uint16_t kHostRelocations = 256;

}  // namespace dovetail::objfmt
