#include "objfmt/relocate.h"

namespace dovetail::objfmt {

// MOVQ offset(IP), reg (REX.W[R] 8b modrm) becomes MOVQ $constant, reg (REX.W[B] c7 modrm); for SP, ADDQ does, as
// cmd/link internal/amd64/asm.go tlsIEtoLE has it, Go 1.26.
bool Amd64Fixups::make_thread_offset_constant(base::MutableBytes code, uint64_t offset) {
  constexpr uint8_t kRexWR = 0x4c, kRexWB = 0x49, kRexR = 0x44, kRexB = 0x41, kLoad = 0x8b, kStoreConstant = 0xc7, kAdd = 0x81;
  if (offset < 3) return false;
  uint8_t* op = &code[offset - 3];
  uint8_t reg = op[2] >> 3;
  if (op[1] != kLoad && reg != 4) return false;
  if (op[0] == kRexWR) op[0] = kRexWB;
  if (op[0] == kRexR) op[0] = kRexB;
  op[1] = op[1] == kLoad ? kStoreConstant : kAdd;
  op[2] = 0xc0 | reg;
  return true;
}

}  // namespace dovetail::objfmt
