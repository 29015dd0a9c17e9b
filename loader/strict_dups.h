// -strictdups: whether definitions that may be duplicated (dupok) are the same everywhere.
//
// Each such definition is compared with the one that stands when it is met, in load order: data, and
// sizes where the data are equal. Content-addressed symbols are not looked at.
// cmd/link loader/loader.go checkdup, Go 1.26.
#pragma once

#include "loader/resolve.h"

namespace dovetail::loader {

// Reports each mismatch as a note. Returns whether the link fails because of them, with exit status 2, once
// it is done: with -strictdups=2, unless there is DWARF and it says that packages were compiled with
// different flags. REQUIRES: sv.options.strict_duplicates is not 0.
bool check_strict_dups(Services& sv, const Inputs& in, const Resolution& res);

}  // namespace dovetail::loader
