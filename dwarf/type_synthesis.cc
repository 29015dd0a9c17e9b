// Fields of strings, slices, maps and channels.
//
// The runtime keeps them in structures of its own (a slice in runtime.slice, a channel in runtime.hchan), whose element
// types are unsafe pointers. Each such type gets a copy of the structure with the pointers made precise: hchan<int>
// and so on, names that no Go type has. cmd/link walks the entries that exist when a round begins from the newest to
// the oldest; what a round makes is not visited by it, but by later rounds (ld/dwarf.go synthesize...types, Go 1.26).
#include "base/text.h"
#include "dwarf/diagnostics.h"
#include "dwarf/type_dies.h"
#include "loader/type_meta.h"

namespace dovetail::dwarf {

namespace {

// What instances are made of; part of their identity.
enum Base : int { kGroupReference, kTable, kMap, kSudog, kWaitq, kHchan };

constexpr uint64_t kMapKey = loader::kTypeSize, kMapElem = kMapKey + 8, kMapGroup = kMapKey + 16;
constexpr uint8_t kStructKind = static_cast<uint8_t>(loader::TypeKind::kStruct);

}  // namespace

bool TypeBuilder::synthesize() {
  return synthesize_strings() && synthesize_slices() && synthesize_maps() && synthesize_channels();
}

// The definition (not the typedef) of a structure of the runtime.
bool TypeBuilder::prototype(std::string_view name, DieId* id) {
  RawId raw = names_.type(name);
  if (raw == RawId::kNil) return report_missing_type(sv_, name), false;
  *id = define(raw);
  if (die(*id).abbrev == Abbrev::kTypedef) *id = die(*id).type;
  return true;
}

void TypeBuilder::copy_members(DieId to, DieId from) {
  uint32_t first = die(from).first_member, count = die(from).member_count;
  uint32_t copy = static_cast<uint32_t>(out_.members.size());
  for (uint32_t i = 0; i < count; i++) {
    TypeMember member = out_.members[first + i];
    out_.members.push_back(member);
  }
  die(to).first_member = copy;
  die(to).member_count = count;
}

bool TypeBuilder::substitute(DieId id, std::string_view field, DieId type) {
  TypeDie& d = die(id);
  // The newest member of that name, as cmd/link's lists have it at this point.
  for (uint32_t i = d.member_count; i-- > 0;) {
    TypeMember& m = out_.members[d.first_member + i];
    if (m.name == field) return m.type = type, true;
  }
  sv_.diag.exit(kDiagnosticOrder, base::concat("dwarf substitutetype: ", d.name, " does not have member ", field));
  return false;
}

// cmd/link ld/dwarf.go defptrto, Go 1.26.
DieId TypeBuilder::pointer_to(DieId target) {
  auto known = pointers_.find(index(target));
  if (known != pointers_.end()) return known->second;
  RawId raw = die(target).synthetic ? RawId::kNil : names_.pointer_type(die(target).name);
  if (raw != RawId::kNil) {
    auto it = types_.find(index(raw));
    if (it != types_.end()) return pointers_[index(target)] = it->second;
  }
  DieId id = add(Abbrev::kPtrType, keep(base::concat("*", die(target).name)));
  pointers_[index(target)] = id;
  TypeDie& d = die(id);
  d.type = target;
  d.synthetic = die(target).synthetic;
  if (raw == RawId::kNil) return id;
  types_[index(raw)] = id;
  d.runtime_type = program_.id(raw);
  if (d.runtime_type != SymId::kNil) d.kind = static_cast<uint8_t>(loader::TypeKind::kPointer);
  return id;
}

DieId TypeBuilder::instance(int base, std::string_view name, DieId key, DieId value, DieId prototype, bool* made) {
  auto [it, fresh] = instances_.try_emplace({base, {index(key), index(value)}}, DieId::kNone);
  *made = fresh;
  if (!fresh) return it->second;
  std::string text = value == DieId::kNone ? base::concat(name, "<", die(key).name, ">")
                                           : base::concat(name, "<", die(key).name, ",", die(value).name, ">");
  DieId id = add(Abbrev::kStructType, keep(std::move(text)));
  it->second = id;
  die(id).synthetic = true;
  die(id).byte_size = die(prototype).byte_size;
  copy_members(id, prototype);
  return id;
}

bool TypeBuilder::synthesize_strings() {
  size_t count = out_.dies.size();
  DieId fields;
  if (!prototype("runtime.stringStructDWARF", &fields)) return false;
  for (size_t i = count; i-- > 0;) {
    if (out_.dies[i].abbrev == Abbrev::kStringType) copy_members(static_cast<DieId>(i), fields);
  }
  return true;
}

bool TypeBuilder::synthesize_slices() {
  size_t count = out_.dies.size();
  DieId fields;
  if (!prototype("runtime.slice", &fields)) return false;
  for (size_t i = count; i-- > 0;) {
    if (out_.dies[i].abbrev != Abbrev::kSliceType) continue;
    DieId id = static_cast<DieId>(i);
    copy_members(id, fields);
    if (!substitute(id, "array", pointer_to(die(id).elem))) return false;
  }
  return true;
}

bool TypeBuilder::synthesize_maps() {
  size_t count = out_.dies.size();
  DieId prototypes[3];
  if (!prototype("internal/runtime/maps.Map", &prototypes[0]) ||
      !prototype("internal/runtime/maps.table", &prototypes[1]) ||
      !prototype("internal/runtime/maps.groupsReference", &prototypes[2])) {
    return false;
  }
  for (size_t i = count; i-- > 0;) {
    if (out_.dies[i].abbrev == Abbrev::kMapType && !synthesize_map(static_cast<DieId>(i), prototypes)) return false;
  }
  return true;
}

bool TypeBuilder::synthesize_map(DieId id, const DieId prototypes[3]) {
  RawId symbol = die(id).symbol;
  DieId key = define(part_of(symbol, kMapKey));
  DieId value = define(part_of(symbol, kMapElem));
  DieId group = define(part_of(symbol, kMapGroup));
  bool made;
  DieId reference = instance(kGroupReference, "groupReference", key, value, prototypes[2], &made);
  if (made) {
    die(reference).kind = kStructKind;
    if (!substitute(reference, "data", pointer_to(group))) return false;
  }
  DieId table = instance(kTable, "table", key, value, prototypes[1], &made);
  if (made) {
    die(table).kind = kStructKind;
    if (!substitute(table, "groups", reference)) return false;
  }
  DieId map = instance(kMap, "map", key, value, prototypes[0], &made);
  if (made) {
    die(map).kind = kStructKind;
    if (!substitute(map, "dirPtr", pointer_to(pointer_to(table)))) return false;
  }
  DieId pointer = pointer_to(map);
  die(id).type = pointer;
  return true;
}

bool TypeBuilder::synthesize_channels() {
  size_t count = out_.dies.size();
  DieId prototypes[3];
  if (!prototype("runtime.sudog", &prototypes[0]) || !prototype("runtime.waitq", &prototypes[1]) ||
      !prototype("runtime.hchan", &prototypes[2])) {
    return false;
  }
  for (size_t i = count; i-- > 0;) {
    if (out_.dies[i].abbrev == Abbrev::kChanType && !synthesize_channel(static_cast<DieId>(i), prototypes)) {
      return false;
    }
  }
  return true;
}

bool TypeBuilder::synthesize_channel(DieId id, const DieId prototypes[3]) {
  DieId elem = define(die(id).symbol);
  bool made;
  DieId sudog = instance(kSudog, "sudog", elem, DieId::kNone, prototypes[0], &made);
  if (made && !substitute(sudog, "elem", pointer_to(elem))) return false;
  DieId waitq = instance(kWaitq, "waitq", elem, DieId::kNone, prototypes[1], &made);
  if (made) {
    if (!substitute(waitq, "first", pointer_to(sudog))) return false;
    if (!substitute(waitq, "last", pointer_to(sudog))) return false;
  }
  DieId hchan = instance(kHchan, "hchan", elem, DieId::kNone, prototypes[2], &made);
  if (made && !(substitute(hchan, "recvq", waitq) && substitute(hchan, "sendq", waitq))) return false;
  DieId pointer = pointer_to(hchan);
  die(id).type = pointer;
  return true;
}

}  // namespace dovetail::dwarf
