// What -v and -c print besides the call graph.
#pragma once

#include <string>

#include "loader/resolve.h"

namespace dovetail::loader {

// -v, before anything is read. The text address and the rounding quantum are those that hold, given or not;
// -1 where they are not known yet.
// cmd/link ld/main.go Main, Go 1.26.
std::string trace_header(const Options& options, uint64_t text_address, uint64_t round);

// -v, when all is done. Symbols of objects are counted as cmd/link counts them; `made` are those that the
// linker has made, where it and cmd/link need not make the same number, and `live` is of both kinds. cmd/link
// loader/loader.go Stat, Go 1.26.
std::string trace_symbols(const Inputs& in, const Resolution& res, uint64_t live, uint64_t made);

// -c, when all is done: sizes in the file of text and data, of zeroed data in memory, of the symbol table.
// cmd/link ld/asmb.go asmb2, Go 1.26.
std::string size_summary(uint64_t text, uint64_t data, uint64_t bss, uint64_t symtab);

}  // namespace dovetail::loader
