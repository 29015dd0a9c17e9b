// Headers of line programs.
//
// The program itself is the compiler's, function by function; the linker writes each unit's header with the tables of
// directories and files (cmd/link ld/dwarf.go writelines and writeDirFileTables, Go 1.26).
#pragma once

#include <string>
#include <vector>

#include "dwarf/units.h"

namespace dovetail::dwarf {

// The header of one unit, as if no program followed.
std::vector<uint8_t> line_header(const Program& program, const Target& target, const Unit& unit,
                                 std::string_view goroot);
void set_line_program_size(std::vector<uint8_t>& header, uint64_t size);

// What .debug_gdb_scripts names if this unit is the runtime's with the scheduler in it, or "".
std::string gdb_script(const Program& program, const Unit& unit, std::string_view goroot);

}  // namespace dovetail::dwarf
