// arm64. Instructions are four bytes long, so an address takes two of them (ADRP and an addition, or a load or
// store), and a call reaches 128 MB either way.
#pragma once

#include "linker/arch/cpu.h"
#include "objfmt/relocate.h"

namespace dovetail::linker {

// cmd/link internal/arm64/obj.go, l.go; cmd/internal/sys/arch.go; ld/sym.go; Go 1.26.
struct Arm64 {
  static constexpr Cpu kCpu = {CpuId::kArm64, &kElfArm64, &kPeArm64, 16, 4, 0x7c00000};
  static constexpr uint8_t kCodePadding = 0;
  using Fixups = objfmt::Arm64Fixups;
};

}  // namespace dovetail::linker
