#include "loader/serial_flood.h"

#include "loader/type_meta.h"

namespace dovetail::loader {

using objfmt::AuxKind;
using objfmt::Reloc;
using objfmt::RelocKind;
using objfmt::SymFlags;

SerialFlood::SerialFlood(Services& sv, const Inputs& in, const Resolution& res, const InitOrder& inits,
                         const DirectedSymbols& directed)
    : sv_(sv), in_(in), res_(res), directed_(directed) {
  tasks_ = make_inittasks(inits);
  live_ = base::Bitmap(node_count());
  used_ = base::Bitmap(node_count());
  changed_ = base::Bitmap(node_count());
  for (RawId raw : directed.changed) changed_.set(index(raw));
  mark_fips_symbols();
  for (uint32_t i = 1; i < in_.raw_count; i++) {
    if (res_.used_in_iface(static_cast<RawId>(i))) used_.set(i);
  }
}

void SerialFlood::run(Observer observer) {
  observer_ = &observer;
  for (std::string_view root : {std::string_view(sv_.options.entry_symbol),
                                std::string_view("runtime.unreachableMethod")}) {
    mark(index(res_.lookup(root, 0)), 0);
    mark(index(res_.lookup(root, 1)), 0);
  }
  for (RawId raw : directed_.exported) mark(index(raw), 0);
  mark(tasks_, 0);
  flood();
  while (mark_methods()) flood();
  observer_ = nullptr;
}

// These are live from their creation on, so nobody is said to reach them. cmd/link ld/fips140.go loadfips
// and loader/symbolbuilder.go CreateSymForUpdate, Go 1.26.
void SerialFlood::mark_fips_symbols() {
  auto mark_name = [&](std::string_view name) { live_.set(index(res_.lookup(name, 0))); };
  mark_name("go:fipsinfo");
  for (const FipsSection& s : sv_.options.release->fips_sections) {
    mark_name(s.start);
    mark_name(s.end);
  }
}

uint32_t SerialFlood::make_inittasks(const InitOrder& inits) {
  auto list = [&](const InitTasks& tasks, std::string_view name) {
    if (!tasks.exists) return 0u;
    MadeNode& node = made_.emplace_back();
    node.name = name;
    for (RawId raw : tasks.tasks) node.targets.push_back(index(raw));
    return in_.raw_count + static_cast<uint32_t>(made_.size()) - 1;
  };
  uint32_t tasks = list(inits.main, "go:main.inittasks");
  uint32_t runtime = list(inits.runtime, "go:runtime.inittasks");
  if (runtime != 0) slice_ = index(inits.runtime_slice), slice_target_ = runtime;
  return tasks;
}

uint16_t SerialFlood::flags(uint32_t node) const {
  if (!has_content(node)) return 0;
  Slot s = content(node);
  return view(s).flags(s.local);
}

base::Bytes SerialFlood::data(uint32_t node) const {
  if (!has_content(node)) return {};
  Slot s = content(node);
  return view(s).data(s.local);
}

std::string_view SerialFlood::name(uint32_t node) const {
  if (node >= in_.raw_count) return made_[node - in_.raw_count].name;
  Slot s = has_content(node) ? content(node) : in_.slot(static_cast<RawId>(node));
  return view(s).name(s.local);
}

uint32_t SerialFlood::type_of(uint32_t node) const {
  if (!(flags(node) & SymFlags::kItab)) return node;
  Slot s = content(node);
  return target(s, itab_type(view(s), s.local));
}

void SerialFlood::mark(uint32_t node, uint32_t parent) {
  if (node == 0 || !live_.set(node)) return;
  waiting_.push(node);
  (*observer_)(parent, node);
}

// A type that an interface may hold is visited again if it was visited before.
void SerialFlood::use_in_interface(uint32_t type, uint32_t parent) {
  if (type == 0 || !used_.set(type) || !live_.test(type)) return;
  live_.clear(type);
  mark(type, parent);
}

void SerialFlood::flood() {
  while (!waiting_.empty()) {
    uint32_t node = waiting_.top();
    waiting_.pop();
    visit(node);
  }
}

void SerialFlood::visit(uint32_t node) {
  if (node >= in_.raw_count) {
    for (uint32_t to : made_[node - in_.raw_count].targets) mark(to, node);
    return;
  }
  if (has_content(node)) visit_relocs(node, content(node));
  // What the linker has changed no longer has auxiliary symbols (cmd/link loader/loader.go NAux, Go 1.26).
  if (node == slice_) return mark(slice_target_, node);
  if (!has_content(node) || changed_.test(node)) return;
  Slot s = content(node);
  for (objfmt::Aux a : view(s).auxs(s.local)) {
    if (a.kind != AuxKind::kGotype) mark(target(s, a.target), node);
  }
}

void SerialFlood::visit_relocs(uint32_t node, Slot s) {
  uint16_t node_flags = flags(node);
  if (node_flags & SymFlags::kReflectMethod) reflect_seen_ = true;
  bool in_interface = (node_flags & SymFlags::kGotype) && used_.test(node);
  bool has_methods = false;
  uint32_t skip = 0;
  for (Reloc r : view(s).relocs(s.local)) {
    if (skip != 0) {
      skip--;
      continue;
    }
    if (r.weak || r.kind == RelocKind::kUseType || r.kind == RelocKind::kInitOrder) continue;
    uint32_t to = target(s, r.target);
    switch (r.kind) {
      case RelocKind::kMethodOff:
        if (in_interface) use_in_interface(to, node);
        has_methods |= in_interface;
        skip = 2;
        break;
      case RelocKind::kUseIface:
        use_in_interface(type_of(to), node);
        break;
      case RelocKind::kUseIfaceMethod:
        note_interface_method(to, r.addend);
        break;
      case RelocKind::kUseNamedMethod:
        named_.insert(base::as_text(data(to)));
        break;
      default:
        if (in_interface && (flags(to) & SymFlags::kGotype) && used_.set(to)) live_.clear(to);
        mark(to, node);
    }
  }
  if (has_methods) collect_methods(node, s);
}

void SerialFlood::note_interface_method(uint32_t type, int64_t offset) {
  if (!has_content(type)) return;
  Slot s = content(type);
  MethodRefs refs = method_refs(RelocFinder(view(s), s.local), static_cast<uint64_t>(offset));
  std::optional<std::string_view> text = decode_name(data(target(s, refs.name)));
  if (text) called_.insert({*text, target(s, refs.type)});
}

void SerialFlood::collect_methods(uint32_t node, Slot s) {
  std::optional<MethodTable> table = method_table(view(s).data(s.local), view(s).size(s.local));
  if (!table) return;
  RelocFinder relocs(view(s), s.local);
  uint32_t number = 0;
  for (uint32_t i = 0; i + 2 < relocs.size() && number < table->count; i++) {
    if (relocs[i].weak || relocs[i].kind != RelocKind::kMethodOff) continue;
    Method m;
    m.source = node;
    for (uint32_t k = 0; k < 3; k++) m.targets[k] = target(s, relocs[i + k].target);
    i += 2;
    MethodRefs refs = method_refs(relocs, table->offset + uint64_t{kMethodSize} * number++);
    std::optional<std::string_view> text = decode_name(data(target(s, refs.name)));
    if (!text) continue;
    m.key = {*text, target(s, refs.type)};
    methods_.push_back(m);
  }
}

// Marks the methods that something calls by now; whether there is new work.
bool SerialFlood::mark_methods() {
  size_t kept = 0;
  for (const Method& m : methods_) {
    if ((reflect_seen_ && is_exported_name(m.key.name)) || called_.contains(m.key) ||
        named_.contains(m.key.name)) {
      for (uint32_t to : m.targets) mark(to, m.source);
    } else {
      methods_[kept++] = m;
    }
  }
  methods_.resize(kept);
  return !waiting_.empty();
}

}  // namespace dovetail::loader
