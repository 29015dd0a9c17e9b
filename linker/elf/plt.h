// Procedure linkage tables: one pair of functions per CPU, in ElfMachine.
#pragma once

#include "linker/elf/dynamic_sections.h"

namespace dovetail::linker {

// The stub that enters the dynamic linker, and the first three words of .got.plt, which it fills.
void start_plt_amd64(DynamicSections* s);
void start_plt_arm64(DynamicSections* s);
// A slot for the dynamic symbol of that number; its offset in .plt.
int32_t add_plt_slot_amd64(DynamicSections* s, const ElfMachine& machine, uint32_t number);
int32_t add_plt_slot_arm64(DynamicSections* s, const ElfMachine& machine, uint32_t number);

}  // namespace dovetail::linker
