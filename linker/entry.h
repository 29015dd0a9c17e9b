// Where a program begins.
#pragma once

#include <string_view>

#include "linker/image.h"

namespace dovetail::linker {

// The address to begin at: -E as a number or as a symbol. cmd/link ld/lib.go Entryvalue, Go 1.26.
uint64_t entry_address(const loader::Program& program, std::string_view entry, uint64_t text_address,
                       base::Diagnostics& diag);

}  // namespace dovetail::linker
