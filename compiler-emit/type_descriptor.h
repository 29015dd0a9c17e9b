// Descriptions of Go types, "type:NAME", as the Go compiler emits them and the runtime, reflect and the
// collector read them (internal/abi/type.go; cmd/compile/internal/reflectdata/reflect.go writeType, Go 1.26).
// The same type described in several objects is one type of the program, so the description has to be what
// the Go compiler's would be.
//
// Not described here: maps, interfaces with methods, and methods of named types.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "compiler-emit/object_builder.h"

namespace dovetail::emit {

// internal/abi Kind.
enum class TypeKind : uint8_t {
  kBool = 1,
  kInt,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kUint,
  kUint8,
  kUint16,
  kUint32,
  kUint64,
  kUintptr,
  kFloat32,
  kFloat64,
  kComplex64,
  kComplex128,
  kArray,
  kChan,
  kFunc,
  kPointer = 22,
  kSlice,
  kString,
  kStruct,
  kUnsafePointer,
};

struct StructField {
  std::string name, tag;
  SymbolId type = SymbolId::kNone;
  uint64_t offset = 0;
  bool embedded = false;
};

struct TypeDescription {
  TypeKind kind = TypeKind::kInt;
  std::string
      link_name;     // with whole package paths: "example.com/p.T", "*example.com/p.T", "struct { A int }"
  std::string text;  // as reflect prints it, with the packages' names: "p.T"; empty: the same
  uint64_t size = 0;
  uint8_t align = 1;
  std::vector<bool> pointers;  // which of its words are pointers, up to the last one that is
  // A function value that compares two of them: what memory_equal gives, or function_value of a function of
  // its own. kNone if they cannot be compared.
  SymbolId equal = SymbolId::kNone;
  bool regular_memory = false;  // equal values have equal bytes, all of which count
  std::string package;  // the path, if the type has a name of its own, or is a struct with unexported fields
  std::string name;     // of a type that has one of its own, "T"; of pointers to such types the element's
  SymbolId pointer_to_this = SymbolId::kNone;  // the description of *T, if there is one

  SymbolId element = SymbolId::kNone;         // of arrays, channels, pointers and slices
  SymbolId slice = SymbolId::kNone;           // of arrays: of []element
  uint64_t length = 0;                        // of arrays
  uint8_t direction = 3;                      // of channels: 1 receives, 2 sends
  std::vector<SymbolId> parameters, results;  // of functions
  bool variadic = false;
  std::vector<StructField> fields;
};

// Defines "type:" + link_name; mistakes become the object's. A type with a name of its own belongs to its
// package and is defined once; any other may be in many objects.
SymbolId define_type(ObjectBuilder& object, const TypeDescription& type);

// A function value that compares `size` bytes, by the runtime's functions.
SymbolId memory_equal(ObjectBuilder& object, uint64_t size);

}  // namespace dovetail::emit
