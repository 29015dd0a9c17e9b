// What the tables need to know of a CPU.
#pragma once

#include <cstdint>
#include <string_view>

namespace dovetail::runtime_tables {

struct TableArch {
  uint8_t min_code_unit;           // MinLC: addresses of code are multiples of it
  uint8_t call_prefix;             // bytes of a call instruction before its relocation
};

inline constexpr uint32_t kPointerSize = 8;  // of every target we know

// cmd/internal/sys/arch.go MinLC; cmd/link ld/pcln.go computeDeferReturn, Go 1.26.
inline TableArch table_arch(std::string_view goarch) {
  if (goarch == "amd64") return {1, 1};
  return {4, 0};
}

// The alignment that a symbol gets: its own, else the largest power of two that its size fills, up to 32
// (cmd/link ld/data.go symalign with Minalign 1 and Maxalign 32 of amd64 and arm64, Go 1.26).
inline uint32_t symbol_align(uint32_t align, uint64_t size) {
  if (align != 0) return align;
  align = 32;
  while (align > size && align > 1) align /= 2;
  return align;
}

}  // namespace dovetail::runtime_tables
