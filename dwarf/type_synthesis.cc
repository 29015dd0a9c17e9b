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

constexpr uint8_t kStructKind = static_cast<uint8_t>(loader::TypeKind::kStruct);

}  // namespace

bool TypeBuilder::synthesize() {
  return synthesize_strings() && synthesize_slices() && synthesize_maps() && synthesize_channels();
}

// The definition (not the typedef) of a structure of the runtime.
bool TypeBuilder::prototype(std::string_view name, DieId* id) {
  RawId symbol = names_.type(name);
  if (symbol == RawId::kNil) return report_missing_type(sv_, name), false;
  *id = define(symbol);
  if (die(*id).abbrev == Abbrev::kTypedef) *id = die(*id).type;
  refer();
  return true;
}

// Copies of decoded members refer to entries from the start.
std::vector<TypeMember>& TypeBuilder::copy_members(DieId to, DieId from) {
  const TypeDie& source = die(from);
  std::vector<TypeMember>& copy =
      out_.made_members.emplace_back(source.members, source.members + source.member_count);
  for (TypeMember& m : copy) m.die = part_die(m);
  die(to).members = copy.data();
  die(to).member_count = source.member_count;
  return copy;
}

bool TypeBuilder::substitute(DieId id, std::vector<TypeMember>& members, std::string_view field, DieId type) {
  // The newest member of that name, as cmd/link's lists have it at this point.
  for (size_t i = members.size(); i-- > 0;) {
    if (members[i].name == field) return members[i].die = type, true;
  }
  sv_.diag.exit(kDiagnosticOrder,
                base::concat("dwarf substitutetype: ", die(id).name, " does not have member ", field));
  return false;
}

// cmd/link ld/dwarf.go defptrto, Go 1.26.
DieId TypeBuilder::pointer_to(DieId target) {
  auto known = pointers_.find(index(target));
  if (known != pointers_.end()) return known->second;
  RawId symbol = die(target).synthetic ? RawId::kNil : names_.pointer_type(die(target).name);
  if (symbol != RawId::kNil) {
    if (DieId id = find(symbol); id != DieId::kNone) return pointers_[index(target)] = id;
  }
  DieId id = add(Abbrev::kPtrType, keep(base::concat("*", die(target).name)));
  pointers_[index(target)] = id;
  TypeDie& d = die(id);
  d.type = target;
  d.synthetic = die(target).synthetic;
  if (symbol == RawId::kNil) return id;
  if (TypeNumber t = table_.number(symbol); t != TypeNumber::kNone) dies_[index(t)] = id;
  d.runtime_type = program_.id(symbol);
  if (d.runtime_type != SymId::kNil) d.kind = static_cast<uint8_t>(loader::TypeKind::kPointer);
  return id;
}

std::vector<TypeMember>* TypeBuilder::instance(int base, std::string_view name, DieId key, DieId value,
                                               DieId prototype, DieId* id) {
  auto [it, fresh] = instances_.try_emplace({base, {index(key), index(value)}}, DieId::kNone);
  *id = it->second;
  if (!fresh) return nullptr;
  std::string text = value == DieId::kNone ? base::concat(name, "<", die(key).name, ">")
                                           : base::concat(name, "<", die(key).name, ",", die(value).name, ">");
  *id = it->second = add(Abbrev::kStructType, keep(std::move(text)));
  die(*id).synthetic = true;
  die(*id).byte_size = die(prototype).byte_size;
  return &copy_members(*id, prototype);
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
    std::vector<TypeMember>& members = copy_members(id, fields);
    if (!substitute(id, members, "array", pointer_to(die(id).elem))) return false;
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
  DieId key = define(part_of(id, 0)), value = define(part_of(id, 1)), group = define(part_of(id, 2));
  DieId reference, table, map;
  if (auto* members = instance(kGroupReference, "groupReference", key, value, prototypes[2], &reference)) {
    die(reference).kind = kStructKind;
    if (!substitute(reference, *members, "data", pointer_to(group))) return false;
  }
  if (auto* members = instance(kTable, "table", key, value, prototypes[1], &table)) {
    die(table).kind = kStructKind;
    if (!substitute(table, *members, "groups", reference)) return false;
  }
  if (auto* members = instance(kMap, "map", key, value, prototypes[0], &map)) {
    die(map).kind = kStructKind;
    if (!substitute(map, *members, "dirPtr", pointer_to(pointer_to(table)))) return false;
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
  DieId elem = define(part_of(id, 0));
  DieId sudog, waitq, hchan;
  if (auto* members = instance(kSudog, "sudog", elem, DieId::kNone, prototypes[0], &sudog)) {
    if (!substitute(sudog, *members, "elem", pointer_to(elem))) return false;
  }
  if (auto* members = instance(kWaitq, "waitq", elem, DieId::kNone, prototypes[1], &waitq)) {
    if (!substitute(waitq, *members, "first", pointer_to(sudog))) return false;
    if (!substitute(waitq, *members, "last", pointer_to(sudog))) return false;
  }
  if (auto* members = instance(kHchan, "hchan", elem, DieId::kNone, prototypes[2], &hchan)) {
    if (!substitute(hchan, *members, "recvq", waitq) || !substitute(hchan, *members, "sendq", waitq)) return false;
  }
  DieId pointer = pointer_to(hchan);
  die(id).type = pointer;
  return true;
}

}  // namespace dovetail::dwarf
