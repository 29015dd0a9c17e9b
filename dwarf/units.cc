#include "dwarf/units.h"

#include "base/pdqsort.h"
#include "dwarf/lines.h"
#include "dwarf/object_scan.h"

namespace dovetail::dwarf {

UnitScan list_units(const Program& program, const loader::TextOrder& order, const Target& target) {
  UnitScan scan;
  scan.unit_of_object.resize(program.in.objects.size());
  for (uint32_t l : program.in.postorder) {
    const loader::Library& lib = program.in.libraries[l];
    for (uint32_t o = lib.first_object; o < lib.first_object + lib.object_count; o++) {
      scan.unit_of_object[o] = static_cast<uint32_t>(scan.units.size());
      Unit& unit = scan.units.emplace_back();
      unit.object = o;
      unit.library = l;
      unit.first_function = order.unit_begin[o];
      unit.function_count = order.unit_begin[o + 1] - order.unit_begin[o];
      if (!unit.textless()) unit.first = order.unit_functions[unit.first_function];
    }
  }
  scan.functions.resize(order.unit_functions.size());
  scan.objects.resize(program.in.objects.size());
  scan.info_seen = base::Bitmap(program.syms.count());
  scan.type_decoded = base::Bitmap(program.in.raw_count);
  if (target.version >= 5) scan.address_slot.resize(program.syms.count());
  return scan;
}

void scan_unit(Services& sv, const Program& program, const loader::TextOrder& order, const Target& target,
               UnitScan& scan, uint32_t object) {
  Unit& unit = scan.units[scan.unit_of_object[object]];
  const loader::Library& library = program.in.libraries[unit.library];
  ObjectScanner scanner(sv, program, target, scan, unit);
  scanner.scan_package(library.path);
  if (library.first_object == object) scanner.find_package_symbols(library.path);
  scanner.scan_functions(order.unit(object));
  scanner.scan_symbols();
  scanner.settle_infos();
  if (!unit.textless()) unit.line_header = line_header(program, target, unit, sv.options.config.goroot);
}

// cmd/link ld/dwarf.go calcCompUnitRanges, Go 1.26.
std::vector<uint32_t> collect_ranges(const Program& program, std::span<const SymId> functions,
                                     const loader::TextOrder& order, UnitScan& scan) {
  const loader::Symbols& syms = program.syms;
  std::vector<uint32_t> position(syms.count());  // in UnitScan::functions
  for (uint32_t i = 0; i < order.unit_functions.size(); i++) position[index(order.unit_functions[i])] = i;
  std::vector<uint32_t> framed;
  framed.reserve(functions.size());
  uint32_t last = loader::kNoObject;
  for (SymId f : functions) {
    uint32_t object = syms.object[index(f)];
    if (object == loader::kNoObject) continue;
    uint32_t size = scan.functions[position[index(f)]].code_size;
    if (size == kNoFuncInfo) continue;
    framed.push_back(position[index(f)]);
    Unit& unit = scan.units[scan.unit_of_object[object]];
    int64_t begin = static_cast<int64_t>(syms.value[index(f)] - syms.value[index(unit.first)]);
    if (object != last) unit.ranges.push_back({begin, begin});
    last = object;
    unit.ranges.back().end = begin + size;
  }
  return framed;
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
