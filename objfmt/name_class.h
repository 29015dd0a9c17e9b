// What cmd/link decides by a symbol's name alone: among which others it is laid out (ld/symtab.go symtab,
// Go 1.26).
#pragma once

#include <cstdint>
#include <string_view>

namespace dovetail::objfmt {

enum class NameClass : uint8_t { kOther, kString, kGcBits, kFunc, kType };

inline NameClass name_class(std::string_view name) {
  if (name.starts_with("go:string.")) return NameClass::kString;
  if (name.starts_with("runtime.gcbits.") || name.starts_with("type:.gcprog.")) return NameClass::kGcBits;
  if (name.ends_with("\xc2\xb7"
                     "f"))
    return NameClass::kFunc;
  if (name.starts_with("type:")) return NameClass::kType;
  return NameClass::kOther;
}

}  // namespace dovetail::objfmt
