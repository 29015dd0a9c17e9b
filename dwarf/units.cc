#include "dwarf/units.h"

#include "absl/container/flat_hash_set.h"
#include "base/pdqsort.h"
#include "dwarf/diagnostics.h"

namespace dovetail::dwarf {

using loader::ObjectView;
using objfmt::AuxKind;
using objfmt::Reloc;
using objfmt::RelocKind;
using objfmt::SymKind;
using objfmt::SymRef;

namespace {

bool is_text_address(RelocKind k) { return k >= RelocKind::kDwTxtAddrU1 && k <= RelocKind::kDwTxtAddrU4; }

// One unit's functions. References repeat a lot, so each is looked at once, as the object spells it.
class UnitScanner {
 public:
  UnitScanner(Services& sv, const Program& program, UnitScan& scan, Unit& unit, bool addresses)
      : sv_(sv), program_(program), scan_(scan), unit_(unit), addresses_(addresses) {}

  void scan(SymId function, FunctionSymbols& f) {
    SymId locs = SymId::kNil;
    uint32_t object = program_.syms.object[index(function)];
    for (objfmt::Aux a : view(object).auxs(program_.syms.local[index(function)])) {
      switch (a.kind) {
        case AuxKind::kDwarfInfo: f.info = program_.target(object, a.target); break;
        case AuxKind::kDwarfLoc: locs = program_.target(object, a.target); break;
        case AuxKind::kDwarfRanges: f.ranges = program_.target(object, a.target); break;
        case AuxKind::kDwarfLines: f.lines = program_.target(object, a.target); break;
        default: break;
      }
    }
    if (f.info != SymId::kNil) scan_info(f);
    if (!addresses_) return;
    scan_addresses(f.ranges);
    scan_addresses(locs);
  }

  // The slot of a function, given out now if it has none.
  void assign_slot(SymId function) {
    if (scan_.address_slot[index(function)] != 0) return;
    unit_.addresses.push_back(function);
    scan_.address_slot[index(function)] = static_cast<uint32_t>(unit_.addresses.size());
  }

 private:
  const ObjectView& view(uint32_t object) const { return program_.in.objects[object].view; }

  void scan_info(FunctionSymbols& f) {
    uint32_t object = program_.syms.object[index(f.info)];
    if (object == loader::kNoObject) return;
    for (Reloc r : view(object).relocs(program_.syms.local[index(f.info)])) {
      if (r.kind == RelocKind::kUseType) {
        if (!first_mention(object, r.target, false)) continue;
        RawId raw = program_.res.resolve(program_.in, object, r.target);
        unit_.mentions.push_back({Mention::kType, index(raw)});
      } else if (r.kind == RelocKind::kDwarfSecRef) {
        scan_reference(object, r.target, f);
      } else if (addresses_ && is_text_address(r.kind)) {
        scan_address(object, r.target);
      }
    }
  }

  void scan_reference(uint32_t object, SymRef ref, FunctionSymbols& f) {
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
      case SymKind::kDwarfAbstractFunc: unit_.mentions.push_back({Mention::kAbstractFunction, index(target)}); break;
      case SymKind::kDwarfType:
      case SymKind::kNone: unit_.mentions.push_back({Mention::kInfo, index(target)}); break;
      default: break;
    }
  }

  void scan_addresses(SymId symbol) {
    if (symbol == SymId::kNil) return;
    uint32_t object = program_.syms.object[index(symbol)];
    if (object == loader::kNoObject) return;
    for (Reloc r : view(object).relocs(program_.syms.local[index(symbol)])) {
      if (is_text_address(r.kind)) scan_address(object, r.target);
    }
  }

  void scan_address(uint32_t object, SymRef ref) {
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

  bool first_mention(uint32_t object, SymRef ref, bool info) {
    uint64_t key = uint64_t{ref.pkg} << 32 | ref.sym;
    if (object != seen_object_) seen_.clear(), seen_object_ = object;
    return seen_.insert({key, info}).second;
  }

  Services& sv_;
  const Program& program_;
  UnitScan& scan_;
  Unit& unit_;
  bool addresses_;
  uint32_t last_object_ = loader::kNoObject, seen_object_ = loader::kNoObject;
  SymRef last_ref_;
  absl::flat_hash_set<std::pair<uint64_t, bool>> seen_;  // asked, never iterated
};

// cmd/link ld/dwarf.go dwarfGenerateDebugInfo's pass over data symbols, Go 1.26.
class VariableScanner {
 public:
  VariableScanner(const Program& program, std::vector<VariableMention>& out) : program_(program), out_(out) {}

  void scan(SymId s) {
    uint32_t object = program_.syms.object[index(s)], local = program_.syms.local[index(s)];
    if (object == loader::kNoObject) return;
    const ObjectView& view = program_.in.objects[object].view;
    if (local >= view.def_count()) return;
    // Not the object's kind: go:fipsinfo is no variable any more.
    SymKind kind = program_.syms.kind[index(s)];
    if (!may_be_variable(kind) || view.abi(local) == objfmt::goobj::kAbiStatic) return;
    SymRef gotype, entry;
    for (objfmt::Aux a : view.auxs(local)) {
      if (a.kind == AuxKind::kGotype && gotype.is_nil()) gotype = a.target;
      if (a.kind == AuxKind::kDwarfInfo && entry.is_nil()) entry = a.target;
    }
    if (gotype.is_nil()) {
      if (kind == SymKind::kRodata && (view.flags(local) & objfmt::SymFlags::kDict)) scan_dictionary(object, local);
      return;
    }
    if (entry.is_nil()) return;
    out_.push_back({program_.res.resolve(program_.in, object, gotype), program_.target(object, entry), object});
  }

 private:
  static bool may_be_variable(SymKind k) {
    return (k >= SymKind::kRodata && k <= SymKind::kRodataEnd) || (k >= SymKind::kData && k <= SymKind::kDataEnd) ||
           (k >= SymKind::kNoptrdata && k <= SymKind::kNoptrdataEnd) || k == SymKind::kType || k == SymKind::kBss ||
           k == SymKind::kNoptrbss || k == SymKind::kTlsBss || k == SymKind::kModuledata;
  }

  void scan_dictionary(uint32_t object, uint32_t local) {
    for (Reloc r : program_.in.objects[object].view.relocs(local)) {
      if (r.kind != RelocKind::kUseIface) continue;
      out_.push_back({program_.res.resolve(program_.in, object, r.target), SymId::kNil, object});
    }
  }

  const Program& program_;
  std::vector<VariableMention>& out_;
};

}  // namespace

UnitScan scan_units(Services& sv, const Program& program, const loader::TextOrder& order, const Target& target) {
  UnitScan scan;
  for (uint32_t l : program.in.postorder) {
    const loader::Library& lib = program.in.libraries[l];
    for (uint32_t o = lib.first_object; o < lib.first_object + lib.object_count; o++) {
      Unit& unit = scan.units.emplace_back();
      unit.object = o;
      unit.library = l;
      unit.first_function = order.unit_begin[o];
      unit.function_count = order.unit_begin[o + 1] - order.unit_begin[o];
      if (!unit.textless()) unit.first = order.unit_functions[unit.first_function];
    }
  }
  scan.functions.resize(order.unit_functions.size());
  if (target.version >= 5) scan.address_slot.resize(program.syms.count());
  sv.threads.for_each(scan.units.size(), [&](uint64_t i) {
    Unit& unit = scan.units[i];
    UnitScanner scanner(sv, program, scan, unit, target.version >= 5);
    for (uint32_t f = unit.first_function; f < unit.first_function + unit.function_count; f++) {
      scanner.scan(order.unit_functions[f], scan.functions[f]);
    }
    // The unit's own range list begins with its first function.
    if (target.version >= 5 && !unit.textless()) scanner.assign_slot(unit.first);
  });
  return scan;
}

std::vector<VariableMention> scan_variables(Services& sv, const Program& program) {
  constexpr uint64_t kGrain = 1 << 14;
  uint64_t count = program.syms.loaded_end();
  std::vector<std::vector<VariableMention>> parts((count + kGrain - 1) / kGrain);
  sv.threads.for_each(parts.size(), [&](uint64_t part) {
    VariableScanner scanner(program, parts[part]);
    for (uint64_t s = std::max<uint64_t>(1, part * kGrain); s < std::min(count, (part + 1) * kGrain); s++) {
      scanner.scan(static_cast<SymId>(s));
    }
  });
  std::vector<VariableMention> all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

// cmd/link ld/dwarf.go calcCompUnitRanges, Go 1.26.
void collect_ranges(const Program& program, std::span<const SymId> functions, const std::vector<uint32_t>& sizes,
                    std::vector<Unit>& units) {
  const loader::Symbols& syms = program.syms;
  std::vector<uint32_t> unit_of(program.in.objects.size());
  for (uint32_t i = 0; i < units.size(); i++) unit_of[units[i].object] = i;
  uint32_t last = loader::kNoObject;
  for (size_t i = 0; i < functions.size(); i++) {
    SymId f = functions[i];
    uint32_t object = syms.object[index(f)];
    if (sizes[i] == kNoFuncInfo || object == loader::kNoObject) continue;
    Unit& unit = units[unit_of[object]];
    if (unit.textless()) continue;
    int64_t base = static_cast<int64_t>(syms.value[index(unit.first)]);
    int64_t begin = static_cast<int64_t>(syms.value[index(f)]) - base;
    if (object != last) unit.ranges.push_back({begin, begin});
    last = object;
    unit.ranges.back().end = begin + sizes[i];
  }
}

// Units with text by where their first range begins, counted from their own first function: so nearly all are equal,
// and their order is what Go's unstable sort makes of it (cmd/link ld/dwarf.go compilationUnitByStartPCCmp, Go 1.26).
std::vector<uint32_t> order_units(const Program& program, const std::vector<Unit>& units) {
  std::vector<uint32_t> positions(units.size());
  for (uint32_t i = 0; i < positions.size(); i++) positions[i] = i;
  auto start = [&](const Unit& u) { return u.ranges.empty() ? 0 : u.ranges[0].begin; };
  auto path = [&](const Unit& u) -> std::string_view { return program.in.libraries[u.library].path; };
  base::go_sort_func(std::span<uint32_t>(positions), [&](uint32_t x, uint32_t y) {
    const Unit &a = units[x], &b = units[y];
    if (a.textless() && b.textless()) return path(a).compare(path(b));
    if (a.textless() != b.textless()) return a.textless() ? 1 : -1;
    int64_t s = start(a), t = start(b);
    return s < t ? -1 : s > t ? 1 : 0;
  });
  return positions;
}

}  // namespace dovetail::dwarf
