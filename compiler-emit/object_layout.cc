#include "compiler-emit/object_layout.h"

#include <algorithm>

#include "base/text.h"
#include "compiler-emit/byte_sink.h"
#include "objfmt/goobj/layout.h"

namespace dovetail::emit {

namespace goobj = objfmt::goobj;
using objfmt::SymRef;
using State = ObjectSymbol::State;

namespace {

constexpr int kDeepest = 1000;  // how many content-addressed symbols may lie between one and another

bool is_short(const ObjectSymbol& s) {
  return has_short_hash(s.size, s.relocs.size(), content_section(s.name, s.is_pc_table));
}

// Which of the spaces of definitions a symbol belongs to, and its place among the package's.
uint32_t space_of(const ObjectSymbol& s) {
  switch (s.linkage) {
    case Linkage::kContent:
      return is_short(s) ? goobj::kPkgHashed64 : goobj::kPkgHashed;
    case Linkage::kNamed:
      return goobj::kPkgNone;
    default:
      return goobj::kPkgSelf;
  }
}
int rank_in_package(const ObjectSymbol& s) { return s.function != nullptr ? 0 : !s.name.empty() ? 1 : 2; }

}  // namespace

ObjectLayout::ObjectLayout(ObjectBuilder& builder)
    : b_(builder),
      package_prefix_(escape_package_path(builder.options_.package)),
      refs_(builder.symbols_.size()),
      hashes_(builder.symbols_.size()),
      hash_states_(builder.symbols_.size()) {
  number_definitions();
  number_references();
}

void ObjectLayout::number_definitions() {
  std::vector<SymbolId> package[3], hashed64, hashed, by_name;
  for (size_t i = 0; i < b_.symbols_.size(); i++) {
    const ObjectSymbol& s = b_.symbols_[i];
    if (!s.defined()) continue;
    auto id = static_cast<SymbolId>(i);
    switch (space_of(s)) {
      case goobj::kPkgHashed64:
        hashed64.push_back(id);
        break;
      case goobj::kPkgHashed:
        hashed.push_back(id);
        break;
      case goobj::kPkgNone:
        by_name.push_back(id);
        break;
      default:
        package[rank_in_package(s)].push_back(id);
    }
  }
  auto append = [&](const std::vector<SymbolId>& ids, uint32_t space, uint32_t* count) {
    for (SymbolId id : ids) {
      refs_[base::index(id)] = {space, (*count)++};
      order_.push_back(id);
    }
  };
  for (const std::vector<SymbolId>& part : package) append(part, goobj::kPkgSelf, &counts_.package_defs);
  append(hashed64, goobj::kPkgHashed64, &counts_.hashed64);
  append(hashed, goobj::kPkgHashed, &counts_.hashed);
  append(by_name, goobj::kPkgNone, &counts_.named_defs);
}

std::vector<uint32_t> ObjectLayout::package_indices() const {
  std::vector<uint32_t> indices;
  indices.reserve(refs_.size());
  for (objfmt::SymRef ref : refs_) indices.push_back(ref.sym);
  return indices;
}

// In the order of first use.
void ObjectLayout::number_references() {
  size_t definitions = order_.size();
  for (size_t i = 0; i < definitions; i++) {
    const ObjectSymbol& s = at(order_[i]);
    for (const Relocation& r : s.relocs) refer(r.target);
    for (const ObjectSymbol::Associated& a : s.associated) refer(a.symbol);
    if (s.function == nullptr) continue;
    for (const InlinedCall& c : s.function->inlined) refer(c.function);
  }
}

void ObjectLayout::refer(SymbolId id) {
  if (id == SymbolId::kNone || !refs_[base::index(id)].is_nil()) return;
  const ObjectSymbol& s = at(id);
  if (s.state == State::kIndexed) {
    refs_[base::index(id)] = {s.package, s.index};
  } else {
    refs_[base::index(id)] = {goobj::kPkgNone, counts_.named_defs + counts_.named_refs++};
    order_.push_back(id);
  }
}

// The record that cmd/internal/goobj/funcinfo.go describes (objfmt/func_info.cc draws it).
void ObjectLayout::write_function_info(SymbolId id) {
  const Function& f = *at(id).function;
  std::vector<uint8_t> out;
  put(out, f.args);
  put(out, f.locals);
  put(out, uint32_t{f.func_id} | uint32_t{f.func_flags} << 8);
  put(out, f.start_line);
  std::vector<uint32_t> files;
  for (const LineRow& r : f.lines) files.push_back(r.file);
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  put(out, static_cast<uint32_t>(files.size()));
  for (uint32_t file : files) put(out, file);
  put(out, static_cast<uint32_t>(f.inlined.size()));
  for (const InlinedCall& c : f.inlined) {
    SymRef function = ref(c.function);
    put(out, c.parent);
    put(out, c.file);
    put(out, c.line);
    put(out, function.pkg);
    put(out, function.sym);
    put(out, c.parent_pc);
  }
  ObjectSymbol& info = b_.symbols_[base::index(at(id).function_info)];
  info.size = static_cast<uint32_t>(out.size());
  info.bytes = std::move(out);
}

// ---- Contents ----

absl::Status ObjectLayout::hash_contents() {
  for (SymbolId id : order_) {
    if (!at(id).defined() || at(id).linkage != Linkage::kContent) continue;
    if (absl::StatusOr<ContentHash> hash = hash_of(id, 0); !hash.ok()) return hash.status();
  }
  return absl::OkStatus();
}

absl::StatusOr<ContentHash> ObjectLayout::hash_of(SymbolId id, int depth) {
  size_t i = base::index(id);
  const ObjectSymbol& s = at(id);
  if (hash_states_[i] == 2) return hashes_[i];
  if (hash_states_[i] == 1 || depth > kDeepest) {
    return absl::InvalidArgumentError(
        base::concat("symbol ", s.name, ": content-addressed, and refers to itself by way of others"));
  }
  if (is_short(s)) {
    std::copy(s.bytes.begin(), s.bytes.end(), hashes_[i].begin());
  } else {
    hash_states_[i] = 1;
    ContentHasher hasher(s.size, content_section(s.name, s.is_pc_table), s.bytes);
    for (const Relocation& r : s.relocs) {
      absl::StatusOr<HashedTarget> target = hashed_target(s, r.target, depth);
      if (!target.ok()) return target.status();
      hasher.add_reloc(reloc_record(r), *target);
    }
    hashes_[i] = hasher.finish();
  }
  hash_states_[i] = 2;
  return hashes_[i];
}

absl::StatusOr<HashedTarget> ObjectLayout::hashed_target(const ObjectSymbol& from, SymbolId id, int depth) {
  auto wrong = [&](std::string_view what) {
    std::string_view name =
        id == SymbolId::kNone ? std::string_view("nothing") : std::string_view(at(id).name);
    return absl::InvalidArgumentError(
        base::concat("symbol ", from.name, ": content-addressed, and refers to ", name, ", ", what));
  };
  if (id == SymbolId::kNone) return wrong("which has no hash");
  const ObjectSymbol& s = at(id);
  HashedTarget t;
  if (s.state == State::kIndexed) {
    t.kind = HashedTarget::Kind::kIndexed;
    t.text = b_.packages_[s.package];
    t.index = s.index;
    return t;
  }
  switch (s.defined() ? s.linkage : Linkage::kNamed) {
    case Linkage::kContent: {
      if (absl::StatusOr<ContentHash> hash = hash_of(id, depth + 1); !hash.ok()) return hash.status();
      t.kind = is_short(s) ? HashedTarget::Kind::kHashed64 : HashedTarget::Kind::kHashed;
      t.hash = base::Bytes(hashes_[base::index(id)]).first(is_short(s) ? 8 : 16);
      return t;
    }
    case Linkage::kNamed:
      t.text = s.name;
      return t;
    default:
      // Its number tells it apart from others of the package only if no other object numbers the package's
      // symbols.
      if (!b_.options_.owns_numbers) return wrong("which has no hash: only this object knows its number");
      t.kind = HashedTarget::Kind::kIndexed;
      t.text = package_prefix_;
      t.index = ref(id).sym;
      return t;
  }
}

// ---- Records ----

objfmt::Reloc ObjectLayout::reloc_record(const Relocation& r) const {
  return {static_cast<int32_t>(r.offset), r.size, r.kind, r.weak, r.addend, ref(r.target)};
}

SymbolRecord ObjectLayout::record(SymbolId id) {
  const ObjectSymbol& s = at(id);
  SymbolRecord out;
  out.name = s.name;
  out.abi = s.abi;
  if (!s.defined()) return out;
  out.kind = s.kind;
  out.flags = s.flags;
  out.size = s.size;
  out.align = s.align;
  out.data = s.bytes;
  if (s.linkage == Linkage::kContent)
    out.hash = base::Bytes(hashes_[base::index(id)]).first(is_short(s) ? 8 : 16);
  for (const Relocation& r : s.relocs) out.relocs.push_back(reloc_record(r));
  for (const ObjectSymbol::Associated& a : s.associated) out.auxs.push_back({a.kind, ref(a.symbol)});
  return out;
}

absl::StatusOr<std::vector<uint8_t>> ObjectLayout::run() {
  if (order_.size() > INT32_MAX) return absl::InvalidArgumentError("too many symbols");
  for (SymbolId id : order_) {
    if (at(id).function != nullptr) write_function_info(id);
  }
  if (absl::Status s = hash_contents(); !s.ok()) return s;
  uint32_t flags = b_.options_.standard_library ? goobj::kFlagStd : 0;
  DenseWriter writer(counts_, flags, b_.options_.fingerprint);
  for (const ObjectBuilder::Import& i : b_.imports_) writer.add_import(i.path, i.fingerprint);
  for (const std::string& path : b_.packages_) writer.add_package(path);
  for (const std::string& path : b_.files_) writer.add_file(path);
  for (size_t i = 0; i < b_.symbols_.size(); i++) {
    const ObjectSymbol& s = b_.symbols_[i];
    if (s.state == State::kIndexed && !refs_[i].is_nil() && !s.name.empty())
      writer.add_named_external(refs_[i], s.name);
  }
  for (SymbolId id : order_) writer.add_symbol(record(id));
  return writer.finish(false);
}

}  // namespace dovetail::emit
