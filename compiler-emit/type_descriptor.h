// Descriptions of Go types, "type:NAME", as the Go compiler emits them and the runtime, reflect and the
// collector read them (internal/abi/type.go; cmd/compile/internal/reflectdata/reflect.go writeType, Go 1.26).
// The same type described in several objects is one type of the program, so the description has to be what
// the Go compiler's would be.
//
// What the description says of the type's values (sizes, alignments, pointers, how they compare) is the
// caller's; type_algorithm.h names the functions that compare and hash, map_type.h makes the types inside of
// maps.
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
  kInterface,
  kMap,
  kPointer,
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

// A method of a type, of a pointer to it, or of an interface, which has no code.
struct TypeMethod {
  std::string name;
  std::string package;              // of names that are not exported: the path
  SymbolId type = SymbolId::kNone;  // of the function, without the receiver
  // Called with the receiver as the data word of an interface, and as a value of the type. They are kept in
  // the program if reflection or an interface may reach the method.
  SymbolId interface_code = SymbolId::kNone, code = SymbolId::kNone;
};

// What only maps have (internal/abi/map.go MapType).
struct MapLayout {
  SymbolId key = SymbolId::kNone;
  SymbolId group = SymbolId::kNone;       // what map_type.h makes
  SymbolId hasher = SymbolId::kNone;      // a function value
  SymbolId underlying = SymbolId::kNone;  // of a type with a name of its own: the map type without one
  uint64_t group_size = 0, slot_size = 0, element_offset = 0;
  bool need_key_update = false;   // equal keys may differ in their bytes
  bool hash_might_panic = false;  // there are interfaces in it
  bool indirect_key = false, indirect_element = false;
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

  // A type with a name of its own that any object may have: an instance of a generic one.
  bool instance = false;
  // Inside of maps: it has neither a function that compares nor one that hashes, though it could.
  bool no_algorithms = false;
  bool fields_of_no_package = false;  // and its fields' names, of the compiler's making, belong to no package
  // Exported ones first, each half in the order of names. Of types with a name, pointers to those, structs,
  // interfaces.
  std::vector<TypeMethod> methods;

  SymbolId element = SymbolId::kNone;         // of arrays, channels, maps, pointers and slices
  SymbolId slice = SymbolId::kNone;           // of arrays: of []element
  uint64_t length = 0;                        // of arrays
  uint8_t direction = 3;                      // of channels: 1 receives, 2 sends
  std::vector<SymbolId> parameters, results;  // of functions
  bool variadic = false;
  std::vector<StructField> fields;
  MapLayout map;
};

// The name of the description's symbol: "type:" + link_name, or "type:noalg." + link_name.
std::string type_symbol_name(const TypeDescription& type);

// Defines that symbol; mistakes become the object's. A type with a name of its own belongs to its
// package and is defined once; any other may be in many objects.
SymbolId define_type(ObjectBuilder& object, const TypeDescription& type);

// The same for types without a name, as the Go compiler does it: with the description of pointers to the
// type, and nothing where one has been defined.
SymbolId define_unnamed_type(ObjectBuilder& object, TypeDescription type);
// The description of pointers to an element that has no name, defined if it is not there. Those to a type
// with a name belong to its object (for basic types the runtime's) and are named "type:*NAME".
SymbolId pointer_type(ObjectBuilder& object, SymbolId element, std::string_view link_name,
                      std::string_view text);

}  // namespace dovetail::emit
