// Reading one runtime type descriptor (loader/type_meta.h draws its head). All of it is in one object, but for names of
// fields that are neither content-addressed nor the object's own.
#include <algorithm>

#include "base/text.h"
#include "dwarf/diagnostics.h"
#include "dwarf/type_record.h"
#include "loader/type_meta.h"

namespace dovetail::dwarf {

using base::Bytes;
using loader::ObjectView;
using loader::TypeKind;

namespace {

constexpr uint64_t kFirstPart = loader::kTypeSize;  // where a type's own description begins
constexpr uint64_t kSecondPart = kFirstPart + 8, kThirdPart = kFirstPart + 16, kFourthPart = kFirstPart + 32;
constexpr uint64_t kFieldSize = 24;
constexpr uint8_t kNameEmbedded = 1 << 3;

uint64_t most_fields(uint64_t bytes) { return bytes / kFieldSize; }

// Whether a type of this name gets a typedef (cmd/link ld/dwarf.go dotypedef, Go 1.26).
bool has_typedef_name(std::string_view name) {
  return !name.empty() && name[0] != '[' && name[0] != '*' && !name.starts_with("map[") &&
         !name.starts_with("struct {") && !name.starts_with("noalg.struct {") && !name.starts_with("chan ");
}

struct BasicForm {
  Abbrev abbrev;
  uint8_t encoding;
  bool may_have_typedef;
};

// cmd/link ld/dwarf.go newtype, Go 1.26.
BasicForm form_of(TypeKind kind) {
  using K = TypeKind;
  switch (kind) {
    case K::kBool: return {Abbrev::kBaseType, kEncodingBoolean, false};
    case K::kInt: case K::kInt8: case K::kInt16: case K::kInt32: case K::kInt64:
      return {Abbrev::kBaseType, kEncodingSigned, false};
    case K::kUint: case K::kUint8: case K::kUint16: case K::kUint32: case K::kUint64: case K::kUintptr:
      return {Abbrev::kBaseType, kEncodingUnsigned, false};
    case K::kFloat32: case K::kFloat64: return {Abbrev::kBaseType, kEncodingFloat, false};
    case K::kComplex64: case K::kComplex128: return {Abbrev::kBaseType, kEncodingComplexFloat, false};
    case K::kArray: return {Abbrev::kArrayType, 0, true};
    case K::kChan: return {Abbrev::kChanType, 0, false};
    case K::kFunc: return {Abbrev::kFuncType, 0, true};
    case K::kInterface: return {Abbrev::kIfaceType, 0, true};
    case K::kMap: return {Abbrev::kMapType, 0, false};
    case K::kPointer: return {Abbrev::kPtrType, 0, true};
    case K::kSlice: return {Abbrev::kSliceType, 0, true};
    case K::kString: return {Abbrev::kStringType, 0, false};
    case K::kStruct: return {Abbrev::kStructType, 0, true};
    case K::kUnsafePointer: return {Abbrev::kBarePtrType, 0, false};
    default: return {Abbrev::kNull, 0, false};
  }
}

// One descriptor. Missing trailing bytes are zero.
class Decoder {
 public:
  Decoder(const Program& program, Slot slot, TypeBatch& batch)
      : program_(program), slot_(slot), view_(program.in.objects[slot.object].view), data_(view_.data(slot.local)),
        relocs_(view_, slot.local), batch_(batch) {}

  void decode(RawId symbol) {
    TypeRecord& r = batch_.records.emplace_back();
    size_t first = batch_.parts.size();
    r.symbol = symbol;
    std::string_view name = view_.name(slot_.local, batch_.names);
    bool is_type = name.starts_with("type:");
    r.name = batch_.texts.keep(is_type ? name.substr(5) : name);
    TypeKind kind = is_type ? loader::type_kind(data_) : TypeKind::kInvalid;
    BasicForm form = form_of(kind);
    r.abbrev = form.abbrev;
    r.defective = form.abbrev == Abbrev::kNull;
    if (r.defective) return;
    r.encoding = form.encoding;
    r.kind = static_cast<uint8_t>(kind);
    r.has_typedef = form.may_have_typedef && has_typedef_name(r.name);
    r.runtime_type = program_.id(symbol);
    r.byte_size = load(0, 8);
    r.defective = !decode_parts(form.abbrev) || missing_;
    r.part_count = static_cast<uint32_t>(batch_.parts.size() - first);
  }
  uint64_t field_count() const { return load(kThirdPart, 8); }

 private:
  uint64_t load(uint64_t offset, unsigned bytes) const {
    if (offset + 8 <= data_.size()) return base::load64(&data_[offset]) & (~uint64_t{0} >> (64 - 8 * bytes));
    uint64_t v = 0;
    for (unsigned i = 0; i < bytes && offset + i < data_.size(); i++) v |= uint64_t{data_[offset + i]} << (8 * i);
    return v;
  }
  RawId target(uint64_t offset) {
    RawId to = program_.res.resolve(program_.in, slot_.object, relocs_.target(offset));
    missing_ |= to == RawId::kNil;
    return to;
  }
  TypeMember& part(RawId symbol, Abbrev abbrev = Abbrev::kNull) {
    TypeMember& p = batch_.parts.emplace_back();
    p.symbol = symbol;
    p.abbrev = abbrev;
    return p;
  }

  bool decode_parts(Abbrev abbrev) {
    switch (abbrev) {
      case Abbrev::kArrayType: {
        part(target(kFirstPart));
        TypeMember& range = part(kUintptrType, Abbrev::kArrayRange);
        range.name = "range";
        range.value = load(kThirdPart, 8);
        break;
      }
      case Abbrev::kMapType:
        part(target(kFirstPart));
        part(target(kSecondPart));
        part(target(kThirdPart));
        break;
      case Abbrev::kChanType:
      case Abbrev::kPtrType:
      case Abbrev::kSliceType: part(target(kFirstPart)); break;
      case Abbrev::kIfaceType: part(load(kThirdPart, 8) == 0 ? kEfaceType : kIfaceType); break;
      case Abbrev::kFuncType: decode_function(); break;
      case Abbrev::kStructType: return decode_struct();
      default: break;
    }
    return true;
  }

  void decode_function() {
    uint64_t in = load(kFirstPart, 2), out = load(kFirstPart + 2, 2);
    bool variadic = out & 0x8000;
    out &= 0x7fff;
    uint64_t offset = kSecondPart + (loader::has_uncommon(data_) ? loader::kUncommonSize : 0);
    for (uint64_t i = 0; i < in; i++, offset += 8) part(target(offset), Abbrev::kFuncTypeParam);
    if (variadic) part(RawId::kNil, Abbrev::kDotDotDot);
    for (uint64_t i = 0; i < out; i++, offset += 8) part(target(offset), Abbrev::kFuncTypeOutParam);
  }

  bool decode_struct() {
    uint64_t count = field_count();
    uint64_t offset = kFourthPart + (loader::has_uncommon(data_) ? loader::kUncommonSize : 0);
    if (count > most_fields(view_.size(slot_.local))) return false;
    for (uint64_t i = 0; i < count; i++, offset += kFieldSize) {
      TypeMember& field = part(target(offset + 8), Abbrev::kStructField);
      field.value = static_cast<uint64_t>(int64_t{static_cast<int32_t>(load(offset + 16, 8))});
      name_field(field, relocs_.target(offset));
    }
    return true;
  }

  void name_field(TypeMember& field, objfmt::SymRef name) {
    Bytes text = name_data(name);
    std::optional<std::string_view> known = loader::decode_name(text);
    missing_ |= !known;
    field.name = batch_.texts.keep(known.value_or(std::string_view()));
    field.embedded = !text.empty() && (text[0] & kNameEmbedded);
    if (field.name.empty() && field.symbol != RawId::kNil) {
      Slot slot = program_.res.content(program_.in, field.symbol);
      std::string_view type = program_.in.objects[slot.object].view.name(slot.local);
      field.name = batch_.texts.keep(type.substr(std::min<size_t>(5, type.size())));
    }
  }

  // A content-addressed symbol's bytes are the same in every object, so this one's are read.
  Bytes name_data(objfmt::SymRef ref) const {
    uint32_t first = view_.pkgdef_count();
    switch (view_.space(ref)) {
      case objfmt::RefSpace::kHashed64:
        if (ref.sym < view_.hashed64_count()) return view_.data(first + ref.sym);
        return {};
      case objfmt::RefSpace::kHashed:
        if (ref.sym < view_.hashed_count()) return view_.data(first + view_.hashed64_count() + ref.sym);
        return {};
      default: break;
    }
    RawId name = program_.res.resolve(program_.in, slot_.object, ref);
    if (name == RawId::kNil) return {};
    Slot slot = program_.res.content(program_.in, name);
    return program_.in.objects[slot.object].view.data(slot.local);
  }

  const Program& program_;
  Slot slot_;
  const ObjectView& view_;
  Bytes data_;
  loader::RelocFinder relocs_;
  TypeBatch& batch_;
  bool missing_ = false;  // a type that this one is made of, or a field's name
};

}  // namespace

void decode_type(const Program& program, RawId symbol, Slot slot, TypeBatch& batch) {
  Decoder(program, slot, batch).decode(symbol);
}

void report_defect(Services& sv, const Program& program, RawId symbol) {
  Slot slot = program.res.content(program.in, symbol);
  const ObjectView& view = program.in.objects[slot.object].view;
  std::string_view name = view.name(slot.local);
  Bytes data = view.data(slot.local);
  if (!name.starts_with("type:")) {
    return report_error(sv, base::concat(name, ": dwarf: type name doesn't start with \"type:\""));
  }
  if (data.empty()) return report_error(sv, base::concat(name, ": missing type"));
  TypeKind kind = loader::type_kind(data);
  if (form_of(kind).abbrev == Abbrev::kNull) {
    return report_error(sv, base::concat(name, ": dwarf: definition of unknown kind ", static_cast<int>(kind)));
  }
  TypeBatch unused;
  uint64_t fields = kind == TypeKind::kStruct ? Decoder(program, slot, unused).field_count() : 0;
  if (fields > most_fields(view.size(slot.local))) {
    return report_error(sv, base::concat(name, ": dwarf: type has ", fields, " fields in ", view.size(slot.local), " bytes"));
  }
  // cmd/link panics.
  report_error(sv, base::concat(name, ": malformed object: descriptor of a type"));
}

}  // namespace dovetail::dwarf
