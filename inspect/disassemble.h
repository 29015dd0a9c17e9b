// Machine code of one function as instructions (Capstone), each with the source line it was made from and the names of
// what it refers to.
#pragma once

#include <string>

#include "inspect/dump.h"
#include "inspect/source_text.h"

namespace dovetail::inspect {

struct DisassembleOptions {
  std::string function;
  bool intel = false;  // else AT&T, for amd64
  const PackageNames* packages = nullptr;
  SourceText* source = nullptr;  // null: no text of lines
};

// Writes a list "disassembly" into the row that is open: each function of that name. Of an object, addresses count
// from the function's start, and relocations stand behind the instruction whose bytes they change; of an image, what
// a branch or a pc-relative operand means is named by its symbol table, or by the runtime's tables. Returns whether
// there was a function.
absl::StatusOr<bool> disassemble(const Member& member, const DisassembleOptions& options, DumpWriter& w);

}  // namespace dovetail::inspect
