// Abbreviations: which attributes a debug entry has, in which order.
//
// Compiler and linker share one table (cmd/internal/dwarf/dwarf.go abbrevs and putvarabbrevgen.go, Go 1.26): the
// compiler writes functions and variables against it, the linker compilation units and types, and .debug_abbrev is
// the table itself, whatever of it the program uses. So its order is fixed by the Go release.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dwarf/forms.h"

namespace dovetail::dwarf {

enum class Abbrev : uint8_t {
  kNull, kCompileUnit, kCompileUnitTextless, kFunction, kWrapper, kFunctionAbstract, kFunctionConcrete,
  kWrapperConcrete, kInlinedSubroutine, kInlinedSubroutineRanges, kVariable, kIntConstant, kLexicalBlockRanges,
  kLexicalBlockSimple, kStructField, kFuncTypeParam, kFuncTypeOutParam, kDotDotDot, kArrayRange, kNullType,
  kBaseType, kArrayType, kChanType, kFuncType, kIfaceType, kMapType, kPtrType, kBarePtrType, kSliceType,
  kStringType, kStructType, kTypedef, kDictIndex,
};

struct AttrForm {
  Attr attr;
  Form form;
};

// The attributes of an abbreviation that the linker itself writes, in order; forms are final (no pseudo-forms).
std::span<const AttrForm> attributes(Abbrev abbrev, int version);
bool has_children(Abbrev abbrev);

// The bytes of .debug_abbrev. Lines of inlined calls, which compilers write: four bytes or LEB128.
std::vector<uint8_t> abbrev_section(int version, bool call_line_data4);

}  // namespace dovetail::dwarf
