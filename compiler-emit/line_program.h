// A function's part of the debug line table: a DWARF line number program of its own, from its address to its
// end (cmd/internal/obj/dwarf.go generateDebugLinesSymbol, Go 1.26). The linker writes the table's header;
// the parameters of special opcodes stand there and are Go's.
#pragma once

#include <span>
#include <vector>

#include "compiler-emit/object_parts.h"

namespace dovetail::emit {

// Where the function's address goes: 8 bytes, by an address relocation.
inline constexpr uint32_t kLineProgramAddressAt = 3;

// REQUIRES: pcs ascend and are less than code_size; every row has a line. No rows, no bytes.
std::vector<uint8_t> encode_line_program(std::span<const LineRow> rows, uint32_t code_size);

}  // namespace dovetail::emit
