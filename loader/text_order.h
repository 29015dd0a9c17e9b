// The order of functions (cmd/link loader/loader.go AssignTextSymbolOrder, Go 1.26).
#pragma once

#include "loader/symbols.h"

namespace dovetail::loader {

struct TextOrder {
  // Packages that the runtime needs first, then the rest, each in postorder; not yet sorted by kind (FIPS) nor
  // shuffled: see linker's place_text for the order of addresses.
  std::vector<SymId> functions;
  std::vector<uint32_t> libraries;  // with which each is laid out
  // Functions of each object (compilation unit) in that order: unit_begin[object] .. unit_begin[object + 1] in unit_functions.
  std::vector<SymId> unit_functions;
  std::vector<uint32_t> unit_begin;

  std::span<const SymId> unit(uint32_t object) const {
    return std::span(unit_functions).subspan(unit_begin[object], unit_begin[object + 1] - unit_begin[object]);
  }
};

bool is_runtime_package(const Services& sv, std::string_view path);

TextOrder order_text(Services& sv, const Program& program);

}  // namespace dovetail::loader
