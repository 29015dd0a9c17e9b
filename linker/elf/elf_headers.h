// Section headers while they are gathered: found by name, linked by creation number, numbered at the end.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "linker/elf/elf_image.h"

namespace dovetail::linker {

class ElfHeaderTable {
 public:
  // The header of that name, or a new one. Names are few: searched one by one.
  uint32_t find_or_add(std::string_view name);
  ElfSectionHeader& operator[](uint32_t created) { return drafts_[created].header; }
  void set_link(uint32_t created, uint32_t target) { drafts_[created].link = target; }
  void set_info(uint32_t created, uint32_t target) { drafts_[created].info = target; }
  uint64_t count() const { return drafts_.size(); }

  // Fixes the order. REQUIRES: flags, addresses and sizes of allocated sections are known.
  void sort();
  uint16_t number(uint32_t created) const { return number_[created]; }
  // Contents of .shstrtab, and the names' places in the headers. REQUIRES: sorted.
  std::string name_table();
  // The headers in their order, to the plan.
  void finish(ElfPlan* plan);

 private:
  struct Draft {
    ElfSectionHeader header;
    uint32_t link = 0, info = 0;  // creation numbers; 0: what the header says
  };
  std::vector<Draft> drafts_;
  std::vector<uint32_t> order_;   // creation numbers, in file order
  std::vector<uint16_t> number_;  // the inverse
};

}  // namespace dovetail::linker
