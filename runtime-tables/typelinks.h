// runtime.typelink and runtime.itablink: the types that reflection may find by name, and all itabs.
//
// Types are sorted by their text. Different types may have the same one (template.Template of text/ and of
// html/), and then their order is what Go's unstable sort makes of the symbols' order; so the very same sort is
// run. It compares ranks, which ordinary sorting in parallel has found before: equal results of all comparisons
// give equal permutations, and comparing numbers instead of far-off texts is ten times cheaper. Itabs are in
// symbol order. cmd/link ld/typelink.go, Go 1.26.
#pragma once

#include <string_view>
#include <vector>

#include "base/text_arena.h"
#include "loader/symbols.h"

namespace dovetail::runtime_tables {

struct Typelinks {
  loader::SymId typelink = loader::SymId::kNil;  // 4 bytes each: offset of a type from the start of the types
  loader::SymId itablink = loader::SymId::kNil;  // 8 bytes each: address of an itab
  uint32_t type_count = 0, itab_count = 0;
};

// What is found object by object: each once, on any thread.
class TypelinkScan {
 public:
  explicit TypelinkScan(const loader::Program& program) : program_(program), objects_(program.in.objects.size()) {}
  void scan_object(uint32_t object);

 private:
  friend struct TypelinkOrder sort_typelinks(loader::Services&, const TypelinkScan&);
  struct Type {
    loader::SymId symbol;
    std::string_view text;
  };
  // One list for each kind of definition: all objects' package definitions come first in symbol order.
  struct Found {
    std::vector<Type> types[3];
    std::vector<loader::SymId> itabs[3];
    base::TextArena texts;
  };
  const loader::Program& program_;
  std::vector<Found> objects_;
};

struct TypelinkOrder {
  std::vector<loader::SymId> types, itabs;
};

// Makes no symbols and changes none. REQUIRES: all objects are scanned.
TypelinkOrder sort_typelinks(loader::Services& sv, const TypelinkScan& scan);

Typelinks make_typelinks(loader::Program& program, const TypelinkOrder& order);

}  // namespace dovetail::runtime_tables
