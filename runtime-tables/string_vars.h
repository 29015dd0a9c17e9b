// String variables that the command line sets (-X), among them the release and the module data.
#pragma once

#include "loader/symbols.h"

namespace dovetail::runtime_tables {

// Gives each live variable of Options::string_vars its value, in their order: new content, pointing to a new
// symbol `<name>.str` with the text. A name that no variable of type string has is an error, one that no object
// mentions is not. cmd/link ld/data.go dostrdata, addstrdata, Go 1.26.
void set_string_vars(loader::Services& sv, loader::Program& program);

}  // namespace dovetail::runtime_tables
