// Relocations applied to bytes in the output, as they stream by.
#pragma once

#include "linker/format.h"
#include "linker/place_text.h"
#include "linker/image.h"
#include "loader/platform.h"

namespace dovetail::linker {

// What is the same for every relocation of a link.
struct RelocContext {
  const Program& program;
  const Image& image;
  base::Diagnostics& diag;
  SymId unreachable_method;  // takes the place of a dead method that a weak address names
  SymId map_init_noop;       // takes the place of a dead map initialiser; kNil: calls stay as they are
  const Format& format;      // knows where references to imported symbols lead
  const loader::Platform& platform;
  std::span<const Detour> detours;  // calls that do not reach
  bool local_thread_data;           // Format::local_thread_data
};

// Applies the relocations of `s`, whose `bytes` are already in place at `address`. Errors go to diag.
template <class Arch>
void relocate_symbol(const RelocContext& context, SymId s, base::MutableBytes bytes, uint64_t address);

// True, and reported, if what a relocation of `from` that is not weak refers to is not in the image.
bool complain_of_target(const Program& program, base::Diagnostics& diag, SymId from, const loader::LinkReloc& r);

}  // namespace dovetail::linker
