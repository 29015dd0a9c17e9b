// Debug entries as rows: tag, and attributes with their values as text.
#pragma once

#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "inspect/dump_writer.h"
#include "inspect/dwarf_reader.h"

namespace dovetail::inspect {

struct EntryOptions {
  // Of all entries only those with this name, and what is in them; empty: all.
  std::string name;
  // Offsets are told as so much less.
  uint64_t base = 0;
  // What a relocation puts into [begin, end) of .debug_info, "" for nothing; null if there are no relocations.
  const absl::FunctionRef<std::string(uint64_t begin, uint64_t end)>* relocation = nullptr;
};

// The entry `top` with all in it, as rows of the list that is open; without a writer, only to see whether there is one
// of the name. Takes over `top`. False: damaged.
bool dump_entries(const DwarfReader& reader, Dwarf_Die top, uint16_t version, const EntryOptions& options,
                  DumpWriter* w, bool* found);

}  // namespace dovetail::inspect
