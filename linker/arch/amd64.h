// amd64: the generic relocations are its own.
#pragma once

#include "base/bytes.h"
#include "linker/arch/cpu.h"

namespace dovetail::linker {

// cmd/link internal/amd64/obj.go, l.go; cmd/internal/sys/arch.go; ld/sym.go; Go 1.26.
struct Amd64 {
  static constexpr Cpu kCpu = {CpuId::kAmd64, &kElfAmd64, &kPeAmd64, 32, 1, 0};
  static constexpr uint8_t kCodePadding = 0xcc;  // int3

  static CpuResult relocate(CpuReloc*, Complaints*) { return CpuResult::kUnknown; }
  // Rewrites a load of a thread-local offset, whose 4 bytes are at `offset`, to one of a constant in their place.
  // False if it is no such instruction.
  static bool make_thread_offset_constant(base::MutableBytes code, uint64_t offset);
};

}  // namespace dovetail::linker
