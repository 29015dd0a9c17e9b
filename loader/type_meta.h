// Runtime type descriptors as they lie in objects: what reachability has to read of them.
//
// A type symbol's bytes are Go's abi.Type for a 64-bit target, followed by what its kind adds
// and, if a flag says so, by an "uncommon" part that tells where the method table is. Pointers
// and offsets in it are zero in the object; relocations say what they will be.
//
//   abi.Type        size:8 ptrdata:8 hash:4 tflag:1 align:1 fieldalign:1 kind:1 equal:8 gcdata:8 str:4
//                   ptrtothis:4
//   uncommon part   pkgpath:4 methods:2 exported:2 offset:4 unused:4      (offset counts from this part)
//   method          name:4 type:4 ifn:4 tfn:4                  (of the table; relocations at each)
//   interface method name:4 type:4
//   name            flags:1 length:uvarint text
//
// (internal/abi/type.go; cmd/link ld/decodesym.go and ld/deadcode.go, Go 1.26)
//
// The bytes are somebody else's: everything is checked against the data given, missing trailing
// bytes count as zero (objects leave them out), and what does not fit is nullopt.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "loader/inputs.h"

namespace dovetail::loader {

inline constexpr uint32_t kTypeSize = 48;          // abi.Type
inline constexpr uint32_t kUncommonSize = 16;
inline constexpr uint32_t kMethodSize = 16;        // an entry of the method table
inline constexpr uint32_t kItabTypeOffset = 8;     // abi.ITab.Type

enum class TypeKind : uint8_t {
  kInvalid, kBool, kInt, kInt8, kInt16, kInt32, kInt64, kUint, kUint8, kUint16, kUint32, kUint64, kUintptr,
  kFloat32, kFloat64, kComplex64, kComplex128, kArray, kChan, kFunc, kInterface, kMap, kPointer, kSlice,
  kString, kStruct, kUnsafePointer,
};

// kInvalid if the data ends before the kind.
TypeKind type_kind(base::Bytes type);
inline bool is_interface(base::Bytes type) { return type_kind(type) == TypeKind::kInterface; }
bool has_uncommon(base::Bytes type);

// Where the uncommon part of a type of this kind begins.
uint32_t uncommon_offset(TypeKind kind);

struct MethodTable {
  uint32_t offset;  // of the first entry, from the start of the type
  uint32_t count;
};

// The method table of a type. Nothing if the type has no uncommon part, or if the table does not
// lie within `size` bytes (the symbol's size, which may exceed that of its data).
std::optional<MethodTable> method_table(base::Bytes type, uint32_t size);

// The text of a name symbol ("type:.namedata.…"); nothing if it is truncated.
std::optional<std::string_view> decode_name(base::Bytes namedata);

// unicode.IsUpper of the first character: whether a method of that name is exported.
bool is_exported_name(std::string_view name);

// Relocations of one symbol by offset. They come in ascending order from the compiler, which is
// found out once; any other order is searched linearly. The first of equal offsets counts.
class RelocFinder {
 public:
  RelocFinder(const ObjectView& object, uint32_t local);
  uint32_t size() const { return dense_ ? static_cast<uint32_t>(decoded_.size()) : records_.size(); }
  objfmt::Reloc operator[](uint32_t i) const { return dense_ ? decoded_[i] : records_[i]; }
  std::optional<objfmt::Reloc> find(uint64_t offset) const;
  // What the relocation there points to; nil if there is none.
  objfmt::SymRef target(uint64_t offset) const {
    std::optional<objfmt::Reloc> r = find(offset);
    return r ? r->target : objfmt::SymRef();
  }

 private:
  objfmt::goobj::RelocRange records_;      // of a goobj, as they lie
  std::vector<objfmt::Reloc> decoded_;     // of a dense object
  bool dense_;
  bool ascending_ = true;
};

// The first relocation at an offset, for a single question.
objfmt::SymRef reloc_target(const ObjectView& object, uint32_t local, uint64_t offset);

// The two symbols that tell one method from another: its name's data and its function type. The
// entry at `offset` may be one of a method table or of an interface type; nil where there is no
// relocation.
struct MethodRefs {
  objfmt::SymRef name, type;
};
inline MethodRefs method_refs(const RelocFinder& relocs, uint64_t offset) {
  return {relocs.target(offset), relocs.target(offset + 4)};
}

// The type that an itab is for.
inline objfmt::SymRef itab_type(const ObjectView& object, uint32_t local) {
  return reloc_target(object, local, kItabTypeOffset);
}

}  // namespace dovetail::loader
