// .debug_frame: how to find a function's caller.
//
// One description common to all functions, then for each function what differs: the canonical frame address for each
// range of its code, from the table of stack sizes that the compiler made (cmd/link ld/dwarf.go writeframes, Go 1.26).
#pragma once

#include <vector>

#include "dwarf/forms.h"
#include "dwarf/units.h"

namespace dovetail::dwarf {

// The common information entry. It stands at offset 0.
std::vector<uint8_t> frame_header(const Target& target);

// Appends the entry of a function with function info. `size`: of its code.
void append_frame(const Program& program, const Target& target, SymId function, uint32_t size,
                  std::vector<uint8_t>& out);

}  // namespace dovetail::dwarf
