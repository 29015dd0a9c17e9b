// Stubs and address-taking code of the CPUs: cmd/link internal/amd64/asm.go and internal/arm64/asm.go, adddynrel and
// addpltsym, Go 1.26.
#include "linker/macho/macho_format.h"

namespace dovetail::linker {
namespace {

using objfmt::RelocKind;

void add_stub_amd64(SectionBytes* stubs, SymId got, int64_t slot) {
  stubs->put({0xff, 0x25});  // jmpq *slot(IP)
  stubs->put_distance(got, slot);
}

// LEAQ becomes MOVQ.
constexpr uint8_t kLea = 0x8d, kLoad = 0x8b;

bool is_address_amd64(base::Bytes code, uint64_t offset) {
  return offset >= 2 && offset <= code.size() && code[offset - 2] == kLea;
}

void make_load_amd64(base::MutableBytes code, loader::LinkReloc* r) { code[static_cast<size_t>(r->offset) - 2] = kLoad; }

void add_stub_arm64(SectionBytes* stubs, SymId got, int64_t slot) {
  stubs->put_instruction(0x90000010, RelocKind::kArm64Got, got, slot);  // adrp x16, page of the slot
  stubs->put_instruction(0xf9400211, RelocKind::kArm64Got, got, slot);  // ldr x17, [x16, offset of the slot]
  stubs->put32(0xd61f0220);                                             // br x17
}

// ADRP and ADD become ADRP and LDR.
bool is_address_arm64(base::Bytes code, uint64_t offset) {
  return offset + 8 <= code.size() && code[offset + 7] == 0x91;
}

void make_load_arm64(base::MutableBytes code, loader::LinkReloc* r) {
  uint8_t* second = &code[static_cast<size_t>(r->offset) + 4];
  constexpr uint32_t kOperands = (uint32_t{1} << 22) - 1;
  base::store32(second, 0xf9400000 | (base::load32(second) & kOperands));
  r->kind = RelocKind::kArm64PcrelLdst64;
}

constexpr MachoMachine kAmd64Machine = {0x01000007, 3, false, false, "$INODE64", add_stub_amd64, RelocKind::kPcrel,
                                        is_address_amd64, make_load_amd64};
constexpr MachoMachine kArm64Machine = {0x0100000c, 0, true, true, nullptr, add_stub_arm64, RelocKind::kAddrArm64,
                                        is_address_arm64, make_load_arm64};

}  // namespace

const MachoMachine& macho_machine(CpuId cpu) { return cpu == CpuId::kArm64 ? kArm64Machine : kAmd64Machine; }

}  // namespace dovetail::linker
