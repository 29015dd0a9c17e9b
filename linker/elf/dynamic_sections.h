// The dynamic linking sections while they grow.
#pragma once

#include "linker/elf/elf_format.h"
#include "linker/section_bytes.h"

namespace dovetail::linker {

struct DynamicSections {
  // `relro`: what the loader writes once has a place of its own; with `bind_now` all of it is written then.
  DynamicSections(loader::Program& program, bool relro, bool bind_now);
  SectionBytes dynsym, dynstr, rela, got, hash, got_plt, plt, rela_plt, version, version_r, dynamic;
};

}  // namespace dovetail::linker
