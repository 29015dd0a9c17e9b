// The order of entries. The walk keeps its own stack: chains of types may be as long as the program.
#include "base/text.h"
#include "dwarf/diagnostics.h"
#include "dwarf/type_dies.h"
#include "loader/type_meta.h"

namespace dovetail::dwarf {

namespace {

// Debuggers look inside interfaces with these, in this order (cmd/link ld/dwarf.go dwarfGenerateDebugInfo, Go 1.26).
constexpr std::string_view kInterfaceTypes[] = {
    "internal/abi.Type",       "internal/abi.ArrayType", "internal/abi.ChanType",  "internal/abi.FuncType",
    "internal/abi.MapType",    "internal/abi.PtrType",   "internal/abi.SliceType", "internal/abi.StructType",
    "internal/abi.InterfaceType", "internal/abi.ITab",   "internal/abi.Imethod"};

// What strings, slices, maps and channels are made of; asked for only when all types are known.
constexpr std::string_view kPrototypes[] = {
    "runtime.stringStructDWARF", "runtime.slice", "runtime.sudog", "runtime.waitq", "runtime.hchan",
    "internal/runtime/maps.Map", "internal/runtime/maps.table", "internal/runtime/maps.groupsReference"};

}  // namespace

std::vector<RawId> TypeBuilder::basic_types(Services& sv, const TypeNames& names) {
  std::vector<RawId> roots;
  auto need = [&](std::string_view name) {
    roots.push_back(names.type(name));
    if (roots.back() == RawId::kNil) report_missing_type(sv, name);
    return roots.back() != RawId::kNil;
  };
  bool found = need("runtime.eface") && need("runtime.iface") && need("unsafe.Pointer") && need("uintptr");
  for (std::string_view name : kInterfaceTypes) found = found && need(name);
  if (!found) return {};
  for (std::string_view name : kPrototypes) roots.push_back(names.type(name));
  return roots;
}

DieId TypeBuilder::add(Abbrev abbrev, std::string_view name) {
  TypeDie& d = out_.dies.emplace_back();
  d.abbrev = abbrev;
  d.name = name;
  number_.push_back(TypeNumber::kNone);
  return static_cast<DieId>(out_.dies.size() - 1);
}

DieId TypeBuilder::add_basic(Abbrev abbrev, std::string_view name) {
  RawId symbol = names_.type(name);
  DieId id = add(abbrev, name);
  dies_[index(table_.number(symbol))] = id;
  die(id).runtime_type = program_.id(symbol);
  if (die(id).runtime_type == SymId::kNil) {
    report_unreachable(sv_, base::concat("go:info.", name), base::concat("type:", name));
  }
  return id;
}

void TypeBuilder::start() {
  // Typedefs and what is synthesized besides.
  out_.dies.reserve(2 * table_.size());
  number_.reserve(2 * table_.size());
  add(Abbrev::kNullType, "<unspecified>");
  add_basic(Abbrev::kBarePtrType, "unsafe.Pointer");
  TypeDie& number = die(add_basic(Abbrev::kBaseType, "uintptr"));
  number.encoding = kEncodingUnsigned;
  number.byte_size = kPointerSize;
  number.kind = static_cast<uint8_t>(loader::TypeKind::kUintptr);
  for (std::string_view name : kInterfaceTypes) define(names_.type(name));
}

DieId TypeBuilder::define(TypeNumber type) {
  if (type == TypeNumber::kNone) return DieId::kUnspecified;
  if (dies_[index(type)] != DieId::kNone) return dies_[index(type)];
  DieId root = open(type);
  while (!frames_.empty()) {
    Frame& top = frames_.back();
    const TypeRecord& r = table_[top.type];
    // A map's group of slots is defined when maps get their fields.
    uint32_t end = r.abbrev == Abbrev::kMapType ? r.part_count - 1 : r.part_count;
    if (top.next == end) {
      frames_.pop_back();
      continue;
    }
    TypeNumber part = r.parts[top.next++].type;
    if (part != TypeNumber::kNone && dies_[index(part)] == DieId::kNone) open(part);
  }
  return root;
}

DieId TypeBuilder::open(TypeNumber type) {
  const TypeRecord& r = table_[type];
  if (r.defective) report_defect(sv_, program_, r.symbol);
  if (r.abbrev == Abbrev::kNull) return dies_[index(type)] = DieId::kUnspecified;
  DieId id = add(r.abbrev, r.name), visible = id;
  number_[index(id)] = type;
  if (r.has_typedef) {
    visible = add(Abbrev::kTypedef, r.name);
    die(visible).type = id;
  }
  dies_[index(type)] = visible;
  TypeDie& d = die(id);
  d.encoding = r.encoding;
  d.kind = r.kind;
  d.byte_size = r.byte_size;
  d.runtime_type = r.runtime_type;
  frames_.push_back({type, 0});
  return visible;
}

// References of decoded entries to others, all of which exist by now.
void TypeBuilder::refer() {
  for (; referred_ < out_.dies.size(); referred_++) {
    if (number_[referred_] == TypeNumber::kNone) continue;
    const TypeRecord& r = table_[number_[referred_]];
    TypeDie& d = out_.dies[referred_];
    switch (d.abbrev) {
      case Abbrev::kArrayType:
        d.type = part_die(r.parts[0]);
        d.members = r.parts + 1;
        d.member_count = 1;
        break;
      case Abbrev::kIfaceType:
      case Abbrev::kPtrType: d.type = part_die(r.parts[0]); break;
      case Abbrev::kChanType:
        d.elem = part_die(r.parts[0]);
        if (r.parts[0].type != TypeNumber::kNone) d.symbol = table_[r.parts[0].type].symbol;
        break;
      case Abbrev::kSliceType: d.elem = part_die(r.parts[0]); break;
      case Abbrev::kMapType:
        d.key = part_die(r.parts[0]);
        d.elem = part_die(r.parts[1]);
        d.symbol = r.symbol;
        break;
      case Abbrev::kFuncType:
      case Abbrev::kStructType:
        d.members = r.parts;
        d.member_count = r.part_count;
        break;
      default: break;
    }
  }
}

TypeDies TypeBuilder::finish(int version) {
  refer();
  out_.decoded = std::move(table_.batches());
  sv_.threads.for_ranges(out_.decoded.size(), 16, [&](uint64_t begin, uint64_t end) {
    for (uint64_t b = begin; b < end; b++) {
      for (TypeMember& m : out_.decoded[b].parts) m.die = part_die(m);
    }
  });
  std::vector<uint32_t> sizes(out_.dies.size());
  sv_.threads.for_ranges(sizes.size(), 4096, [&](uint64_t begin, uint64_t end) {
    for (uint64_t i = begin; i < end; i++) sizes[i] = type_die_size(out_, static_cast<DieId>(i), version);
  });
  uint64_t offset = 0;
  for (size_t i = 0; i < sizes.size(); i++) {
    out_.dies[i].offset = static_cast<uint32_t>(offset);
    offset += sizes[i];
  }
  out_.size = static_cast<uint32_t>(offset);
  return std::move(out_);
}

}  // namespace dovetail::dwarf
