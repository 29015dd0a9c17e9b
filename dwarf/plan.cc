#include "dwarf/plan.h"

#include "base/text.h"
#include "dwarf/diagnostics.h"

namespace dovetail::dwarf {

using loader::TextOrder;
using objfmt::Reloc;
using objfmt::RelocKind;

namespace {

// cmd/link internal/amd64/l.go and internal/arm64/l.go; cmd/internal/sys/arch.go; Go 1.26.
Target target_of(const loader::Options& options) {
  Target t{};
  const loader::Release& release = options.release ? *options.release : loader::newest_release();
  t.version = options.config.experiments.has(release, "dwarf5") ? 5 : 4;
  if (options.config.goarch == "arm64") {
    t.min_code_unit = 4, t.register_sp = 31, t.register_lr = 30, t.has_link_register = true;
  } else {
    t.min_code_unit = 1, t.register_sp = 7, t.register_lr = 16;
  }
  t.compressed_align = 1;
  return t;
}

// Types, in the order in which units, variables and dictionaries mention them.
class TypePlanner {
 public:
  TypePlanner(Services& sv, Program& program, DwarfPlan& plan, const TypeNames& names)
      : sv_(sv), program_(program), syms_(program.syms), plan_(plan), names_(names), types_(sv, program, names),
        abstract_seen_(program.syms.count()) {}

  // cmd/link ld/dwarf.go dwarfGenerateDebugInfo, Go 1.26.
  bool run() {
    if (!types_.start()) return false;
    uint32_t runtime_unit = ~0u, last_library = ~0u;
    for (uint32_t i = 0; i < units().size(); i++) {
      Unit& unit = units()[i];
      if (unit.library != last_library) define_constants(unit);
      last_library = unit.library;
      if (program_.in.libraries[unit.library].path == "runtime") runtime_unit = i;
      define_mentions(unit);
    }
    if (runtime_unit == ~0u) return report_error(sv_, "dwarf: no package runtime"), false;
    units()[runtime_unit].has_types = true;
    define_variables();
    if (!types_.synthesize()) return false;
    find_variable_types();
    plan_.types = types_.finish(plan_.target.version);
    return true;
  }

  // References "go:info.T" whose value is DieId + 1 for now.
  const std::vector<SymId>& infos() const { return infos_; }

 private:
  std::vector<Unit>& units() { return plan_.scan.units; }

  // A package's constants are in its first unit.
  void define_constants(Unit& unit) {
    unit.consts = names_.package(unit.library).consts;
    if (unit.consts == RawId::kNil) return;
    Slot slot = program_.res.content(program_.in, unit.consts);
    const ObjectScan& scan = plan_.scan.objects[slot.object];
    if (scan.consts == unit.consts) {
      for (RawId info : scan.const_types) define_raw_info(info);
      return;
    }
    for (Reloc r : program_.in.objects[slot.object].view.relocs(slot.local)) {
      if (r.kind == RelocKind::kDwarfSecRef) define_raw_info(program_.res.resolve(program_.in, slot.object, r.target));
    }
  }

  void define_mentions(Unit& unit) {
    for (Mention m : plan_.scan.objects[unit.object].mentions) {
      switch (m.kind) {
        case Mention::kType: types_.define(static_cast<RawId>(m.target)); break;
        case Mention::kInfo: define_info(static_cast<SymId>(m.target)); break;
        case Mention::kAbstractFunction:
          if (!abstract_seen_.set(m.target)) break;
          unit.abstract_functions.push_back(static_cast<SymId>(m.target));
          define_types_of(static_cast<SymId>(m.target));
          break;
      }
    }
  }

  void define_types_of(SymId abstract_function) {
    const ObjectScan& scan = plan_.scan.objects[syms_.object[index(abstract_function)]];
    auto it = std::lower_bound(scan.abstract_functions.begin(), scan.abstract_functions.end(), abstract_function,
                               [](const AbstractFunction& a, SymId s) { return a.symbol < s; });
    if (it != scan.abstract_functions.end() && it->symbol == abstract_function) {
      for (uint32_t i = 0; i < it->count; i++) define_info(scan.abstract_types[it->first + i]);
      return;
    }
    // The copy that counts is not the one that gave the symbol its number.
    uint32_t object = syms_.object[index(abstract_function)];
    for (Reloc r : program_.in.objects[object].view.relocs(syms_.local[index(abstract_function)])) {
      if (r.kind != RelocKind::kDwarfSecRef) continue;
      SymId info = program_.target(object, r.target);
      if (info != SymId::kNil) define_info(info);
    }
  }

  void define_raw_info(RawId raw) {
    if (raw == RawId::kNil) return;
    if (SymId live = program_.id(raw); live != SymId::kNil) return define_info(live);
    auto [it, fresh] = plan_.dead_infos.try_emplace(index(raw), DieId::kNone);
    if (!fresh) return;
    Slot slot = program_.in.slot(raw);
    it->second = types_.define_info(program_.in.objects[slot.object].view.name(slot.local));
  }

  void define_info(SymId info) {
    if (syms_.value[index(info)] == 0) name_die(info, types_.define_info(program_.name(info)));
  }
  void name_die(SymId info, DieId id) {
    if (id == DieId::kNone) return;
    syms_.value[index(info)] = uint64_t{index(id)} + 1;
    infos_.push_back(info);
  }

  void define_variables() {
    for (int pass = 0; pass < 2; pass++) {
      for (const ObjectScan& scan : plan_.scan.objects) {
        for (const VariableMention& v : scan.variables[pass]) {
          types_.define(v.type);
          if (v.variable == SymId::kNil) continue;
          units()[plan_.scan.unit_of_object[v.object]].variables.push_back(v.variable);
        }
      }
    }
  }

  // Entries of variables name the same types as the variables' own type references.
  void find_variable_types() {
    for (int pass = 0; pass < 2; pass++) {
      for (const ObjectScan& scan : plan_.scan.objects) {
        for (const VariableMention& v : scan.variables[pass]) {
          if (v.info == SymId::kNil || syms_.kind[index(v.info)] != objfmt::SymKind::kNone) continue;
          if (syms_.value[index(v.info)] == 0) name_die(v.info, types_.find_info(program_.name(v.info)));
        }
      }
    }
  }

  Services& sv_;
  Program& program_;
  loader::Symbols& syms_;
  DwarfPlan& plan_;
  const TypeNames& names_;
  TypeBuilder types_;
  base::Bitmap abstract_seen_;
  std::vector<SymId> infos_;
};

}  // namespace

void DwarfPlanDeleter::operator()(DwarfPlan* plan) const { delete plan; }

DwarfPlanPtr plan_dwarf(Services& sv, Program& program, const TextOrder& order, std::span<const SymId> functions) {
  DwarfPlanPtr plan(new DwarfPlan);
  plan->target = target_of(sv.options);
  plan->unit_functions = order.unit_functions;
  plan->scan = scan_units(sv, program, order, plan->target);
  plan->framed = collect_ranges(program, functions, order, plan->scan);
  std::vector<SymId> infos;
  {
    TypeNames names(sv, program, plan->scan.objects);
    TypePlanner types(sv, program, *plan, names);
    if (!types.run()) return nullptr;
    infos = types.infos();
    for (uint32_t l = 0; l < program.in.libraries.size(); l++) plan->packages.push_back(names.package(l));
  }
  plan->scan.objects = {};
  plan->unit_order = order_units(program, plan->scan.units);
  lay_out(sv, program, *plan);
  for (SymId info : infos) {
    uint64_t& value = program.syms.value[index(info)];
    value = plan->types_offset + plan->types.dies[value - 1].offset;
  }
  return plan;
}

}  // namespace dovetail::dwarf
