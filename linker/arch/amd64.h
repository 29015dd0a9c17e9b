// amd64.
#pragma once

#include "linker/arch/cpu.h"
#include "objfmt/relocate.h"

namespace dovetail::linker {

// cmd/link internal/amd64/obj.go, l.go; cmd/internal/sys/arch.go; ld/sym.go; Go 1.26.
struct Amd64 {
  static constexpr Cpu kCpu = {CpuId::kAmd64, &kElfAmd64, &kPeAmd64, 32, 1, 0};
  static constexpr uint8_t kCodePadding = 0xcc;  // int3
  using Fixups = objfmt::Amd64Fixups;
};

}  // namespace dovetail::linker
