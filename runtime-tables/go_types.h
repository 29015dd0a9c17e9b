// Type descriptors by RawId: what the tables ask of types that may be dead.
//
// Layouts stand in loader/type_meta.h. Bytes that an object leaves out are zero.
#pragma once

#include <string_view>

#include "loader/symbols.h"
#include "loader/type_meta.h"

namespace dovetail::runtime_tables {

// The Go type of a variable, from its content's auxiliary symbols; kNil if it says none.
loader::RawId go_type(const loader::Program& program, loader::RawId variable);

// Where a symbol's content is. REQUIRES: canonical, not nil. Cheap for what is live.
inline loader::Slot content_slot(const loader::Program& program, loader::RawId raw) {
  loader::SymId s = program.id(raw);
  if (s == loader::SymId::kNil) return program.res.content(program.in, raw);
  return {program.syms.object[base::index(s)], program.syms.local[base::index(s)]};
}

class TypeView {
 public:
  // REQUIRES: type is a canonical RawId, not nil.
  TypeView(const loader::Program& program, loader::RawId type) : TypeView(program, content_slot(program, type)) {}
  TypeView(const loader::Program& program, loader::Slot slot)
      : program_(program), slot_(slot), data_(view().data(slot.local)) {}

  std::string_view name() const { return view().name(slot_.local); }
  uint64_t size() const { return word(0); }
  uint64_t pointer_bytes() const { return word(8); }  // up to the last pointer
  loader::TypeKind kind() const { return loader::type_kind(data_); }
  bool mask_on_demand() const { return tflags() & kMaskOnDemand; }
  // The text of the type, without the star that only saves room for its pointer's name.
  std::string_view text() const;

  // Of arrays.
  loader::RawId element() const { return target(loader::kTypeSize); }
  uint64_t length() const { return word(loader::kTypeSize + 16); }

  // Of structs: { pkgpath:8 fields:24 } and behind that, or behind the uncommon part, fields of
  // { name:8 type:8 offset:8 }.
  static constexpr uint32_t kFieldSize = 24;
  uint64_t field_count() const { return word(loader::kTypeSize + 16); }
  uint64_t fields_at() const {
    return loader::kTypeSize + 32 + (loader::has_uncommon(data_) ? loader::kUncommonSize : 0);
  }
  uint64_t field_offset(uint64_t i) const { return word(fields_at() + i * kFieldSize + 16); }
  uint64_t field_type_at(uint64_t i) const { return fields_at() + i * kFieldSize + 8; }

  loader::RawId gc_mask() const { return target(32); }
  loader::RelocFinder relocs() const { return loader::RelocFinder(view(), slot_.local); }
  // What a reference out of this type means.
  loader::RawId resolve(objfmt::SymRef ref) const { return program_.res.resolve(program_.in, slot_.object, ref); }
  uint64_t data_size() const { return data_.size(); }

 private:
  static constexpr uint8_t kExtraStar = 1 << 1, kMaskOnDemand = 1 << 4;  // internal/abi/type.go TFlag, Go 1.26

  const loader::ObjectView& view() const { return program_.in.objects[slot_.object].view; }
  uint64_t word(uint64_t at) const;
  uint8_t tflags() const { return data_.size() > 20 ? data_[20] : 0; }
  loader::RawId target(uint64_t at) const { return resolve(loader::reloc_target(view(), slot_.local, at)); }

  const loader::Program& program_;
  loader::Slot slot_;
  base::Bytes data_;
};

}  // namespace dovetail::runtime_tables
