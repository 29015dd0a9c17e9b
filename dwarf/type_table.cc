#include "dwarf/type_table.h"

#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "dwarf/diagnostics.h"
#include "loader/type_meta.h"

namespace dovetail::dwarf {

using base::Bytes;
using loader::Object;
using loader::TypeKind;

namespace {

constexpr uint64_t kFirstPart = loader::kTypeSize;  // where a type's own description begins
constexpr uint64_t kSecondPart = kFirstPart + 8, kThirdPart = kFirstPart + 16, kFourthPart = kFirstPart + 32;
constexpr uint64_t kFieldSize = 24;
constexpr uint8_t kNameEmbedded = 1 << 3;

// Types decoded at one go, and so many that pages are given back behind them.
constexpr uint64_t kBatch = 256, kTypesPerDrop = 8192;

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

}  // namespace

// One descriptor. Missing trailing bytes are zero.
struct TypeTable::Decoder {
  TypeTable& table;
  uint32_t object_index;
  const Object& object;
  uint32_t local;
  Bytes data;
  loader::RelocFinder relocs;
  std::vector<TypeMember>& parts;

  uint64_t load(uint64_t offset, unsigned bytes) const {
    uint64_t v = 0;
    for (unsigned i = 0; i < bytes && offset + i < data.size(); i++) v |= uint64_t{data[offset + i]} << (8 * i);
    return v;
  }
  RawId target(uint64_t offset) const {
    return table.program_.res.resolve(table.program_.in, object_index, relocs.target(offset));
  }
  TypeMember& part(RawId symbol, Abbrev abbrev = Abbrev::kNull) {
    TypeMember& p = parts.emplace_back();
    p.symbol = symbol;
    p.abbrev = abbrev;
    return p;
  }

  void decode(Abbrev abbrev) {
    switch (abbrev) {
      case Abbrev::kArrayType: {
        part(target(kFirstPart));
        TypeMember& range = part(table.uintptr_, Abbrev::kArrayRange);
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
      case Abbrev::kIfaceType: part(load(kThirdPart, 8) == 0 ? table.eface_ : table.iface_); break;
      case Abbrev::kFuncType: decode_function(); break;
      case Abbrev::kStructType: decode_struct(); break;
      default: break;
    }
  }

  void decode_function() {
    uint64_t in = load(kFirstPart, 2), out = load(kFirstPart + 2, 2);
    bool variadic = out & 0x8000;
    out &= 0x7fff;
    uint64_t offset = kSecondPart + (loader::has_uncommon(data) ? loader::kUncommonSize : 0);
    for (uint64_t i = 0; i < in; i++, offset += 8) part(target(offset), Abbrev::kFuncTypeParam);
    if (variadic) part(RawId::kNil, Abbrev::kDotDotDot);
    for (uint64_t i = 0; i < out; i++, offset += 8) part(target(offset), Abbrev::kFuncTypeOutParam);
  }

  void decode_struct() {
    uint64_t count = load(kThirdPart, 8), size = object.view.size(local);
    uint64_t offset = kFourthPart + (loader::has_uncommon(data) ? loader::kUncommonSize : 0);
    if (count > size / kFieldSize) {
      return report_error(table.sv_, base::concat(object.view.name(local), ": dwarf: type has ", count, " fields in ",
                                                  size, " bytes"));
    }
    for (uint64_t i = 0; i < count; i++, offset += kFieldSize) {
      TypeMember& field = part(target(offset + 8), Abbrev::kStructField);
      field.value = static_cast<uint64_t>(int64_t{static_cast<int32_t>(load(offset + 16, 8))});
      name_field(field, target(offset));
    }
  }

  void name_field(TypeMember& field, RawId name) {
    const Program& program = table.program_;
    if (name != RawId::kNil) {
      Slot slot = program.res.content(program.in, name);
      Bytes text = program.in.objects[slot.object].view.data(slot.local);
      field.name = loader::decode_name(text).value_or(std::string_view());
      field.embedded = !text.empty() && (text[0] & kNameEmbedded);
    }
    if (field.name.empty() && field.symbol != RawId::kNil) {
      Slot slot = program.res.content(program.in, field.symbol);
      field.name = program.in.objects[slot.object].view.name(slot.local);
      field.name.remove_prefix(std::min<size_t>(5, field.name.size()));
    }
  }
};

void TypeTable::decode(std::span<const RawId> symbols, Batch& batch) {
  for (RawId symbol : symbols) {
    Slot slot = program_.res.content(program_.in, symbol);
    const Object& object = program_.in.objects[slot.object];
    TypeRecord& r = batch.records.emplace_back();
    r.symbol = symbol;
    r.name = object.view.name(slot.local);
    size_t first = batch.parts.size();
    Bytes data = object.view.data(slot.local);
    if (!r.name.starts_with("type:")) {
      report_error(sv_, base::concat(r.name, ": dwarf: type name doesn't start with \"type:\""));
    } else if (data.empty()) {
      report_error(sv_, base::concat(r.name, ": missing type"));
    } else {
      TypeKind kind = loader::type_kind(data);
      BasicForm form = form_of(kind);
      if (form.abbrev == Abbrev::kNull) {
        report_error(sv_, base::concat(r.name, ": dwarf: definition of unknown kind ", static_cast<int>(kind)));
      }
      r.name.remove_prefix(5);
      r.abbrev = form.abbrev;
      r.encoding = form.encoding;
      r.kind = static_cast<uint8_t>(kind);
      r.has_typedef = form.may_have_typedef && has_typedef_name(r.name);
      r.runtime_type = program_.id(symbol);
      Decoder d{*this, slot.object, object, slot.local, data, loader::RelocFinder(object.view, slot.local), batch.parts};
      r.byte_size = d.load(0, 8);
      d.decode(form.abbrev);
    }
    batch.part_counts.push_back(static_cast<uint32_t>(batch.parts.size() - first));
  }
  batch.parts.shrink_to_fit();
  for (const TypeMember& p : batch.parts) batch.next.push_back(p.symbol);
}

void TypeTable::add_closure(std::vector<RawId> round) {
  uint64_t decoded = 0;
  auto keep_new = [&] {
    std::erase_if(round, [&](RawId raw) { return raw == RawId::kNil || !seen_.set(index(raw)); });
    std::sort(round.begin(), round.end());
  };
  for (keep_new(); !round.empty(); keep_new()) {
    std::vector<Batch> batches((round.size() + kBatch - 1) / kBatch);
    sv_.threads.for_each(batches.size(), [&](uint64_t i) {
      uint64_t begin = i * kBatch;
      decode(std::span(round).subspan(begin, std::min<uint64_t>(kBatch, round.size() - begin)), batches[i]);
    });
    decoded += round.size();
    round.clear();
    for (Batch& b : batches) {
      const TypeMember* part = b.parts.data();
      for (size_t i = 0; i < b.records.size(); i++) {
        TypeRecord& r = records_.emplace_back(b.records[i]);
        r.parts = part;
        r.part_count = b.part_counts[i];
        part += r.part_count;
        numbers_.emplace(index(r.symbol), static_cast<TypeNumber>(records_.size() - 1));
      }
      round.insert(round.end(), b.next.begin(), b.next.end());
      chunks_.push_back(std::move(b.parts));
    }
    if (decoded >= kTypesPerDrop) {
      program_.in.trim();
      decoded = 0;
    }
  }
}

void TypeTable::link_parts() {
  sv_.threads.for_ranges(chunks_.size() - linked_, 8, [&](uint64_t begin, uint64_t end) {
    for (uint64_t c = begin; c < end; c++) {
      for (TypeMember& p : chunks_[linked_ + c]) p.type = number(p.symbol);
    }
  });
  linked_ = chunks_.size();
}

}  // namespace dovetail::dwarf
