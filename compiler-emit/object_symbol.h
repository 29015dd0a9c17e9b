// A symbol inside an ObjectBuilder, and how symbols become numbered records of a file.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler-emit/object_parts.h"

namespace dovetail::emit {

// Kinds that only the library itself defines (cmd/internal/objabi/symkind.go, Go 1.26).
inline constexpr uint8_t kTextKind = 1, kRodataKind = 3, kDataSymbolKind = 7, kDwarfFunctionKind = 14,
                         kDwarfAbstractKind = 15, kDwarfVariableKind = 17, kDwarfRangesKind = 18,
                         kDwarfLocationsKind = 19, kDwarfLinesKind = 20;

struct ObjectSymbol {
  enum class State : uint8_t {
    kReference,  // by name; may become a definition
    kIndexed,    // of another package, by number
    kDeclared,   // to be defined
    kDefined,
  } state = State::kReference;
  Linkage linkage = Linkage::kNamed;
  bool is_pc_table = false;
  uint8_t kind = 0;
  uint16_t abi = 0, flags = 0;
  std::string name;
  uint32_t package = 0, index = 0;  // of kIndexed: the number of the package, and the symbol's there

  uint32_t size = 0, align = 0;
  std::vector<uint8_t> bytes;
  std::vector<Relocation> relocs;
  struct Associated {
    objfmt::AuxKind kind;
    SymbolId symbol;  // kNone: the place is empty
  };
  std::vector<Associated> associated;
  // Of functions: what metadata are made of when all symbols have numbers, and the symbol that gets them.
  std::unique_ptr<Function> function;
  SymbolId function_info = SymbolId::kNone;
  std::string debug_type;

  bool defined() const { return state == State::kDefined; }
};

}  // namespace dovetail::emit
