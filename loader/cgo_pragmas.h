// The cgo section of an object's text: directives as a JSON list of lists.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "loader/inputs.h"

namespace dovetail::loader {

// Whether there is such a section; most objects have none.
bool has_cgo_pragmas(std::string_view text);

// Appends the directives found in `text` (cmd/link ld/go.go ldpkg, Go 1.26). Returns what is
// wrong with them, or "".
std::string read_cgo_pragmas(std::string_view text, uint32_t library, std::string_view file,
                             std::vector<CgoDirective>* directives);

}  // namespace dovetail::loader
