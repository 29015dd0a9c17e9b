// Addresses of functions. From here on everything that depends on code addresses alone can be made.
#pragma once

#include <compare>

#include "linker/arch/cpu.h"
#include "linker/image.h"
#include "loader/text_order.h"

namespace dovetail::linker {

inline constexpr uint32_t kMinFunction = 16;  // findfunctab tells functions apart at this distance (internal/abi MINFUNC)

// A call that goes to a trampoline instead of its target.
struct Detour {
  SymId from;
  int32_t offset;  // of the relocation
  SymId to;
  friend auto operator<=>(const Detour& a, const Detour& b) {
    return std::pair(index(a.from), a.offset) <=> std::pair(index(b.from), b.offset);
  }
};

struct TextPlan {
  std::vector<SymId> functions;  // in address order
  std::vector<Detour> detours;   // ascending by function and offset; nearly always empty
  SymId start = SymId::kNil, end = SymId::kNil;  // runtime.text, runtime.etext
};

// `made`: functions that the linker makes (the symbols that enclose FIPS code); they come first, then sort by kind like everything
// else. `build_id`: go:buildid or kNil, the first of all.
// Makes runtime.text and runtime.etext, adds the section .text, sets value and section of functions.
// With trampolines where a call would not reach.
TextPlan place_text(Services& sv, const Cpu& cpu, Program& program, const loader::TextOrder& order,
                    SymId build_id, std::span<const SymId> made, Image& image);

}  // namespace dovetail::linker
