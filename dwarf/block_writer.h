// Makes any part of any section: copies what the compiler wrote, relocated, and writes what the linker makes.
#pragma once

#include <vector>

#include "dwarf/plan.h"

namespace dovetail::dwarf {

// One per thread.
class BlockWriter {
 public:
  BlockWriter(Services& sv, const Program& program, const DwarfPlan& plan, std::span<const uint64_t> section_address)
      : sv_(sv), program_(program), plan_(plan), section_address_(section_address) {}

  // Writes the bytes from `begin` on. REQUIRES: begin is a multiple of kBlockSize, and all of them lie in the section.
  void write(const SectionPlan& section, uint64_t begin, base::MutableBytes to);

 private:
  uint64_t item_size(Item item);
  void write_item(Item item, uint64_t size, uint8_t* to);
  void copy_symbol(Slot slot, SymId symbol, uint64_t size, uint8_t* to);
  void relocate(uint32_t object, SymId symbol, const objfmt::Reloc& r, uint8_t* to, uint64_t size);
  uint64_t reference(SymId symbol, const objfmt::Reloc& r, SymId target);
  uint64_t dead_reference(uint32_t object, SymId symbol, const objfmt::Reloc& r);
  uint64_t in_section(SymId s) const;
  void report(SymId symbol, std::string_view text, std::string_view target);

  Services& sv_;
  const Program& program_;
  const DwarfPlan& plan_;
  std::span<const uint64_t> section_address_;
  std::vector<uint8_t> frame_;    // the frame entry that item_size made
  std::vector<uint8_t> scratch_;  // an item that does not lie in one block
};

}  // namespace dovetail::dwarf
