#include "dwarf/plan.h"

#include "base/text.h"
#include "dwarf/diagnostics.h"

namespace dovetail::dwarf {

using loader::TextOrder;

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
  t.call_line_data4 = options.platform->call_line_data4;
  return t;
}

// What is looked up by the thousand, object by object in parallel. The value of a reference "go:info.T" is, until types
// have places, the RawId of T's descriptor, with a mark.
class References {
 public:
  References(Services& sv, Program& program, UnitScan& scan) : sv_(sv), program_(program), scan_(scan) {}

  // Settles which descriptors references stand for. Returns all descriptors that may be asked for and are not decoded;
  // nothing if one is missing that all programs have.
  std::vector<RawId> roots(const TypeNames& names) {
    std::vector<RawId> roots = TypeBuilder::basic_types(sv_, names);
    if (roots.empty()) return roots;
    std::vector<std::vector<RawId>> found(scan_.objects.size());
    for_objects([&](ObjectScan& o) { collect_roots(o, names, found[static_cast<size_t>(&o - scan_.objects.data())]); });
    for (const std::vector<RawId>& f : found) roots.insert(roots.end(), f.begin(), f.end());
    return roots;
  }

  // From here on mentions are of numbers.
  void number(const TypeTable& table) {
    for_objects([&](ObjectScan& o) {
      number(o.mentions, table);
      number(o.abstract_infos, table);
      for (InfoType<SymId>& i : o.infos) i.number = table.number(i.type);
      for (InfoType<RawId>& i : o.const_infos) i.number = table.number(i.type);
    });
  }

  // Entries of variables name the same types as the variables' own type references; they define nothing.
  void find_entries(const TypeBuilder& types) {
    for_objects([&](ObjectScan& o) {
      for (InfoType<SymId>& i : o.infos) i.die = types.find(i.number);
    });
  }

  // References become offsets in .debug_info.
  void place(const TypeDies& types, uint32_t offset) {
    for_objects([&](ObjectScan& o) {
      for (const InfoType<SymId>& i : o.infos) value(i.info) = i.die == DieId::kNone ? 0 : offset + types[i.die].offset;
    });
    for (auto [info, die] : others_) value(info) = die == DieId::kNone ? 0 : offset + types[die].offset;
  }

  // Whether an object's scan noted the reference.
  bool noted(SymId info) const { return scan_.info_seen.test(index(info)); }
  void add(SymId info, DieId die) { others_.emplace_back(info, die); }

 private:
  static constexpr uint64_t kUndefined = uint64_t{1} << 63;

  template <class Body>
  void for_objects(Body body) {
    sv_.threads.for_ranges(scan_.objects.size(), 16, [&](uint64_t begin, uint64_t end) {
      for (uint64_t o = begin; o < end; o++) body(scan_.objects[o]);
    });
  }
  uint64_t& value(SymId s) { return program_.syms.value[index(s)]; }

  void collect_roots(ObjectScan& o, const TypeNames& names, std::vector<RawId>& roots) {
    auto add = [&](RawId type) {
      if (!scan_.type_decoded.test(index(type))) roots.push_back(type);
    };
    for (Mention m : o.mentions) {
      if (m.kind == Mention::kType) add(static_cast<RawId>(m.target));
    }
    for (InfoType<SymId>& i : o.infos) {
      add(i.type = names.type(i));
      value(i.info) = i.type == RawId::kNil ? 0 : kUndefined | index(i.type);
    }
    for (InfoType<RawId>& i : o.const_infos) add(i.type = names.type(i));
    for (const auto& list : o.variables) {
      for (const VariableMention& v : list) add(v.type);
    }
  }

  void number(std::vector<Mention>& mentions, const TypeTable& table) {
    for (Mention& m : mentions) {
      if (m.kind == Mention::kType) {
        m.target = index(table.number(static_cast<RawId>(m.target)));
      } else if (m.kind == Mention::kInfo) {
        uint64_t v = value(static_cast<SymId>(m.target));
        m.target = index(v < kUndefined ? TypeNumber::kNone : table.number(static_cast<RawId>(v & ~kUndefined)));
      }
    }
  }

  Services& sv_;
  Program& program_;
  UnitScan& scan_;
  std::vector<std::pair<SymId, DieId>> others_;
};

// Types, in the order in which units, variables and dictionaries mention them.
class TypePlanner {
 public:
  TypePlanner(Services& sv, Program& program, DwarfPlan& plan, const TypeNames& names, TypeTable& table,
              References& references)
      : sv_(sv), program_(program), syms_(program.syms), plan_(plan), names_(names), references_(references),
        types_(sv, program, names, table), abstract_seen_(plan.scan.info_seen.size()) {}

  // cmd/link ld/dwarf.go dwarfGenerateDebugInfo, Go 1.26.
  bool run() {
    types_.start();
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
    references_.find_entries(types_);
    plan_.types = types_.finish(plan_.target.version);
    return true;
  }

 private:
  std::vector<Unit>& units() { return plan_.scan.units; }

  // A package's constants are in its first unit.
  void define_constants(Unit& unit) {
    const PackageSymbol& consts = names_.package(unit.library).consts;
    unit.consts = consts.symbol;
    unit.consts_size = consts.size;
    if (unit.consts == RawId::kNil) return;
    const ObjectScan& scan = plan_.scan.objects[program_.res.content(program_.in, unit.consts).object];
    if (scan.package.consts.symbol != unit.consts) return;
    for (const InfoType<RawId>& i : scan.const_infos) {
      DieId die = i.type == RawId::kNil ? DieId::kNone : types_.define(i.number);
      if (SymId live = program_.id(i.info); live == SymId::kNil) {
        plan_.dead_infos.try_emplace(index(i.info), die);
      } else if (!references_.noted(live)) {
        references_.add(live, die);
      }
    }
  }

  void define_mentions(Unit& unit) {
    for (Mention m : plan_.scan.objects[unit.object].mentions) {
      if (m.kind == Mention::kType) {
        types_.define(static_cast<TypeNumber>(m.target));
      } else if (m.kind == Mention::kInfo) {
        define_info(m);
      } else if (abstract_seen_.set(m.target)) {
        unit.abstract_functions.push_back(static_cast<SymId>(m.target));
        define_types_of(static_cast<SymId>(m.target));
      }
    }
  }
  void define_info(Mention m) {
    if (static_cast<TypeNumber>(m.target) != TypeNumber::kNone) types_.define(static_cast<TypeNumber>(m.target));
  }

  void define_types_of(SymId abstract_function) {
    uint32_t object = abstract_object(abstract_function);
    if (object == loader::kNoObject) return;
    const ObjectScan& scan = plan_.scan.objects[object];
    auto it = std::lower_bound(scan.abstract_functions.begin(), scan.abstract_functions.end(), abstract_function,
                               [](const AbstractFunction& a, SymId s) { return a.symbol < s; });
    if (it == scan.abstract_functions.end() || it->symbol != abstract_function) return;
    for (uint32_t i = 0; i < it->count; i++) define_info(scan.abstract_infos[it->first + i]);
  }

  // The object whose scan met the symbol: the one that gave it its number.
  uint32_t abstract_object(SymId s) const {
    if (!(syms_.flags[index(s)] & loader::kSymDupContent)) return syms_.object[index(s)];
    for (uint32_t o = 0; o < plan_.scan.objects.size(); o++) {
      const auto& list = plan_.scan.objects[o].abstract_functions;
      if (!list.empty() && list.front().symbol <= s && s <= list.back().symbol) {
        auto it = std::lower_bound(list.begin(), list.end(), s,
                                   [](const AbstractFunction& a, SymId t) { return a.symbol < t; });
        if (it != list.end() && it->symbol == s) return o;
      }
    }
    return loader::kNoObject;
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

  Services& sv_;
  Program& program_;
  loader::Symbols& syms_;
  DwarfPlan& plan_;
  const TypeNames& names_;
  References& references_;
  TypeBuilder types_;
  base::Bitmap abstract_seen_;
};

// Types and what refers to them; false if a type is missing.
bool plan_types(Services& sv, Program& program, DwarfPlan& plan, References& references) {
  TypeNames names(program, plan.scan.objects);
  for (uint32_t l = 0; l < program.in.libraries.size(); l++) plan.packages.push_back(names.package(l));
  std::vector<RawId> roots = references.roots(names);
  if (roots.empty()) return false;
  std::vector<TypeBatch> batches(plan.scan.objects.size());
  for (size_t o = 0; o < batches.size(); o++) batches[o] = std::move(plan.scan.objects[o].type_batch);
  TypeTable table(sv, program, names.type("runtime.eface"), names.type("runtime.iface"), names.type("uintptr"),
                  std::move(batches), std::move(plan.scan.type_decoded));
  table.close(std::move(roots));
  references.number(table);
  return TypePlanner(sv, program, plan, names, table, references).run();
}

}  // namespace

void DwarfPlanDeleter::operator()(DwarfPlan* plan) const { delete plan; }

DwarfScan::DwarfScan(Services& sv, const Program& program, const TextOrder& order)
    : sv_(sv), program_(program), order_(order), plan_(new DwarfPlan) {
  plan_->target = target_of(sv.options);
  plan_->unit_functions = order.unit_functions;
  plan_->scan = list_units(program, order, plan_->target);
}

void DwarfScan::scan_object(uint32_t object) {
  scan_unit(sv_, program_, order_, plan_->target, plan_->scan, object);
}

DwarfPlanPtr plan_dwarf(Services& sv, Program& program, DwarfScan& scan, std::span<const SymId> functions) {
  DwarfPlanPtr plan = std::move(scan.plan_);
  plan->framed = collect_ranges(program, functions, scan.order_, plan->scan);
  References references(sv, program, plan->scan);
  if (!plan_types(sv, program, *plan, references)) return nullptr;
  plan->unit_order = order_units(program, plan->scan.units);
  lay_out(sv, program, *plan);
  references.place(plan->types, plan->types_offset);
  std::vector<ObjectScan>().swap(plan->scan.objects);
  plan->scan.info_seen = {};
  return plan;
}

}  // namespace dovetail::dwarf
