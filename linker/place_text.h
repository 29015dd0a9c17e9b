// Addresses of functions. From here on everything that depends on code addresses alone can be made.
#pragma once

#include "linker/arch/cpu.h"
#include "linker/image.h"
#include "loader/text_order.h"

namespace dovetail::linker {

struct TextPlan {
  std::vector<SymId> functions;  // in address order
  SymId start = SymId::kNil, end = SymId::kNil;  // runtime.text, runtime.etext
};

// `made`: functions that the linker makes (the symbols that enclose FIPS code); they come first, then sort by kind like everything
// else. `build_id`: go:buildid or kNil, the first of all.
// Makes runtime.text and runtime.etext, adds the section .text, sets value and section of functions.
// Code in which a call might not reach is an error.
TextPlan place_text(Services& sv, const Cpu& cpu, Program& program, const loader::TextOrder& order,
                    SymId build_id, std::span<const SymId> made, Image& image);

}  // namespace dovetail::linker
