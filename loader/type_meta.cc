#include "loader/type_meta.h"

#include <algorithm>

#include "base/go_text.h"

namespace dovetail::loader {
namespace {

constexpr uint32_t kTflagOffset = 20, kKindOffset = 23;
constexpr uint8_t kTflagUncommon = 1;

// A little-endian number whose missing bytes are zero.
uint32_t load_padded(base::Bytes b, uint64_t offset, unsigned bytes) {
  uint32_t v = 0;
  for (unsigned i = 0; i < bytes && offset + i < b.size(); i++) v |= uint32_t{b[offset + i]} << (8 * i);
  return v;
}

}  // namespace

TypeKind type_kind(base::Bytes type) {
  return type.size() > kKindOffset ? static_cast<TypeKind>(type[kKindOffset]) : TypeKind::kInvalid;
}

bool has_uncommon(base::Bytes type) {
  return type.size() > kTflagOffset && (type[kTflagOffset] & kTflagUncommon) != 0;
}

uint32_t uncommon_offset(TypeKind kind) {
  switch (kind) {
    case TypeKind::kStruct: return kTypeSize + 32;     // package path, fields
    case TypeKind::kPointer: return kTypeSize + 8;     // element
    case TypeKind::kFunc: return kTypeSize + 8;        // counts, padded
    case TypeKind::kSlice: return kTypeSize + 8;       // element
    case TypeKind::kArray: return kTypeSize + 24;      // element, slice, length
    case TypeKind::kChan: return kTypeSize + 16;       // element, direction
    case TypeKind::kMap: return kTypeSize + 64;        // key, element, group, hasher, sizes, flags, padding
    case TypeKind::kInterface: return kTypeSize + 24;  // package path, methods
    default: return kTypeSize;
  }
}

std::optional<MethodTable> method_table(base::Bytes type, uint32_t size) {
  if (!has_uncommon(type)) return std::nullopt;
  uint64_t uncommon = uncommon_offset(type_kind(type));
  uint32_t count = load_padded(type, uncommon + 4, 2);
  uint64_t offset = uncommon + load_padded(type, uncommon + 8, 4);
  if (offset + uint64_t{count} * kMethodSize > size) return std::nullopt;
  return MethodTable{static_cast<uint32_t>(offset), count};
}

std::optional<std::string_view> decode_name(base::Bytes namedata) {
  if (namedata.size() < 2) return std::nullopt;
  // A length of five bytes is more than any symbol holds.
  uint64_t length = 0;
  for (size_t i = 1; i < namedata.size() && i <= 5; i++) {
    length |= uint64_t{namedata[i] & 0x7fu} << (7 * (i - 1));
    if (namedata[i] < 0x80) {
      if (length > namedata.size() - (i + 1)) return std::nullopt;
      return base::as_text(namedata.subspan(i + 1, length));
    }
  }
  return std::nullopt;
}

bool is_exported_name(std::string_view name) {
  if (name.empty()) return false;
  uint32_t c = static_cast<uint8_t>(name[0]);
  if (c < 0x80) return c >= 'A' && c <= 'Z';
  return base::is_upper(base::decode_rune(name).value);
}

RelocFinder::RelocFinder(const ObjectView& object, uint32_t local)
    : records_(object.goobj_relocs(local)), dense_(object.is_dense()) {
  if (dense_) {
    for (objfmt::Reloc r : object.relocs(local)) decoded_.push_back(r);
  }
  for (uint32_t i = 1; i < size(); i++) {
    if ((*this)[i].offset < (*this)[i - 1].offset) {
      ascending_ = false;
      return;
    }
  }
}

std::optional<objfmt::Reloc> RelocFinder::find(uint64_t offset) const {
  uint32_t low = 0, high = size();
  if (offset > INT32_MAX) return std::nullopt;
  if (!ascending_) {
    while (low < high && static_cast<uint64_t>((*this)[low].offset) != offset) low++;
  } else {
    while (low < high) {
      uint32_t middle = low + (high - low) / 2;
      if ((*this)[middle].offset < static_cast<int64_t>(offset)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
  }
  if (low == size() || static_cast<uint64_t>((*this)[low].offset) != offset) return std::nullopt;
  return (*this)[low];
}

objfmt::SymRef reloc_target(const ObjectView& object, uint32_t local, uint64_t offset) {
  for (objfmt::Reloc r : object.relocs(local)) {
    if (static_cast<uint64_t>(r.offset) == offset) return r.target;
  }
  return {};
}

}  // namespace dovetail::loader
