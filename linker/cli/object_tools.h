// The compiler and the assembler, with what they write converted to dense objects.
#pragma once

#include <span>

namespace dovetail::linker {

// Whether the tool writes objects: by the name that its path ends with.
bool writes_objects(const char* tool);

// Runs the tool (argv: its path and arguments, behind them a null pointer), then converts its output in
// place; what cannot be converted stays as it is. Returns the exit status.
int run_object_tool(std::span<char* const> argv);

}  // namespace dovetail::linker
