// What hangs on a function: pc tables, which have no need of numbers, are made when it is defined; its
// metadata and debug information when everything is.
#include "base/text.h"
#include "compiler-emit/debug_info.h"
#include "compiler-emit/line_program.h"
#include "compiler-emit/object_builder.h"
#include "compiler-emit/pc_table.h"

namespace dovetail::emit {

using objfmt::AuxKind;
using State = ObjectSymbol::State;

namespace {

constexpr size_t kFileLimit = INT32_MAX;

std::vector<PcValue> column(const std::vector<LineRow>& lines, uint32_t LineRow::*field) {
  std::vector<PcValue> rows;
  for (const LineRow& r : lines) rows.push_back({r.pc, static_cast<int32_t>(r.*field)});
  return rows;
}

}  // namespace

absl::Status ObjectBuilder::add_pc_tables(SymbolId id, const Function& f) {
  if (files_.size() > kFileLimit) return absl::InvalidArgumentError("too many files");
  std::vector<PcValue> sp = f.sp.empty() ? std::vector<PcValue>{{0, 0}} : f.sp;
  const struct {
    AuxKind kind;
    const char* what;
    std::vector<PcValue> rows;
    int32_t initial;
  } kTables[] = {{AuxKind::kPcsp, "sp", std::move(sp), 0},
                 {AuxKind::kPcfile, "lines", column(f.lines, &LineRow::file), -1},
                 {AuxKind::kPcline, "lines", column(f.lines, &LineRow::line), -1},
                 {AuxKind::kPcinline, "inline index",
                  f.inline_index.empty() ? std::vector<PcValue>{{0, -1}} : f.inline_index, -1}};
  auto add_table = [&](AuxKind kind, std::string_view what, const std::vector<PcValue>& rows,
                       int32_t initial) {
    absl::StatusOr<std::vector<uint8_t>> bytes =
        encode_pc_table(rows, initial, static_cast<uint32_t>(f.code.size()), header_.quantum);
    if (!bytes.ok()) return absl::InvalidArgumentError(base::concat(what, ": ", bytes.status().message()));
    // Tables of pcdata are counted, so an empty one keeps its place.
    if (bytes->empty() && kind != AuxKind::kPcdata) return absl::OkStatus();
    SymbolId table = pc_table(*std::move(bytes));
    symbols_[base::index(id)].associated.push_back({kind, table});
    return absl::OkStatus();
  };
  for (const auto& t : kTables) {
    if (absl::Status s = add_table(t.kind, t.what, t.rows, t.initial); !s.ok()) return s;
  }
  for (size_t i = 0; i < f.pcdata.size(); i++) {
    if (absl::Status s = add_table(AuxKind::kPcdata, base::concat("pcdata ", i), f.pcdata[i], -1); !s.ok())
      return s;
  }
  return absl::OkStatus();
}

void ObjectBuilder::seal() {
  if (sealed_) return;
  for (const ObjectSymbol& s : symbols_) {
    if (s.state == State::kDeclared)
      fail(s.name.empty() ? "symbol without a name" : base::concat("symbol ", s.name),
           "declared, and not defined");
  }
  if (!status_.ok()) return;
  size_t count = symbols_.size();
  uint32_t functions = 0;
  for (const ObjectSymbol& s : symbols_) functions += s.function != nullptr;
  for (size_t i = 0; i < count; i++) {
    if (symbols_[i].function != nullptr) add_function_metadata(static_cast<SymbolId>(i), functions);
    if (!symbols_[i].debug_type.empty()) add_variable_entry(static_cast<SymbolId>(i));
  }
  sealed_ = true;
}

namespace {

// Symbols that nobody names.
ObjectSymbol nameless(uint8_t kind, std::vector<uint8_t> bytes, std::vector<Relocation> relocs) {
  ObjectSymbol s;
  s.state = State::kDefined;
  s.linkage = Linkage::kPackage;
  s.kind = kind;
  s.size = static_cast<uint32_t>(bytes.size());
  s.bytes = std::move(bytes);
  s.relocs = std::move(relocs);
  return s;
}

}  // namespace

void ObjectBuilder::add_function_metadata(SymbolId id, uint32_t functions) {
  const Function* f = symbols_[base::index(id)].function.get();  // stays where it is when symbols are added
  std::vector<ObjectSymbol::Associated> parts;
  SymbolId info = add(nameless(kDataSymbolKind, {}, {}));
  parts.push_back({AuxKind::kFuncInfo, info});
  for (SymbolId data : f->funcdata) parts.push_back({AuxKind::kFuncdata, data});
  if (!f->lines.empty()) add_debug_entries(id, functions, &parts);
  ObjectSymbol& s = symbols_[base::index(id)];
  s.function_info = info;
  s.associated.insert(s.associated.begin(), parts.begin(), parts.end());
}

void ObjectBuilder::add_debug_entries(SymbolId id, uint32_t functions,
                                      std::vector<ObjectSymbol::Associated>* parts) {
  const Function& f = *symbols_[base::index(id)].function;
  auto by_name = [&](std::string_view name) { return named(name); };
  auto abstract = [&](SymbolId function) { return abstract_of(function); };
  DebugContext context{header_.dwarf5, functions, by_name, abstract};
  const std::string name = symbols_[base::index(id)].name;
  bool external = symbols_[base::index(id)].linkage != Linkage::kStatic;
  FunctionDebug d = function_entry(context, name, id, f, external);
  // What refers to a list has its symbol now, if there is any.
  auto add_list = [&](uint8_t kind, DebugEntry list, const std::vector<size_t>& refs) {
    if (list.bytes.empty()) return SymbolId::kNone;
    SymbolId symbol = add(nameless(kind, std::move(list.bytes), std::move(list.relocs)));
    for (size_t i : refs) d.info.relocs[i].target = symbol;
    return symbol;
  };
  SymbolId ranges = add_list(kDwarfRangesKind, std::move(d.ranges), d.range_refs);
  SymbolId locations = add_list(kDwarfLocationsKind, std::move(d.locations), d.location_refs);
  SymbolId lines =
      add(nameless(kDwarfLinesKind, encode_line_program(f.lines, static_cast<uint32_t>(f.code.size())),
                   {{kLineProgramAddressAt, 8, objfmt::RelocKind::kAddr, id}}));
  SymbolId info = add(nameless(kDwarfFunctionKind, std::move(d.info.bytes), std::move(d.info.relocs)));
  parts->push_back({AuxKind::kDwarfInfo, info});
  if (locations != SymbolId::kNone) parts->push_back({AuxKind::kDwarfLoc, locations});
  if (ranges != SymbolId::kNone) parts->push_back({AuxKind::kDwarfRanges, ranges});
  parts->push_back({AuxKind::kDwarfLines, lines});
}

const AbstractEntry* ObjectBuilder::abstract_of(SymbolId function) const {
  auto it = abstracts_.find(function);
  return it == abstracts_.end() ? nullptr : &it->second;
}

void ObjectBuilder::define_abstract_function(SymbolId function, const AbstractFunction& f) {
  if (!open("abstract function")) return;
  if (!is_known(function) || symbols_[base::index(function)].name.empty())
    return fail("abstract function", "of no function with a name");
  const std::string name = symbols_[base::index(function)].name;
  std::string where = base::concat("abstract function of ", name);
  if (abstracts_.contains(function)) return fail(where, "defined twice");
  if (symbols_[base::index(function)].function != nullptr) return fail(where, "defined after the function");
  for (size_t i = 0; i < f.variables.size(); i++) {
    if (f.variables[i].name.empty() || f.variables[i].type.empty())
      return fail(where, base::concat("variable ", i, ": no name or no type"));
  }
  bool is_static = symbols_[base::index(function)].linkage == Linkage::kStatic;
  auto by_name = [&](std::string_view n) { return named(n); };
  auto abstract = [&](SymbolId s) { return abstract_of(s); };
  AbstractEntry out;
  DebugEntry e = abstract_entry({header_.dwarf5, 0, by_name, abstract}, name, f, !is_static, &out.variables);
  out.symbol = declare(base::concat("go:info.", name, "$abstract"), Abi::kAbi0,
                       is_static ? Linkage::kStatic : Linkage::kNamed);
  if (!status_.ok()) return;
  ObjectSymbol& s = symbols_[base::index(out.symbol)];
  s.state = State::kDefined;
  s.kind = kDwarfAbstractKind;
  s.flags = is_static ? 0 : objfmt::SymFlags::kDupok;
  s.size = static_cast<uint32_t>(e.bytes.size());
  s.bytes = std::move(e.bytes);
  s.relocs = std::move(e.relocs);
  abstracts_.emplace(function, std::move(out));
}

void ObjectBuilder::add_variable_entry(SymbolId id) {
  auto by_name = [&](std::string_view name) { return named(name); };
  auto abstract = [&](SymbolId function) { return abstract_of(function); };
  DebugContext context{header_.dwarf5, 0, by_name, abstract};
  const std::string name = symbols_[base::index(id)].name, type = symbols_[base::index(id)].debug_type;
  DebugEntry e = variable_entry(context, name, id, type);
  SymbolId entry = add(nameless(kDwarfVariableKind, std::move(e.bytes), std::move(e.relocs)));
  symbols_[base::index(id)].associated.push_back({AuxKind::kDwarfInfo, entry});
}

}  // namespace dovetail::emit
