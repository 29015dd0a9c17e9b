#include "dwarf/object_scan.h"

#include <algorithm>
#include <bit>

#include "dwarf/diagnostics.h"
#include "dwarf/frames.h"

namespace dovetail::dwarf {

using loader::ObjectView;
using objfmt::AuxKind;
using objfmt::Reloc;
using objfmt::RelocKind;
using objfmt::SymFlags;
using objfmt::SymKind;
using objfmt::SymRef;

namespace {

// Between two looks at what is resident, each a system call.
constexpr size_t kFunctionsPerTrim = 1024;

bool is_text_address(RelocKind k) { return k >= RelocKind::kDwTxtAddrU1 && k <= RelocKind::kDwTxtAddrU4; }

bool is_named(std::string_view name, std::string_view prefix, std::string_view package) {
  return name.size() == prefix.size() + package.size() && name.starts_with(prefix) && name.ends_with(package);
}

// cmd/link ld/dwarf.go dwarfGenerateDebugInfo's pass over data symbols, Go 1.26.
bool may_be_variable(SymKind k) {
  return (k >= SymKind::kRodata && k <= SymKind::kRodataEnd) || (k >= SymKind::kData && k <= SymKind::kDataEnd) ||
         (k >= SymKind::kNoptrdata && k <= SymKind::kNoptrdataEnd) || k == SymKind::kType || k == SymKind::kBss ||
         k == SymKind::kNoptrbss || k == SymKind::kTlsBss || k == SymKind::kModuledata;
}

}  // namespace

// ---- The package ----

void ObjectScanner::scan_package(std::string_view package) {
  const loader::Object& object = program_.in.objects[unit_.object];
  const ObjectView& v = object.view;
  for (uint32_t i = 0; i < v.pkgdef_count(); i++) {
    // The compiler marks what is called "type:T", save "type:." (cmd/internal/obj/objfile.go Sym, Go 1.26).
    if (v.flags(i) & SymFlags::kGotype) {
      if (v.abi(i) == 0) out_.types.push_back({base::hash_name(v.name(i, names_), 0), object.raw(i)});
      continue;
    }
    SymKind kind = v.kind(i);
    if (kind != SymKind::kDwarfConst && kind != SymKind::kDwarfCuInfo) continue;
    std::string_view name = v.name(i, names_);
    if (is_named(name, "go:cuinfo.producer.", package)) out_.package.producer = package_symbol(object.raw(i));
    if (is_named(name, "go:cuinfo.packagename.", package)) out_.package.package_name = package_symbol(object.raw(i));
    if (!is_named(name, "go:constinfo.", package)) continue;
    out_.package.consts = package_symbol(object.raw(i));
    out_.const_infos.clear();
    for (Reloc r : v.relocs(i)) {
      if (r.kind != RelocKind::kDwarfSecRef) continue;
      RawId info = program_.res.resolve(program_.in, unit_.object, r.target);
      if (info != RawId::kNil) out_.const_infos.push_back(info_type(info, unit_.object, r.target));
    }
  }
}

PackageSymbol ObjectScanner::package_symbol(RawId symbol) {
  if (symbol == RawId::kNil) return {};
  Slot slot = program_.res.content(program_.in, symbol);
  base::Bytes data = view(slot.object).data(slot.local);
  uint32_t size = static_cast<uint32_t>(data.size());
  if (view(slot.object).kind(slot.local) == SymKind::kDwarfConst) return {symbol, {}, size};
  return {symbol, base::as_bytes(out_.type_batch.texts.keep(base::as_text(data))), size};
}

void ObjectScanner::find_package_symbols(std::string_view package) {
  auto find = [&](const PackageSymbol& known, PackageSymbol& symbol, std::string_view prefix) {
    if (known.symbol != RawId::kNil) return;
    buffer_.assign(prefix);
    buffer_.append(package);
    symbol = package_symbol(program_.res.lookup_mentioned(buffer_, 0));
  };
  find(out_.package.consts, out_.package_by_name.consts, "go:constinfo.");
  find(out_.package.producer, out_.package_by_name.producer, "go:cuinfo.producer.");
  find(out_.package.package_name, out_.package_by_name.package_name, "go:cuinfo.packagename.");
}

// ---- Functions ----

void ObjectScanner::scan_functions(std::span<const SymId> functions) {
  for (size_t i = 0; i < functions.size(); i++) {
    scan_function(functions[i], scan_.functions[unit_.first_function + i]);
    if (i % kFunctionsPerTrim == kFunctionsPerTrim - 1) program_.in.trim_within(unit_.object);
  }
  // The unit's own range list begins with its first function.
  if (target_.version >= 5 && !functions.empty()) assign_slot(functions[0]);
}

void ObjectScanner::scan_function(SymId function, FunctionDebug& f) {
  f.frame = static_cast<uint32_t>(unit_.frames.size());
  SymId locs = SymId::kNil, stack = SymId::kNil;
  uint32_t local = program_.syms.local[index(function)];
  const ObjectView& v = view(unit_.object);
  for (objfmt::Aux a : v.auxs(local)) {
    auto target = [&] { return program_.target(unit_.object, a.target); };
    switch (a.kind) {
      case AuxKind::kFuncInfo: f.code_size = static_cast<uint32_t>(program_.data(function).size()); break;
      case AuxKind::kDwarfInfo: f.info = target(); break;
      case AuxKind::kDwarfLoc: locs = target(); break;
      case AuxKind::kDwarfRanges: f.ranges = target(); break;
      case AuxKind::kDwarfLines: f.lines = target(); break;
      case AuxKind::kPcsp: stack = target(); break;
      default: break;
    }
  }
  if (f.code_size != kNoFuncInfo) {
    const objfmt::FuncInfo info = program_.func_info(function);
    bool top_frame = target_.has_link_register && info.valid() && info.top_frame();
    append_frame_instructions(target_, program_.data(stack), f.code_size, top_frame, unit_.frames);
  }
  if (f.info != SymId::kNil) scan_info(f);
  if (target_.version < 5) return;
  scan_addresses(f.ranges);
  scan_addresses(locs);
}

void ObjectScanner::scan_info(FunctionDebug& f) {
  uint32_t object = program_.syms.object[index(f.info)];
  if (object == loader::kNoObject) return;
  view(object).for_targets(program_.syms.local[index(f.info)], [&](RelocKind kind, SymRef ref) {
    if (kind == RelocKind::kUseType) {
      if (first_mention(object, ref, false)) note_type(object, ref);
    } else if (kind == RelocKind::kDwarfSecRef) {
      scan_reference(object, ref, f);
    } else if (target_.version >= 5 && is_text_address(kind)) {
      scan_address(object, ref);
    }
  });
}

// Types that only debug information mentions are decoded here, too, if they are the object's own.
void ObjectScanner::note_type(uint32_t object, SymRef ref) {
  RawId type = program_.res.resolve(program_.in, object, ref);
  out_.mentions.push_back({Mention::kType, index(type)});
  note_name(object, ref, type);
  if (type == RawId::kNil || program_.is_live(type)) return;
  Slot slot = program_.res.content(program_.in, type);
  if (slot.object == unit_.object && scan_.type_decoded.set(index(type))) {
    decode_type(program_, type, slot, out_.type_batch);
  }
}

void ObjectScanner::note_name(uint32_t object, SymRef ref, RawId type) {
  const ObjectView& v = view(object);
  if (v.space(ref) != objfmt::RefSpace::kNamed || type == RawId::kNil) return;
  uint32_t local = v.def_count() - v.nameddef_count() + ref.sym;
  if (v.abi(local) == 0) used_types_.push_back({v.name_hash(local), type});
}

void ObjectScanner::scan_reference(uint32_t object, SymRef ref, FunctionDebug& f) {
  // The function's own lists are referred to most often.
  if (view(object).space(ref) == objfmt::RefSpace::kSelf && ref.sym < view(object).def_count()) {
    SymKind kind = view(object).kind(ref.sym);
    if (kind == SymKind::kDwarfRange || kind == SymKind::kDwarfFunc) return;
    if (kind == SymKind::kDwarfLoc && f.locs != SymId::kNil) return;
  } else if (!first_mention(object, ref, true)) {
    return;
  }
  SymId target = program_.target(object, ref);
  if (target == SymId::kNil) return;
  switch (program_.syms.kind[index(target)]) {
    case SymKind::kDwarfLoc:
      if (f.locs == SymId::kNil) f.locs = target;
      break;
    case SymKind::kDwarfAbstractFunc: out_.mentions.push_back({Mention::kAbstractFunction, index(target)}); break;
    case SymKind::kDwarfType:
    case SymKind::kNone:
      out_.mentions.push_back({Mention::kInfo, index(target)});
      note_info(target, object, ref);
      break;
    default: break;
  }
}

// The type that "go:info.T" stands for, by the name as this object spells it. Which one that is, is found later:
// mostly among the types that the object's functions use, or else with the index of all.
template <class Id>
InfoType<Id> ObjectScanner::info_type(Id info, uint32_t object, SymRef ref) {
  constexpr std::string_view kPrefix = "go:info.";
  const ObjectView& v = view(object);
  uint32_t first = v.def_count() - v.nameddef_count();
  InfoType<Id> result;
  result.info = info;
  if (v.space(ref) != objfmt::RefSpace::kNamed || ref.sym >= v.symbol_count() - first) return result;
  std::string_view name = v.name(first + ref.sym, names_);
  if (!name.starts_with(kPrefix)) return result;
  result.name = out_.type_batch.texts.keep(name.substr(kPrefix.size()));
  buffer_.assign("type:");
  buffer_.append(result.name);
  result.hash = base::hash_name(buffer_, 0);
  return result;
}

void ObjectScanner::note_info(SymId info, uint32_t object, SymRef ref) {
  if (scan_.info_seen.set(index(info))) out_.infos.push_back(info_type(info, object, ref));
}

// References repeat a lot, so each is looked at once, as the object spells it.
bool ObjectScanner::first_mention(uint32_t object, SymRef ref, bool info) {
  if (object != seen_object_) seen_.clear(), seen_object_ = object;
  return seen_.add(ref, info);
}

void ObjectScanner::scan_addresses(SymId symbol) {
  if (symbol == SymId::kNil) return;
  uint32_t object = program_.syms.object[index(symbol)];
  if (object == loader::kNoObject) return;
  view(object).for_targets(program_.syms.local[index(symbol)], [&](RelocKind kind, SymRef ref) {
    if (is_text_address(kind)) scan_address(object, ref);
  });
}

void ObjectScanner::scan_address(uint32_t object, SymRef ref) {
  if (object == last_object_ && ref == last_ref_) return;
  last_object_ = object;
  last_ref_ = ref;
  SymId function = program_.target(object, ref);
  if (function == SymId::kNil || program_.syms.object[index(function)] != unit_.object) {
    return report_error(sv_, base::concat("internal error: R_DWTXTADDR_* relocation target text sym unit mismatch (in ",
                                          program_.in.library_of(unit_.object).path, ")"));
  }
  assign_slot(function);
}

void ObjectScanner::assign_slot(SymId function) {
  if (scan_.address_slot[index(function)] != 0) return;
  unit_.addresses.push_back(function);
  scan_.address_slot[index(function)] = static_cast<uint32_t>(unit_.addresses.size());
}

void ObjectScanner::settle_infos() {
  auto before = [](const NamedType& a, const NamedType& b) {
    return std::pair(a.hash.lo, a.hash.hi) < std::pair(b.hash.lo, b.hash.hi);
  };
  std::sort(used_types_.begin(), used_types_.end(), before);
  for (InfoType<SymId>& info : out_.infos) {
    auto it = std::lower_bound(used_types_.begin(), used_types_.end(), NamedType{info.hash, RawId::kNil}, before);
    if (it != used_types_.end() && it->hash == info.hash) info.type = it->type;
  }
}

// ---- Other symbols ----

void ObjectScanner::scan_symbols() {
  auto ranges = program_.in.objects[unit_.object].raw_ranges();
  for (size_t i = 0; i < 2; i++) scan_range(ranges[i].first, ranges[i].first + ranges[i].count, out_.variables[i]);
}

// Live symbols among consecutive RawIds are consecutive SymIds.
void ObjectScanner::scan_range(uint32_t begin, uint32_t end, std::vector<VariableMention>& out) {
  if (begin == end) return;
  const base::Bitmap& live = program_.live.live;
  uint32_t s = program_.rank.before(live, begin) + 1;
  for (uint32_t w = begin / 64; w <= (end - 1) / 64; w++) {
    uint64_t bits = live.word(w);
    if (w == begin / 64) bits &= ~uint64_t{0} << begin % 64;
    if (w == end / 64) bits &= (uint64_t{1} << end % 64) - 1;
    for (; bits != 0; bits &= bits - 1) {
      uint32_t raw = w * 64 + static_cast<uint32_t>(std::countr_zero(bits));
      scan_symbol(static_cast<RawId>(raw), static_cast<SymId>(s++), out);
    }
  }
}

void ObjectScanner::scan_symbol(RawId raw, SymId s, std::vector<VariableMention>& out) {
  // Not the object's kind: go:fipsinfo is no variable any more.
  SymKind kind = program_.syms.kind[index(s)];
  if (kind == SymKind::kDwarfAbstractFunc) {
    scan_abstract_function(s);
  } else if (may_be_variable(kind)) {
    scan_type(raw, s);
    scan_variable(s, out);
  }
}

void ObjectScanner::scan_type(RawId raw, SymId s) {
  constexpr uint32_t kMask = SymFlags::kGotype | loader::kSymDupContent | loader::kSymMade;
  Slot slot{program_.syms.object[index(s)], program_.syms.local[index(s)]};
  if ((program_.syms.flags[index(s)] & kMask) != SymFlags::kGotype || slot.object != unit_.object) return;
  if (scan_.type_decoded.set(index(raw))) decode_type(program_, raw, slot, out_.type_batch);
}

void ObjectScanner::scan_variable(SymId s, std::vector<VariableMention>& out) {
  uint32_t object = program_.syms.object[index(s)], local = program_.syms.local[index(s)];
  if (object == loader::kNoObject || local >= view(object).def_count()) return;
  const ObjectView& v = view(object);
  SymRef gotype, entry;
  for (objfmt::Aux a : v.auxs(local)) {
    if (a.kind == AuxKind::kGotype && gotype.is_nil()) gotype = a.target;
    if (a.kind == AuxKind::kDwarfInfo && entry.is_nil()) entry = a.target;
  }
  if (gotype.is_nil()) {
    bool dictionary = program_.syms.flags[index(s)] & SymFlags::kDict;
    if (dictionary && program_.syms.kind[index(s)] == SymKind::kRodata && v.abi(local) != objfmt::goobj::kAbiStatic) {
      scan_dictionary(object, local, out);
    }
    return;
  }
  if (entry.is_nil() || v.abi(local) == objfmt::goobj::kAbiStatic) return;
  VariableMention& mention = out.emplace_back();
  mention.type = program_.res.resolve(program_.in, object, gotype);
  mention.variable = program_.target(object, entry);
  mention.object = object;
  if (mention.variable == SymId::kNil) return;
  note_name(object, gotype, mention.type);
  object = program_.syms.object[index(mention.variable)];
  view(object).for_targets(program_.syms.local[index(mention.variable)], [&](RelocKind kind, SymRef ref) {
    if (kind != RelocKind::kDwarfSecRef) return;
    SymId info = program_.target(object, ref);
    if (info != SymId::kNil && program_.syms.kind[index(info)] == SymKind::kNone) note_info(info, object, ref);
  });
}

void ObjectScanner::scan_dictionary(uint32_t object, uint32_t local, std::vector<VariableMention>& out) {
  for (Reloc r : view(object).relocs(local)) {
    if (r.kind != RelocKind::kUseIface) continue;
    VariableMention& mention = out.emplace_back();
    mention.type = program_.res.resolve(program_.in, object, r.target);
    mention.object = object;
  }
}

void ObjectScanner::scan_abstract_function(SymId s) {
  uint32_t object = program_.syms.object[index(s)], first = static_cast<uint32_t>(out_.abstract_infos.size());
  view(object).for_targets(program_.syms.local[index(s)], [&](RelocKind kind, SymRef ref) {
    if (kind == RelocKind::kUseType) note_name(object, ref, program_.res.resolve(program_.in, object, ref));
    if (kind != RelocKind::kDwarfSecRef) return;
    SymId info = program_.target(object, ref);
    if (info == SymId::kNil) return;
    out_.abstract_infos.push_back({Mention::kInfo, index(info)});
    note_info(info, object, ref);
  });
  out_.abstract_functions.push_back({s, first, static_cast<uint32_t>(out_.abstract_infos.size()) - first});
}

}  // namespace dovetail::dwarf
