#include "dwarf/plan.h"

#include "base/text.h"
#include "dwarf/diagnostics.h"
#include "dwarf/frames.h"
#include "dwarf/lines.h"
#include "dwarf/unit_headers.h"

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

class Planner {
 public:
  Planner(Services& sv, Program& program, const TextOrder& order, std::span<const SymId> functions)
      : sv_(sv), program_(program), syms_(program.syms), order_(order), functions_(functions),
        plan_(new DwarfPlan), names_(sv, program) {}

  DwarfPlanPtr run() {
    plan_->target = target_of(sv_.options);
    plan_->scan = scan_units(sv_, program_, order_, plan_->target);
    measure_functions();
    if (!build_types()) return nullptr;
    plan_->unit_order = order_units(program_, units());
    plan_->unit_of_object.resize(program_.in.objects.size());
    for (uint32_t i = 0; i < units().size(); i++) plan_->unit_of_object[units()[i].object] = i;
    lay_out();
    return std::move(plan_);
  }

 private:
  struct UnitLayout {
    UnitOffsets offset, size;
    UnitOffsets first_item, items;  // the same five, counting items
    std::vector<uint8_t> line_header;
  };

  std::vector<Unit>& units() { return plan_->scan.units; }
  // What a unit's object holds is not needed before the next pass over units.
  void drop_pages(uint64_t unit) { base::MappedFile::drop(program_.in.objects[units()[unit].object].view.bytes()); }
  SectionPlan& section(SectionId id) { return plan_->section(id); }

  void measure_functions() {
    std::vector<uint32_t> sizes(functions_.size());
    sv_.threads.for_ranges(functions_.size(), 1024, [&](uint64_t begin, uint64_t end) {
      for (uint64_t i = begin; i < end; i++) {
        SymId f = functions_[i];
        sizes[i] = program_.func_info(f).valid() ? static_cast<uint32_t>(program_.data(f).size()) : kNoFuncInfo;
      }
    });
    collect_ranges(program_, functions_, sizes, units());
    for (size_t i = 0; i < functions_.size(); i++) {
      if (sizes[i] == kNoFuncInfo) continue;
      plan_->functions.push_back(functions_[i]);
      plan_->function_sizes.push_back(sizes[i]);
    }
  }

  // cmd/link ld/dwarf.go dwarfGenerateDebugInfo, Go 1.26.
  bool build_types() {
    TypeBuilder types(sv_, program_, names_);
    if (!types.start()) return false;
    uint32_t runtime_unit = ~0u, last_library = ~0u;
    base::Bitmap abstract_seen(syms_.count());
    for (uint32_t i = 0; i < units().size(); i++) {
      Unit& unit = units()[i];
      if (unit.library != last_library) {
        unit.consts = names_.package(unit.library).consts;
        if (unit.consts != RawId::kNil) define_mentions_of(types, program_.res.content(program_.in, unit.consts));
        last_library = unit.library;
      }
      if (program_.in.libraries[unit.library].path == "runtime") runtime_unit = i;
      define_mentions(types, unit, abstract_seen);
      drop_pages(i);
    }
    if (runtime_unit == ~0u) return report_error(sv_, "dwarf: no package runtime"), false;
    units()[runtime_unit].has_types = true;
    define_variables(types);
    if (!types.synthesize()) return false;
    find_variable_types(types);
    plan_->types = types.finish(plan_->target.version);
    return true;
  }

  void define_mentions(TypeBuilder& types, Unit& unit, base::Bitmap& abstract_seen) {
    for (Mention m : unit.mentions) {
      switch (m.kind) {
        case Mention::kType: types.define(static_cast<RawId>(m.target)); break;
        case Mention::kInfo: define_info(types, static_cast<SymId>(m.target)); break;
        case Mention::kAbstractFunction:
          if (!abstract_seen.set(m.target)) break;
          unit.abstract_functions.push_back(static_cast<SymId>(m.target));
          define_mentions_of(types, {syms_.object[m.target], syms_.local[m.target]});
          break;
      }
    }
    unit.mentions = {};
  }

  // Until offsets are known, the value of a reference "go:info.T" is its DieId + 1.
  void define_info(TypeBuilder& types, SymId info) {
    if (syms_.value[index(info)] == 0) name_die(info, types.define_info(program_.name(info)));
  }
  void name_die(SymId info, DieId id) {
    if (id == DieId::kNone) return;
    syms_.value[index(info)] = uint64_t{index(id)} + 1;
    infos_.push_back(info);
  }

  // Types that an entry of constants or of an abstract function refers to.
  void define_mentions_of(TypeBuilder& types, Slot entry) {
    for (Reloc r : program_.in.objects[entry.object].view.relocs(entry.local)) {
      if (r.kind != RelocKind::kDwarfSecRef) continue;
      RawId raw = program_.res.resolve(program_.in, entry.object, r.target);
      if (raw == RawId::kNil) continue;
      if (SymId live = program_.id(raw); live != SymId::kNil) {
        define_info(types, live);
        continue;
      }
      auto [it, fresh] = plan_->dead_infos.try_emplace(index(raw), DieId::kNone);
      if (!fresh) continue;
      Slot slot = program_.in.slot(raw);
      it->second = types.define_info(program_.in.objects[slot.object].view.name(slot.local));
    }
  }

  void define_variables(TypeBuilder& types) {
    std::vector<uint32_t> unit_of(program_.in.objects.size());
    for (uint32_t i = 0; i < units().size(); i++) unit_of[units()[i].object] = i;
    for (const VariableMention& v : scan_variables(sv_, program_)) {
      types.define(v.type);
      if (v.variable != SymId::kNil) units()[unit_of[v.object]].variables.push_back(v.variable);
    }
  }

  // Entries of variables name the same types as the variables' own type references.
  void find_variable_types(const TypeBuilder& types) {
    for (const Unit& unit : units()) {
      for (SymId v : unit.variables) {
        uint32_t object = syms_.object[index(v)];
        for (Reloc r : program_.in.objects[object].view.relocs(syms_.local[index(v)])) {
          if (r.kind != RelocKind::kDwarfSecRef) continue;
          SymId info = program_.target(object, r.target);
          if (info == SymId::kNil || syms_.kind[index(info)] != objfmt::SymKind::kNone) continue;
          if (syms_.value[index(info)] == 0) name_die(info, types.find_info(program_.name(info)));
        }
      }
    }
  }

  // ---- Layout ----

  void lay_out() {
    const char* v4_names[] = {".debug_abbrev", ".debug_line", ".debug_frame", ".debug_gdb_scripts",
                              ".debug_info",   ".debug_loc",  ".debug_ranges", ".debug_addr"};
    for (size_t i = 0; i < kSectionCount; i++) plan_->sections[i].name = v4_names[i];
    bool v5 = plan_->target.version >= 5;
    if (v5) section(SectionId::kLocs).name = ".debug_loclists", section(SectionId::kRanges).name = ".debug_rnglists";

    layouts_.resize(units().size());
    sv_.threads.for_each(units().size(), [&](uint64_t i) {
      measure_unit(i);
      drop_pages(i);
    });
    UnitOffsets at, items;
    if (v5) {
      at = {0, 0, 12, 12, 8};
      items = {0, 0, 1, 1, 1};
    }
    for (uint32_t i : plan_->unit_order) {
      UnitLayout& l = layouts_[i];
      l.offset = at;
      l.first_item = items;
      add(at, l.size);
      add(items, l.items);
    }
    section(SectionId::kAddresses).present = v5;
    section(SectionId::kLocs).present = v5 || items.locs != 0;
    resize(SectionId::kInfo, at.info, items.info);
    resize(SectionId::kLine, at.line, items.line);
    resize(SectionId::kRanges, at.ranges, items.ranges);
    resize(SectionId::kLocs, at.locs, items.locs);
    resize(SectionId::kAddresses, at.addresses, items.addresses);
    plan_->fixed.resize(kUnitFixed + units().size() * kFixedPerUnit);
    lay_out_small(v5);
    sv_.threads.for_each(units().size(), [&](uint64_t i) { place_unit(static_cast<uint32_t>(i)); });
    for (SymId info : infos_) {
      uint64_t& value = syms_.value[index(info)];
      value = plan_->types_offset + plan_->types.dies[value - 1].offset;
    }
    lay_out_frames();
  }

  static void add(UnitOffsets& to, const UnitOffsets& n) {
    to.info += n.info, to.line += n.line, to.ranges += n.ranges, to.locs += n.locs, to.addresses += n.addresses;
  }

  void resize(SectionId id, uint64_t size, uint64_t items) {
    SectionPlan& s = section(id);
    s.size = size;
    s.items.resize(items);
    s.blocks.resize((size + kBlockSize - 1) / kBlockSize);
    if (size > UINT32_MAX) {
      report_error(sv_, base::concat("section too large: ", s.name, ": ", size, " bytes, at most ", UINT32_MAX));
    }
  }

  uint32_t size_of(SymId s) const { return syms_.size[index(s)]; }
  std::span<const FunctionSymbols> functions_of(const Unit& u) const {
    return std::span(plan_->scan.functions).subspan(u.first_function, u.function_count);
  }
  std::vector<uint8_t> info_header_of(const Unit& u, const UnitLayout& l) const {
    uint64_t first = u.textless() ? 0 : syms_.value[index(u.first)];
    return info_header(program_, plan_->target, u, names_.package(u.library), sv_.options.version, first, l.offset,
                       l.size.info);
  }
  std::vector<uint8_t> range_list_of(const Unit& u) const {
    uint32_t slot = 0;
    if (plan_->target.version >= 5) {
      slot = plan_->scan.address_slot[index(u.first)] - 1;
    }
    return range_list(plan_->target, u, slot);
  }
  uint64_t consts_size(const Unit& u) const {
    Slot slot = program_.res.content(program_.in, u.consts);
    return program_.in.objects[slot.object].view.data_size(slot.local);
  }

  void measure_unit(uint64_t i) {
    const Unit& u = units()[i];
    UnitLayout& l = layouts_[i];
    auto count = [](uint64_t& size, uint64_t& items, uint64_t bytes) { size += bytes, items++; };
    uint64_t program_size = 0;
    for (const FunctionSymbols& f : functions_of(u)) {
      if (f.lines != SymId::kNil) count(program_size, l.items.line, size_of(f.lines));
      if (f.info == SymId::kNil) continue;
      count(l.size.info, l.items.info, size_of(f.info));
      if (f.ranges != SymId::kNil) count(l.size.ranges, l.items.ranges, size_of(f.ranges));
      if (f.locs != SymId::kNil) count(l.size.locs, l.items.locs, size_of(f.locs));
    }
    if (!u.textless()) {
      l.line_header = line_header(program_, plan_->target, u, sv_.options.config.goroot, program_size);
      count(l.size.line, l.items.line, l.line_header.size() + program_size);
      count(l.size.ranges, l.items.ranges, range_list_of(u).size());
      if (!u.addresses.empty()) count(l.size.addresses, l.items.addresses, u.addresses.size() * kPointerSize);
    }
    if (!u.in_info()) return;
    for (SymId s : u.abstract_functions) count(l.size.info, l.items.info, size_of(s));
    for (SymId s : u.variables) count(l.size.info, l.items.info, size_of(s));
    if (u.consts != RawId::kNil) count(l.size.info, l.items.info, consts_size(u));
    if (u.has_types) {
      l.size.info += plan_->types.size;
      l.items.info += plan_->types.dies.size();
    }
    count(l.size.info, l.items.info, info_header_of(u, l).size());
    count(l.size.info, l.items.info, 1);
  }

  // Gives out the items of one unit's part of a section.
  class Cursor {
   public:
    Cursor(SectionPlan& s, uint64_t item, uint64_t offset) : s_(s), item_(item), offset_(offset) {}
    uint64_t offset() const { return offset_; }
    void put(Item item, uint64_t size) {
      s_.items[item_] = item;
      for (uint64_t b = (offset_ + kBlockSize - 1) / kBlockSize; b * kBlockSize < offset_ + size; b++) {
        s_.blocks[b] = {static_cast<uint32_t>(item_), offset_};
      }
      item_++;
      offset_ += size;
    }

   private:
    SectionPlan& s_;
    uint64_t item_, offset_;
  };

  void put_symbol(Cursor& c, SymId s) {
    syms_.value[index(s)] = c.offset();
    c.put(Item(Item::kSymbol, index(s)), size_of(s));
  }
  void put_fixed(Cursor& c, uint32_t number, std::vector<uint8_t> bytes) {
    c.put(Item(Item::kFixed, number), bytes.size());
    plan_->fixed[number] = std::move(bytes);
  }

  void place_unit(uint32_t i) {
    const Unit& u = units()[i];
    UnitLayout& l = layouts_[i];
    uint32_t fixed = kUnitFixed + i * kFixedPerUnit;
    if (!u.textless()) {
      Cursor lines(section(SectionId::kLine), l.first_item.line, l.offset.line);
      Cursor ranges(section(SectionId::kRanges), l.first_item.ranges, l.offset.ranges);
      Cursor locs(section(SectionId::kLocs), l.first_item.locs, l.offset.locs);
      put_fixed(lines, fixed, std::move(l.line_header));
      put_fixed(ranges, fixed + 1, range_list_of(u));
      for (const FunctionSymbols& f : functions_of(u)) {
        if (f.lines != SymId::kNil) put_symbol(lines, f.lines);
        if (f.info == SymId::kNil) continue;
        if (f.ranges != SymId::kNil) put_symbol(ranges, f.ranges);
        if (f.locs != SymId::kNil) put_symbol(locs, f.locs);
      }
      if (!u.addresses.empty()) {
        Cursor c(section(SectionId::kAddresses), l.first_item.addresses, l.offset.addresses);
        c.put(Item(Item::kAddressTable, i), u.addresses.size() * kPointerSize);
      }
    }
    if (u.in_info()) place_info(i, fixed + 2);
  }

  void place_info(uint32_t i, uint32_t fixed) {
    const Unit& u = units()[i];
    const UnitLayout& l = layouts_[i];
    Cursor c(section(SectionId::kInfo), l.first_item.info, l.offset.info);
    put_fixed(c, fixed, info_header_of(u, l));
    for (SymId s : u.abstract_functions) put_symbol(c, s);
    for (const FunctionSymbols& f : functions_of(u)) {
      if (f.info != SymId::kNil) put_symbol(c, f.info);
    }
    if (u.consts != RawId::kNil) c.put(Item(Item::kConsts, i), consts_size(u));
    for (SymId s : u.variables) put_symbol(c, s);
    if (u.has_types) {
      plan_->types_offset = static_cast<uint32_t>(c.offset());
      const std::vector<TypeDie>& dies = plan_->types.dies;
      for (uint32_t d = 0; d < dies.size(); d++) {
        uint32_t end = d + 1 < dies.size() ? dies[d + 1].offset : plan_->types.size;
        c.put(Item(Item::kType, d), end - dies[d].offset);
      }
    }
    c.put(Item(Item::kZero, 0), 1);
  }

  // A section of one fixed piece, or a section's header.
  void put_first(SectionId id, uint32_t number, std::vector<uint8_t> bytes, bool whole) {
    SectionPlan& s = section(id);
    if (whole) resize(id, bytes.size(), 1);
    Cursor c(s, 0, 0);
    put_fixed(c, number, std::move(bytes));
  }

  void lay_out_small(bool v5) {
    put_first(SectionId::kAbbrev, 0, abbrev_section(plan_->target.version), true);
    std::string script;
    for (size_t i = 0; i < plan_->unit_order.size() && script.empty(); i++) {
      script = gdb_script(program_, units()[plan_->unit_order[i]], sv_.options.config.goroot);
    }
    section(SectionId::kGdbScripts).present = !script.empty();
    if (!script.empty()) {
      std::vector<uint8_t> bytes = {1};  // a Python script in a file
      bytes.insert(bytes.end(), script.begin(), script.end());
      bytes.push_back(0);
      put_first(SectionId::kGdbScripts, 1, std::move(bytes), true);
    }
    if (!v5) return;
    put_first(SectionId::kRanges, 2, section_header(true, section(SectionId::kRanges).size), false);
    put_first(SectionId::kLocs, 3, section_header(true, section(SectionId::kLocs).size), false);
    put_first(SectionId::kAddresses, 4, section_header(false, section(SectionId::kAddresses).size), false);
  }

  void lay_out_frames() {
    std::vector<uint32_t> sizes(plan_->functions.size());
    sv_.threads.for_ranges(sizes.size(), 8192, [&](uint64_t begin, uint64_t end) {
      std::vector<uint8_t> buffer;
      for (uint64_t i = begin; i < end; i++) {
        buffer.clear();
        append_frame(program_, plan_->target, plan_->functions[i], plan_->function_sizes[i], buffer);
        sizes[i] = static_cast<uint32_t>(buffer.size());
      }
      program_.in.drop_pages();
    });
    std::vector<uint8_t> header = frame_header(plan_->target);
    uint64_t size = header.size();
    for (uint32_t n : sizes) size += n;
    resize(SectionId::kFrame, size, sizes.size() + 1);
    Cursor c(section(SectionId::kFrame), 0, 0);
    put_fixed(c, 5, std::move(header));
    for (uint32_t i = 0; i < sizes.size(); i++) c.put(Item(Item::kFrame, i), sizes[i]);
  }

  static constexpr uint32_t kUnitFixed = 6, kFixedPerUnit = 3;

  Services& sv_;
  Program& program_;
  loader::Symbols& syms_;
  const TextOrder& order_;
  std::span<const SymId> functions_;
  DwarfPlanPtr plan_;
  NamedDefinitions names_;
  std::vector<SymId> infos_;  // references to types, whose values are set last
  std::vector<UnitLayout> layouts_;
};

}  // namespace

void DwarfPlanDeleter::operator()(DwarfPlan* plan) const { delete plan; }

DwarfPlanPtr plan_dwarf(Services& sv, Program& program, const TextOrder& order, std::span<const SymId> functions) {
  return Planner(sv, program, order, functions).run();
}

}  // namespace dovetail::dwarf
