// Go type descriptors (abi.Type and what follows it).
//
//   0 size  8 ptrBytes  16 hash:4  20 tflag:1 align:1 fieldAlign:1 kind:1  24 equal  32 gcdata
//   40 str nameOff:4  44 ptrToThis typeOff:4  48 the kind's own words, then abi.UncommonType if tflag has bit
//   0, then the elements: parameters, fields or interface methods; the method table is last.
//
// src/internal/abi/type.go, src/cmd/compile/internal/reflectdata/reflect.go (writeType), Go 1.26.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "inspect/go_tables.h"

namespace dovetail::inspect {
namespace {

using base::Bytes;

enum Kind { kArray = 17, kChan, kFunc, kInterface, kMap, kPointer, kSlice, kString, kStruct, kUnsafePointer };
constexpr uint64_t kTypeHeader = 48, kUncommonSize = 16, kMethodSize = 16;
constexpr uint8_t kTflagUncommon = 1, kTflagExtraStar = 2, kTflagKnown = 0x3f;

struct KindField {
  int kind;
  uint64_t offset, size;
  const char* name;
  TypeFieldKind field;
};
constexpr KindField kKindFields[] = {
    {kArray, 48, 8, "elem", TypeFieldKind::kAddress},
    {kArray, 56, 8, "slice", TypeFieldKind::kAddress},
    {kArray, 64, 8, "len", TypeFieldKind::kPlain},
    {kChan, 48, 8, "elem", TypeFieldKind::kAddress},
    {kChan, 56, 8, "dir", TypeFieldKind::kPlain},
    {kFunc, 48, 2, "inCount", TypeFieldKind::kPlain},
    {kFunc, 50, 2, "outCount", TypeFieldKind::kPlain},
    {kInterface, 48, 8, "pkgPath", TypeFieldKind::kAddress},
    {kInterface, 56, 8, "methods.ptr", TypeFieldKind::kAddress},
    {kInterface, 64, 8, "methods.len", TypeFieldKind::kPlain},
    {kInterface, 72, 8, "methods.cap", TypeFieldKind::kPlain},
    {kMap, 48, 8, "key", TypeFieldKind::kAddress},
    {kMap, 56, 8, "elem", TypeFieldKind::kAddress},
    {kMap, 64, 8, "group", TypeFieldKind::kAddress},
    {kMap, 72, 8, "hasher", TypeFieldKind::kAddress},
    {kMap, 80, 8, "groupSize", TypeFieldKind::kPlain},
    {kMap, 88, 8, "slotSize", TypeFieldKind::kPlain},
    {kMap, 96, 8, "elemOff", TypeFieldKind::kPlain},
    {kMap, 104, 4, "flags", TypeFieldKind::kPlain},
    {kPointer, 48, 8, "elem", TypeFieldKind::kAddress},
    {kSlice, 48, 8, "elem", TypeFieldKind::kAddress},
    {kStruct, 48, 8, "pkgPath", TypeFieldKind::kAddress},
    {kStruct, 56, 8, "fields.ptr", TypeFieldKind::kAddress},
    {kStruct, 64, 8, "fields.len", TypeFieldKind::kPlain},
    {kStruct, 72, 8, "fields.cap", TypeFieldKind::kPlain},
};
constexpr KindField kHeaderFields[] = {
    {0, 0, 8, "size", TypeFieldKind::kPlain},         {0, 8, 8, "ptrBytes", TypeFieldKind::kPlain},
    {0, 16, 4, "hash", TypeFieldKind::kPlain},        {0, 20, 1, "tflag", TypeFieldKind::kPlain},
    {0, 21, 1, "align", TypeFieldKind::kPlain},       {0, 22, 1, "fieldAlign", TypeFieldKind::kPlain},
    {0, 23, 1, "kind", TypeFieldKind::kPlain},        {0, 24, 8, "equal", TypeFieldKind::kAddress},
    {0, 32, 8, "gcdata", TypeFieldKind::kAddress},    {0, 40, 4, "str", TypeFieldKind::kNameOff},
    {0, 44, 4, "ptrToThis", TypeFieldKind::kTypeOff},
};

uint64_t kind_size(int kind) {
  switch (kind) {
    case kArray:
      return 72;
    case kChan:
      return 64;
    case kFunc:
    case kPointer:
    case kSlice:
      return 56;
    case kInterface:
    case kStruct:
      return 80;
    case kMap:
      return 112;
    default:
      return kTypeHeader;
  }
}

// Where the parts of one descriptor lie, relative to it.
struct Shape {
  int kind;
  uint64_t uncommon = 0;  // 0: none
  uint64_t methods = 0, method_count = 0;
  uint64_t elems = 0, elem_count = 0, elem_size = 0;
  uint64_t end = 0;
};

Shape shape_of(Bytes b, uint64_t address) {
  Shape s;
  s.kind = b[23] & 0x1f;
  s.end = kind_size(s.kind);
  if (b.size() < s.end) return s;
  if (b[20] & kTflagUncommon) {
    s.uncommon = s.end;
    s.end += kUncommonSize;
    if (b.size() >= s.end) {
      s.method_count = base::load16(b.data() + s.uncommon + 4);
      s.methods = s.uncommon + base::load32(b.data() + s.uncommon + 8);
    }
  }
  if (s.kind == kFunc) {
    s.elem_size = 8;
    s.elem_count = base::load16(b.data() + 48) + (base::load16(b.data() + 50) & 0x7fffu);
    s.elems = s.end;
  } else if (s.kind == kInterface || s.kind == kStruct) {
    uint64_t data = base::load64(b.data() + 56), count = base::load64(b.data() + 64);
    s.elem_size = s.kind == kStruct ? 24 : 8;
    // The compiler puts them right behind the head; anything far away is no part of this descriptor.
    if (data >= address && data - address <= s.end && count < (1u << 20)) {
      s.elems = data - address;
      s.elem_count = count;
    }
  }
  s.end = std::max(s.end, s.elems + s.elem_count * s.elem_size);
  if (s.method_count != 0) s.end = std::max(s.end, s.methods + s.method_count * kMethodSize);
  return s;
}

bool is_alignment(uint8_t v) { return v != 0 && v <= 64 && (v & (v - 1)) == 0; }

bool is_text(std::string_view s) {
  return !s.empty() &&
         std::all_of(s.begin(), s.end(), [](char c) { return static_cast<uint8_t>(c) >= 0x20; });
}

bool plausible_type(Bytes types, uint64_t offset) {
  Bytes b = types.subspan(offset);
  if (b.size() < kTypeHeader) return false;
  uint64_t size = base::load64(b.data()), pointers = base::load64(b.data() + 8);
  int kind = b[23] & 0x1f;
  if (kind < 1 || kind > kUnsafePointer || pointers > size || size > (uint64_t{1} << 50)) return false;
  if (b[20] > kTflagKnown || !is_alignment(b[21]) || !is_alignment(b[22])) return false;
  uint32_t str = base::load32(b.data() + 40);
  return str != 0 && str < types.size() && is_text(go_name(types.subspan(str)));
}

// Length of the abi.Name at the head of `b`, 0 if it is none: flags (exported, tag, pkgPath, embedded), the
// text, a tag in the same form, 4 bytes of nameOff.
uint64_t name_length(Bytes b) {
  if (b.size() < 2 || b[0] > 15) return 0;
  std::string_view text = go_name(b);
  if (!is_text(text)) return 0;
  auto end = static_cast<uint64_t>(text.data() + text.size() - reinterpret_cast<const char*>(b.data()));
  if (b[0] & 2) {
    const uint8_t* p = b.data() + end;
    uint64_t tag = base::read_uleb(p, b.data() + b.size());
    end = static_cast<uint64_t>(p - b.data()) + std::min<uint64_t>(tag, b.size());
  }
  if (b[0] & 4) end += 4;
  return end <= b.size() ? end : 0;
}

std::string_view type_string(Bytes types, Bytes type) {
  std::string_view name = go_name(types.subspan(base::load32(type.data() + 40)));
  if ((type[20] & kTflagExtraStar) != 0 && !name.empty()) name.remove_prefix(1);
  return name;
}

TypeField make(const KindField& f) { return {f.name, f.offset, f.size, f.field}; }

TypeField element_field(const Shape& s, uint64_t offset) {
  uint64_t i = (offset - s.elems) / s.elem_size, in = (offset - s.elems) % s.elem_size, at = offset - in;
  if (s.kind == kFunc) return {base::concat("param[", i, "]"), at, 8, TypeFieldKind::kAddress};
  if (s.kind == kInterface) {
    if (in < 4) return {base::concat("imethod[", i, "].name"), at, 4, TypeFieldKind::kNameOff};
    return {base::concat("imethod[", i, "].type"), at + 4, 4, TypeFieldKind::kTypeOff};
  }
  if (in < 8) return {base::concat("field[", i, "].name"), at, 8, TypeFieldKind::kAddress};
  if (in < 16) return {base::concat("field[", i, "].type"), at + 8, 8, TypeFieldKind::kAddress};
  return {base::concat("field[", i, "].offset"), at + 16, 8, TypeFieldKind::kPlain};
}

TypeField method_field(const Shape& s, uint64_t offset) {
  static constexpr const char* kNames[4] = {"name", "mtyp", "ifn", "tfn"};
  uint64_t i = (offset - s.methods) / kMethodSize, word = (offset - s.methods) % kMethodSize / 4;
  TypeFieldKind kind = word == 0   ? TypeFieldKind::kNameOff
                       : word == 1 ? TypeFieldKind::kTypeOff
                                   : TypeFieldKind::kTextOff;
  return {base::concat("method[", i, "].", kNames[word]), s.methods + i * kMethodSize + word * 4, 4, kind};
}

TypeField uncommon_field(uint64_t at, uint64_t in) {
  if (in < 4) return {"uncommon.pkgPath", at, 4, TypeFieldKind::kNameOff};
  if (in < 6) return {"uncommon.mcount", at + 4, 2, TypeFieldKind::kPlain};
  if (in < 8) return {"uncommon.xcount", at + 6, 2, TypeFieldKind::kPlain};
  return {in < 12 ? "uncommon.moff" : "uncommon.unused", at + (in & ~uint64_t{3}), 4, TypeFieldKind::kPlain};
}

}  // namespace

TypeField type_field_at(Bytes type, uint64_t type_address, uint64_t offset) {
  for (const KindField& f : kHeaderFields) {
    if (offset >= f.offset && offset < f.offset + f.size) return make(f);
  }
  if (type.size() >= kTypeHeader) {
    Shape s = shape_of(type, type_address);
    for (const KindField& f : kKindFields) {
      if (f.kind == s.kind && offset >= f.offset && offset < f.offset + f.size) return make(f);
    }
    if (s.uncommon != 0 && offset >= s.uncommon && offset < s.uncommon + kUncommonSize) {
      return uncommon_field(s.uncommon, offset - s.uncommon);
    }
    if (s.elem_count != 0 && offset >= s.elems && offset < s.elems + s.elem_count * s.elem_size) {
      return element_field(s, offset);
    }
    if (s.method_count != 0 && offset >= s.methods && offset < s.methods + s.method_count * kMethodSize) {
      return method_field(s, offset);
    }
  }
  return {"", offset & ~uint64_t{7}, 8, TypeFieldKind::kPlain};
}

std::vector<TypeEntry> find_types(const objfmt::ImageView& view, const ModuleData& module) {
  std::vector<TypeEntry> entries;
  uint64_t begin = module.types(), end = module.etypes();
  if (!module.found || end <= begin) return entries;
  Bytes types = view.at(begin);
  types = types.first(std::min<uint64_t>(types.size(), end - begin));
  for (uint64_t at = 0; at + 2 <= types.size();) {
    if ((begin + at) % 8 == 0 && plausible_type(types, at)) {
      Bytes type = types.subspan(at);
      uint64_t size = std::min<uint64_t>(shape_of(type, begin + at).end, type.size());
      entries.push_back({begin + at, size, type_string(types, type), true});
      at += size;
    } else if (uint64_t length = name_length(types.subspan(at)); length != 0) {
      entries.push_back({begin + at, length, go_name(types.subspan(at)), false});
      at += length;
    } else {
      at++;
    }
  }
  // etypes is the end of all read-only data: behind the last type, what looks like a name is a coincidence.
  while (!entries.empty() && !entries.back().is_type) entries.pop_back();
  return entries;
}

}  // namespace dovetail::inspect
