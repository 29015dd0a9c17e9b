// runtime.firstmoduledata: where in the image everything is that the runtime looks for.
#pragma once

#include "runtime-tables/findfunctab.h"
#include "runtime-tables/init_lists.h"
#include "runtime-tables/pclntab.h"
#include "runtime-tables/runtime_symbols.h"
#include "runtime-tables/typelinks.h"

namespace dovetail::runtime_tables {

// Fills the module's data, runtime.textsectionmap (made here) and runtime.lastmoduledatap. `text_size` is the
// length of section .text. cmd/link ld/symtab.go symtab, textsectionmap; runtime/symtab.go moduledata, Go 1.26.
void make_moduledata(loader::Program& program, loader::SymId moduledata, const TextMarkers& text, uint64_t text_size,
                     const Markers& markers, const PclntabPlan& pclntab, const FindfunctabPlan& findfunctab,
                     const Typelinks& typelinks, const InitLists& init);

}  // namespace dovetail::runtime_tables
