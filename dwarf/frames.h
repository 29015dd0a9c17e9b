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

// Appends the instructions of one function. `stack`: its table of stack sizes; `size`: of its code.
void append_frame_instructions(const Target& target, base::Bytes stack, uint32_t size, bool top_frame,
                               std::vector<uint8_t>& out);

// The entry of a function: its size, and its bytes.
inline uint64_t frame_size(uint64_t instructions) { return 24 + base::round_up(instructions, kPointerSize); }
void write_frame(uint64_t address, uint32_t code_size, base::Bytes instructions, uint8_t* to);

}  // namespace dovetail::dwarf
