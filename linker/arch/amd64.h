// What the passes need to know about amd64.
#pragma once

#include <cstdint>

#include "objfmt/reloc_kind.h"

namespace dovetail::linker {

struct Amd64 {
  static constexpr uint32_t kFunctionAlignment = 32;
  static constexpr uint32_t kMinInstruction = 1;
  static constexpr uint8_t kCodePadding = 0xcc;  // int3
  static constexpr uint64_t kPageSize = 4096;         // default of -R
  static constexpr uint64_t kTextAddress = 0x401000;  // default of -T
  static constexpr int64_t kTlsOffset = -8;           // of runtime.tlsg from the thread pointer (ELF)
  static constexpr uint32_t kMaxDataAlignment = 32;   // of symbols that ask for none

  // Applies a relocation that the generic rules do not know; false if amd64 does not either.
  static bool relocate(objfmt::RelocKind, uint8_t*, uint64_t, uint64_t, int64_t) { return false; }
};

}  // namespace dovetail::linker
