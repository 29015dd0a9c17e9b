// From type descriptors to entries. The walk keeps its own stack: chains of types may be as long as the program.
#include <algorithm>

#include "base/text.h"
#include "dwarf/diagnostics.h"
#include "dwarf/type_dies.h"
#include "loader/type_meta.h"

namespace dovetail::dwarf {

using base::Bytes;
using loader::Object;
using loader::TypeKind;

struct TypeBuilder::TypeView {
  const Object& object;
  uint32_t object_index;
  RawId raw;
  Bytes data;
  uint32_t size;
  loader::RelocFinder relocs;

  uint64_t load(uint64_t offset, unsigned bytes) const {
    uint64_t v = 0;
    for (unsigned i = 0; i < bytes && offset + i < data.size(); i++) v |= uint64_t{data[offset + i]} << (8 * i);
    return v;
  }
};

namespace {

constexpr uint64_t kFirstPart = loader::kTypeSize;       // where a type's own description begins
constexpr uint64_t kSecondPart = kFirstPart + 8, kThirdPart = kFirstPart + 16, kFourthPart = kFirstPart + 32;
constexpr uint64_t kFieldSize = 24;
constexpr uint8_t kNameEmbedded = 1 << 3;

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

DieId TypeBuilder::add(Abbrev abbrev, std::string_view name) {
  TypeDie& d = out_.dies.emplace_back();
  d.abbrev = abbrev;
  d.name = name;
  return static_cast<DieId>(out_.dies.size() - 1);
}

std::string_view TypeBuilder::name_of(RawId symbol) const {
  if (symbol == RawId::kNil) return {};
  Slot slot = program_.res.content(program_.in, symbol);
  return program_.in.objects[slot.object].view.name(slot.local);
}

std::string_view TypeBuilder::keep(std::string text) { return out_.texts.emplace_back(std::move(text)); }

bool TypeBuilder::built_in(Abbrev abbrev, std::string_view name, DieId* id) {
  RawId raw = names_.type(name);
  if (raw == RawId::kNil) return report_missing_type(sv_, name), false;
  *id = add(abbrev, name);
  types_[index(raw)] = *id;
  TypeDie& d = die(*id);
  d.runtime_type = program_.id(raw);
  if (d.runtime_type == SymId::kNil) report_unreachable(sv_, base::concat("go:info.", name), base::concat("type:", name));
  return true;
}

// cmd/link ld/dwarf.go dwarfGenerateDebugInfo, Go 1.26.
bool TypeBuilder::start() {
  eface_ = names_.type("runtime.eface");
  if (eface_ == RawId::kNil) return report_missing_type(sv_, "runtime.eface"), false;
  iface_ = names_.type("runtime.iface");
  if (iface_ == RawId::kNil) return report_missing_type(sv_, "runtime.iface"), false;
  add(Abbrev::kNullType, "<unspecified>");
  DieId pointer;
  if (!built_in(Abbrev::kBarePtrType, "unsafe.Pointer", &pointer)) return false;
  if (!built_in(Abbrev::kBaseType, "uintptr", &uintptr_)) return false;
  die(uintptr_).encoding = kEncodingUnsigned;
  die(uintptr_).byte_size = 8;
  die(uintptr_).kind = static_cast<uint8_t>(TypeKind::kUintptr);
  // Debuggers look inside interfaces with these.
  for (std::string_view name : {"Type", "ArrayType", "ChanType", "FuncType", "MapType", "PtrType", "SliceType",
                                "StructType", "InterfaceType", "ITab", "Imethod"}) {
    std::string full = base::concat("internal/abi.", name);
    RawId raw = names_.type(full);
    if (raw == RawId::kNil) return report_missing_type(sv_, full), false;
    define(raw);
  }
  return true;
}

RawId TypeBuilder::info_type(std::string_view name) const {
  constexpr std::string_view kPrefix = "go:info.";
  return name.starts_with(kPrefix) ? names_.type(name.substr(kPrefix.size())) : RawId::kNil;
}

DieId TypeBuilder::define_info(std::string_view name) {
  RawId type = info_type(name);
  return type == RawId::kNil ? DieId::kNone : define(type);
}

DieId TypeBuilder::find_info(std::string_view name) const {
  auto it = types_.find(index(info_type(name)));
  return it == types_.end() ? DieId::kNone : it->second;
}

DieId TypeBuilder::define(RawId type) {
  if (type == RawId::kNil) return DieId::kUnspecified;
  auto known = types_.find(index(type));
  if (known != types_.end()) return known->second;
  DieId root = open(type);
  while (!frames_.empty()) {
    Frame& top = frames_.back();
    if (top.next == top.end) {
      Frame done = top;
      frames_.pop_back();
      close(done);
      parts_.resize(done.first);
      continue;
    }
    uint32_t at = top.next++;
    if (parts_[at].abbrev == Abbrev::kDotDotDot) continue;
    RawId part = parts_[at].type;
    DieId id = DieId::kUnspecified;
    if (part != RawId::kNil) {
      auto it = types_.find(index(part));
      id = it != types_.end() ? it->second : open(part);  // the frame moves, the part does not
    }
    parts_[at].die = id;
  }
  return root;
}

DieId TypeBuilder::open(RawId type) {
  Slot slot = program_.res.content(program_.in, type);
  const Object& object = program_.in.objects[slot.object];
  std::string_view name = object.view.name(slot.local);
  if (!name.starts_with("type:")) {
    report_error(sv_, base::concat(name, ": dwarf: type name doesn't start with \"type:\""));
    return DieId::kUnspecified;
  }
  Bytes data = object.view.data(slot.local);
  if (data.empty()) {
    report_error(sv_, base::concat(name, ": missing type"));
    return DieId::kUnspecified;
  }
  TypeView view{object, slot.object, type, data, object.view.size(slot.local),
                loader::RelocFinder(object.view, slot.local)};
  name.remove_prefix(5);
  TypeKind kind = loader::type_kind(data);
  BasicForm form = form_of(kind);
  if (form.abbrev == Abbrev::kNull) {
    report_error(sv_, base::concat("type:", name, ": dwarf: definition of unknown kind ", static_cast<int>(kind)));
    return types_[index(type)] = DieId::kUnspecified;
  }
  DieId id = add(form.abbrev, name), visible = id;
  if (form.may_have_typedef && has_typedef_name(name)) {
    visible = add(Abbrev::kTypedef, name);
    die(visible).type = id;
  }
  types_[index(type)] = visible;
  TypeDie& d = die(id);
  d.encoding = form.encoding;
  d.kind = static_cast<uint8_t>(kind);
  d.byte_size = view.load(0, 8);
  d.runtime_type = program_.id(type);
  uint32_t first = static_cast<uint32_t>(parts_.size());
  decode(view, id);
  frames_.push_back({id, first, first, static_cast<uint32_t>(parts_.size())});
  return visible;
}

void TypeBuilder::add_part(RawId type, Abbrev abbrev) {
  Part& part = parts_.emplace_back();
  part.type = type;
  part.abbrev = abbrev;
}

// What a type's relocation at an offset points to.
RawId TypeBuilder::part_of(RawId type, uint64_t offset) const {
  Slot slot = program_.res.content(program_.in, type);
  objfmt::SymRef ref = loader::reloc_target(program_.in.objects[slot.object].view, slot.local, offset);
  return program_.res.resolve(program_.in, slot.object, ref);
}

void TypeBuilder::decode(const TypeView& t, DieId id) {
  auto target = [&](uint64_t offset) {
    return program_.res.resolve(program_.in, t.object_index, t.relocs.target(offset));
  };
  TypeDie& d = die(id);
  switch (d.abbrev) {
    case Abbrev::kArrayType:
      add_part(target(kFirstPart), Abbrev::kNull);
      parts_.back().value = t.load(kThirdPart, 8);
      break;
    case Abbrev::kChanType:
      d.symbol = target(kFirstPart);
      add_part(d.symbol, Abbrev::kNull);
      break;
    case Abbrev::kMapType:
      d.symbol = t.raw;
      add_part(target(kFirstPart), Abbrev::kNull);
      add_part(target(kSecondPart), Abbrev::kNull);
      break;
    case Abbrev::kPtrType:
    case Abbrev::kSliceType: add_part(target(kFirstPart), Abbrev::kNull); break;
    case Abbrev::kIfaceType: add_part(t.load(kThirdPart, 8) == 0 ? eface_ : iface_, Abbrev::kNull); break;
    case Abbrev::kFuncType: decode_function(t); break;
    case Abbrev::kStructType: decode_struct(t); break;
    default: break;
  }
}

void TypeBuilder::decode_function(const TypeView& t) {
  uint64_t in = t.load(kFirstPart, 2), out = t.load(kFirstPart + 2, 2);
  bool variadic = out & 0x8000;
  out &= 0x7fff;
  uint64_t offset = kSecondPart + (loader::has_uncommon(t.data) ? loader::kUncommonSize : 0);
  for (uint64_t i = 0; i < in + out; i++, offset += 8) {
    if (i == in && variadic) add_part(RawId::kNil, Abbrev::kDotDotDot);
    add_part(program_.res.resolve(program_.in, t.object_index, t.relocs.target(offset)),
             i < in ? Abbrev::kFuncTypeParam : Abbrev::kFuncTypeOutParam);
  }
  if (out == 0 && variadic) add_part(RawId::kNil, Abbrev::kDotDotDot);
}

void TypeBuilder::decode_struct(const TypeView& t) {
  uint64_t count = t.load(kThirdPart, 8);
  uint64_t offset = kFourthPart + (loader::has_uncommon(t.data) ? loader::kUncommonSize : 0);
  if (count > t.size / kFieldSize) {
    return report_error(sv_, base::concat(name_of(t.raw), ": dwarf: type has ", count, " fields in ", t.size, " bytes"));
  }
  for (uint64_t i = 0; i < count; i++, offset += kFieldSize) {
    add_part(program_.res.resolve(program_.in, t.object_index, t.relocs.target(offset + 8)), Abbrev::kStructField);
    Part& part = parts_.back();
    part.value = static_cast<uint64_t>(static_cast<int64_t>(static_cast<int32_t>(t.load(offset + 16, 8))));
    RawId name = program_.res.resolve(program_.in, t.object_index, t.relocs.target(offset));
    if (name != RawId::kNil) {
      Slot slot = program_.res.content(program_.in, name);
      Bytes text = program_.in.objects[slot.object].view.data(slot.local);
      part.name = loader::decode_name(text).value_or(std::string_view());
      part.embedded = !text.empty() && (text[0] & kNameEmbedded);
    }
    if (part.name.empty()) {
      part.name = name_of(part.type);
      part.name.remove_prefix(std::min<size_t>(5, part.name.size()));
    }
  }
}

void TypeBuilder::close(const Frame& frame) {
  TypeDie& d = die(frame.die);
  auto part = [&](uint32_t i) -> const Part& { return parts_[frame.first + i]; };
  d.first_member = static_cast<uint32_t>(out_.members.size());
  switch (d.abbrev) {
    case Abbrev::kArrayType:
      d.type = part(0).die;
      out_.members.push_back({"range", part(0).value, uintptr_, Abbrev::kArrayRange, false});
      break;
    case Abbrev::kIfaceType:
    case Abbrev::kPtrType: d.type = part(0).die; break;
    case Abbrev::kChanType:
    case Abbrev::kSliceType: d.elem = part(0).die; break;
    case Abbrev::kMapType:
      d.key = part(0).die;
      d.elem = part(1).die;
      break;
    case Abbrev::kFuncType:
    case Abbrev::kStructType:
      for (uint32_t i = frame.first; i < frame.end; i++) {
        const Part& p = parts_[i];
        out_.members.push_back({p.name, p.value, p.die, p.abbrev, p.embedded});
      }
      break;
    default: break;
  }
  d.member_count = static_cast<uint32_t>(out_.members.size()) - d.first_member;
}

}  // namespace dovetail::dwarf
