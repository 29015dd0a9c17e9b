// What the passes need to know about the machine that a program is for.
//
// The facts of a CPU are one value (Cpu), looked up once per link and handed to the passes that lay out. What
// runs once per relocation or per function is a template over a struct of the CPU (Amd64, Arm64: its Cpu, its
// padding, its own relocations of objfmt/relocate.h), of which write_functions takes the one instance, so nothing in those loops asks
// which CPU it is. Before the linker some passes look at GOARCH themselves, each in one place:
// loader/options.cc (addresses that flags leave open), loader/stack_check.cc (stack_rules),
// runtime-tables/arch.h, dwarf/plan.cc (target_of).
#pragma once

#include <cstdint>
#include <string_view>

#include "linker/elf/elf_format.h"
#include "linker/pe/pe_format.h"

namespace dovetail::linker {

enum class CpuId : uint8_t { kAmd64, kArm64 };

struct Cpu {
  CpuId id;
  const ElfMachine* elf;
  const PeMachine* pe;
  uint32_t function_alignment;
  uint32_t min_instruction;
  uint64_t call_reach;  // code as long as this may need trampolines; 0: every call reaches
};

// The facts of a GOARCH that the options let pass.
const Cpu& cpu_of(std::string_view goarch);

}  // namespace dovetail::linker
