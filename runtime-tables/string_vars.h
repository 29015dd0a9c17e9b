// String variables that the command line sets: with -X, among them the release and the module data, and with -k.
#pragma once

#include "loader/symbols.h"

namespace dovetail::runtime_tables {

// Gives each live variable of Options::string_vars its value, in their order: new content, pointing to a new
// symbol `<name>.str` with the text. A name that no variable of type string has is an error, one that no object
// mentions is not. cmd/link ld/data.go dostrdata, addstrdata, Go 1.26.
void set_string_vars(loader::Services& sv, loader::Program& program);

// Nothing unless fields are tracked. Takes the symbols of tracked fields out of every table, and gives the variable of
// -k, if it is live, this text (loader/field_track.h). REQUIRES: set_string_vars has been called. cmd/link ld/go.go
// fieldtrack, Go 1.26.
void set_tracked_fields(loader::Services& sv, loader::Program& program, std::string_view text);

}  // namespace dovetail::runtime_tables
