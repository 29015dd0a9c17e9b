// What debug information can complain about, in cmd/link's words.
#pragma once

#include <string_view>

#include "base/text.h"
#include "loader/services.h"

namespace dovetail::dwarf {

// Behind everything that resolution and reachability report.
inline constexpr uint64_t kDiagnosticOrder = uint64_t{0xd} << 56;

inline void report_error(loader::Services& sv, std::string text) { sv.diag.error(kDiagnosticOrder, std::move(text)); }

// cmd/link ld/dwarf.go lookupOrDiag, Go 1.26.
inline void report_missing_type(loader::Services& sv, std::string_view name) {
  sv.diag.exit(kDiagnosticOrder, base::concat("dwarf: missing type: type:", name));
}

// cmd/link ld/data.go relocsym, Go 1.26.
inline void report_unreachable(loader::Services& sv, std::string_view symbol, std::string_view target) {
  report_error(sv, base::concat(symbol, ": unreachable sym in relocation: ", target));
}

}  // namespace dovetail::dwarf
