#include "compiler-emit/object_builder.h"

#include <algorithm>

#include "base/text.h"
#include "compiler-emit/content_hash.h"
#include "compiler-emit/object_layout.h"
#include "compiler-emit/pc_table.h"
#include "compiler-emit/stack_map.h"
#include "compiler-emit/to_goobj.h"
#include "objfmt/goobj/layout.h"

namespace dovetail::emit {

using objfmt::AuxKind;
using objfmt::SymFlags;
using State = ObjectSymbol::State;

namespace {

constexpr size_t kMostContent = 2'000'000'000;  // objfile.go cutoff

std::string symbol_text(const ObjectSymbol& s) {
  return s.name.empty() ? std::string("symbol without a name") : base::concat("symbol ", s.name);
}

// Flags that follow from a symbol's name and kind (objfile.go writer.Sym).
uint16_t name_flags(std::string_view name, uint8_t kind) {
  uint16_t flags = 0;
  if (kind == kRodataKind && name.starts_with("type:") && name.size() > 5 && name[5] != '.')
    flags |= SymFlags::kGotype;
  if (kind == kRodataKind && name.starts_with("go:itab.")) flags |= SymFlags::kItab;
  if (name == "main.main") flags |= SymFlags::kLinkname;
  return flags;
}

// What the compiler takes a content-addressed symbol's alignment to be (objfile.go writer.Sym).
uint32_t content_align(std::string_view name, uint32_t size) {
  for (std::string_view prefix : {"go:string.", "type:.namedata.", "type:.importpath."}) {
    if (name.starts_with(prefix)) return 1;
  }
  for (std::string_view suffix : {".opendefer", ".arginfo0", ".arginfo1", ".argliveinfo"}) {
    if (name.ends_with(suffix)) return 1;
  }
  if (name.starts_with("gclocals\xc2\xb7")) return 4;
  return size % 8 == 0 ? 8 : size % 4 == 0 ? 4 : size % 2 == 0 ? 2 : 1;
}

}  // namespace

ObjectBuilder::ObjectBuilder(ObjectOptions options) : options_(std::move(options)) {
  absl::StatusOr<ObjectHeader> header = parse_object_header(options_.header);
  if (header.ok())
    header_ = *std::move(header);
  else
    fail("", header.status());
  if (options_.package.empty()) fail("", "no package path");
}

void ObjectBuilder::fail(std::string_view where, std::string_view what) {
  if (!status_.ok()) return;
  std::string_view package = options_.package.empty() ? "object" : std::string_view(options_.package);
  status_ = absl::InvalidArgumentError(where.empty() ? base::concat(package, ": ", what)
                                                     : base::concat(package, ": ", where, ": ", what));
}

void ObjectBuilder::fail(std::string_view where, const absl::Status& why) {
  absl::string_view text = why.message();
  fail(where, std::string_view(text.data(), text.size()));
}

bool ObjectBuilder::open(std::string_view what) {
  if (sealed_) fail(what, "added after the object was finished");
  return status_.ok();
}

uint32_t ObjectBuilder::add_file(std::string_view path) {
  if (!open("file") || path.empty()) {
    fail("file", "no path");
    return 0;
  }
  auto [it, added] = file_numbers_.try_emplace(std::string(path), static_cast<uint32_t>(files_.size()));
  if (added) files_.emplace_back(path);
  return it->second;
}

void ObjectBuilder::add_import(std::string_view path, uint64_t fingerprint) {
  if (!open("import")) return;
  if (path.empty()) return fail("import", "no package path");
  if (!imported_.emplace(path).second) return fail(base::concat("import ", path), "is there already");
  imports_.push_back({std::string(path), fingerprint});
}

SymbolId ObjectBuilder::add(ObjectSymbol symbol) {
  symbols_.push_back(std::move(symbol));
  return static_cast<SymbolId>(symbols_.size() - 1);
}

SymbolId ObjectBuilder::look_up(std::string_view name, uint16_t abi) const {
  auto it = by_name_.find({std::string(name), abi});
  return it == by_name_.end() ? SymbolId::kNone : it->second;
}

bool ObjectBuilder::declares(std::string_view name, Abi abi) const {
  SymbolId id = look_up(name, static_cast<uint16_t>(abi));
  return id != SymbolId::kNone && symbols_[base::index(id)].state != State::kReference;
}

SymbolId ObjectBuilder::named(std::string_view name, Abi abi) {
  if (!open(name)) return SymbolId::kNone;
  if (name.empty()) return fail("reference", "no name"), SymbolId::kNone;
  if (name.starts_with("\"\"."))
    return fail(base::concat("symbol ", name), "the name lacks its package"), SymbolId::kNone;
  auto number = static_cast<uint16_t>(abi);
  SymbolId id = look_up(name, number);
  if (id != SymbolId::kNone) return id;
  ObjectSymbol s;
  s.name = name;
  s.abi = number;
  id = add(std::move(s));
  by_name_.emplace(std::pair(std::string(name), number), id);
  return id;
}

SymbolId ObjectBuilder::indexed(std::string_view package, uint32_t index, std::string_view name) {
  if (!open(name)) return SymbolId::kNone;
  if (package.empty()) return fail(base::concat("reference ", name), "no package path"), SymbolId::kNone;
  if (package == options_.package)
    return fail(base::concat("reference ", name), "to this package by number; declare the symbol"),
           SymbolId::kNone;
  std::string prefix = escape_package_path(package);
  auto [it, added] = package_numbers_.try_emplace(prefix, static_cast<uint32_t>(packages_.size()));
  if (added) packages_.push_back(prefix);
  auto known = by_number_.find({it->second, index});
  if (known != by_number_.end()) return known->second;
  ObjectSymbol s;
  s.state = State::kIndexed;
  s.name = name;
  s.package = it->second;
  s.index = index;
  SymbolId id = add(std::move(s));
  by_number_.emplace(std::pair(it->second, index), id);
  return id;
}

SymbolId ObjectBuilder::declare(std::string_view name, Abi abi, Linkage linkage) {
  if (!open(name)) return SymbolId::kNone;
  std::string where = base::concat("symbol ", name);
  if (name.starts_with("\"\".")) return fail(where, "the name lacks its package"), SymbolId::kNone;
  if (name.empty() && linkage == Linkage::kNamed)
    return fail("symbol without a name", "found by name, and has none"), SymbolId::kNone;
  auto number = linkage == Linkage::kStatic ? objfmt::goobj::kAbiStatic : static_cast<uint16_t>(abi);
  SymbolId id = SymbolId::kNone;
  if (linkage != Linkage::kStatic && !name.empty()) {
    id = look_up(name, number);
    if (id != SymbolId::kNone && symbols_[base::index(id)].state != State::kReference)
      return fail(where, "declared twice"), SymbolId::kNone;
  }
  if (id == SymbolId::kNone) {
    ObjectSymbol s;
    s.name = name;
    s.abi = number;
    id = add(std::move(s));
    if (linkage != Linkage::kStatic && !name.empty())
      by_name_.emplace(std::pair(std::string(name), number), id);
  }
  symbols_[base::index(id)].state = State::kDeclared;
  symbols_[base::index(id)].linkage = linkage;
  return id;
}

ObjectSymbol* ObjectBuilder::begin_definition(SymbolId id, std::string_view what) {
  if (!open(what)) return nullptr;
  if (!is_known(id)) return fail(what, "defines a symbol of another object, or none"), nullptr;
  ObjectSymbol& s = symbols_[base::index(id)];
  if (s.state == State::kDefined) return fail(symbol_text(s), "defined twice"), nullptr;
  if (s.state != State::kDeclared)
    return fail(symbol_text(s), "defined without having been declared"), nullptr;
  return &s;
}

void ObjectBuilder::define_function(SymbolId id, Function f) {
  ObjectSymbol* s = begin_definition(id, "function");
  if (s == nullptr) return;
  std::string where = symbol_text(*s);
  if (s->linkage == Linkage::kContent) return fail(where, "a function cannot be content-addressed");
  if (s->name.empty()) return fail(where, "a function needs one");
  if (f.dupok && s->linkage != Linkage::kNamed)
    return fail(where, "only definitions found by name can be in several objects");
  if (absl::Status checked = check_relocs(f.relocs, f.code.size()); !checked.ok())
    return fail(where, checked);
  if (absl::Status checked = check_function(id, f); !checked.ok()) return fail(where, checked);
  if (absl::Status added = add_pc_tables(id, f); !added.ok()) return fail(where, added);
  s = &symbols_[base::index(id)];  // tables are symbols, too
  s->state = State::kDefined;
  s->kind = kTextKind;
  s->flags = name_flags(s->name, s->kind);
  const std::pair<bool, uint16_t> kFlags[] = {{f.dupok, SymFlags::kDupok},
                                              {f.leaf, SymFlags::kLeaf},
                                              {f.nosplit, SymFlags::kNosplit},
                                              {f.reflect_method, SymFlags::kReflectMethod},
                                              {f.package_init, SymFlags::kPkgInit}};
  for (auto [set, flag] : kFlags) s->flags = static_cast<uint16_t>(s->flags | (set ? flag : 0));
  s->size = static_cast<uint32_t>(f.code.size());
  s->align = f.align;
  s->bytes = f.code;
  s->relocs = std::move(f.relocs);
  s->function = std::make_unique<Function>(std::move(f));
}

void ObjectBuilder::define_data(SymbolId id, Data d) {
  ObjectSymbol* s = begin_definition(id, "data");
  if (s == nullptr) return;
  std::string where = symbol_text(*s);
  if (d.size == 0) d.size = static_cast<uint32_t>(std::min<size_t>(d.bytes.size(), UINT32_MAX));
  if (absl::Status checked = check_data(*s, d); !checked.ok()) return fail(where, checked);
  if (absl::Status checked = check_relocs(d.relocs, d.size); !checked.ok()) return fail(where, checked);
  s->state = State::kDefined;
  s->kind = static_cast<uint8_t>(d.kind);
  s->flags = name_flags(s->name, s->kind);
  const std::pair<bool, uint16_t> kFlags[] = {{d.dupok, SymFlags::kDupok},
                                              {d.local, SymFlags::kLocal},
                                              {d.typelink, SymFlags::kTypelink},
                                              {d.used_in_interface, SymFlags::kUsedInIface}};
  for (auto [set, flag] : kFlags) s->flags = static_cast<uint16_t>(s->flags | (set ? flag : 0));
  s->size = d.size;
  s->align = d.align != 0 || s->linkage != Linkage::kContent || d.size == 0 ? d.align
                                                                            : content_align(s->name, d.size);
  s->bytes = std::move(d.bytes);
  s->relocs = std::move(d.relocs);
  if (d.go_type != SymbolId::kNone) s->associated.push_back({AuxKind::kGotype, d.go_type});
  s->debug_type = std::move(d.debug_type);
}

SymbolId ObjectBuilder::content(std::string_view name, std::vector<uint8_t> bytes, uint16_t flags,
                                uint32_t align) {
  SymbolId id = name.empty() ? SymbolId::kNone : look_up(name, 0);
  if (id != SymbolId::kNone) return id;
  ObjectSymbol s;
  s.state = State::kDefined;
  s.linkage = Linkage::kContent;
  s.kind = kRodataKind;
  s.flags = flags;
  s.name = name;
  s.size = static_cast<uint32_t>(bytes.size());
  s.align = align;
  s.bytes = std::move(bytes);
  id = add(std::move(s));
  if (!name.empty()) by_name_.emplace(std::pair(std::string(name), uint16_t{0}), id);
  return id;
}

SymbolId ObjectBuilder::stack_maps(const std::vector<std::vector<bool>>& maps) {
  if (!open("stack maps")) return SymbolId::kNone;
  absl::StatusOr<std::vector<uint8_t>> bytes = encode_stack_maps(maps);
  if (!bytes.ok()) return fail("stack maps", bytes.status()), SymbolId::kNone;
  std::string name = gclocals_name(*bytes);
  return content(name, *std::move(bytes), SymFlags::kDupok, 4);
}

SymbolId ObjectBuilder::string_bytes(std::string_view text) {
  if (!open("string")) return SymbolId::kNone;
  if (text.empty()) return fail("string", "an empty one has no bytes"), SymbolId::kNone;
  return content(string_symbol_name(text), {text.begin(), text.end()}, SymFlags::kDupok | SymFlags::kLocal,
                 1);
}

SymbolId ObjectBuilder::content_bytes(std::string_view name, std::vector<uint8_t> bytes, bool local) {
  if (!open(name)) return SymbolId::kNone;
  std::string where = base::concat("symbol ", name);
  if (name.empty()) return fail("content", "no name"), SymbolId::kNone;
  if (bytes.size() > kMostContent) return fail(where, "too long"), SymbolId::kNone;
  SymbolId id = look_up(name, 0);
  if (id != SymbolId::kNone) {
    const ObjectSymbol& s = symbols_[base::index(id)];
    if (s.defined() && s.linkage == Linkage::kContent && s.bytes == bytes) return id;
    return fail(where, "is there with other contents"), SymbolId::kNone;
  }
  auto size = static_cast<uint32_t>(bytes.size());
  uint16_t flags = local ? SymFlags::kDupok | SymFlags::kLocal : SymFlags::kDupok;
  return content(name, std::move(bytes), flags, size == 0 ? 0 : content_align(name, size));
}

SymbolId ObjectBuilder::function_value(SymbolId function) {
  if (!open("function value")) return SymbolId::kNone;
  if (!is_known(function) || symbols_[base::index(function)].name.empty())
    return fail("function value", "of no function with a name"), SymbolId::kNone;
  return closure(base::concat(symbols_[base::index(function)].name,
                              "\xc2\xb7"
                              "f"),
                 function, std::vector<uint8_t>(8));
}

SymbolId ObjectBuilder::closure(std::string_view name, SymbolId function, std::vector<uint8_t> bytes) {
  if (!open(name)) return SymbolId::kNone;
  SymbolId id = look_up(name, 0);
  if (id != SymbolId::kNone && symbols_[base::index(id)].state != State::kReference) return id;
  id = declare(name, Abi::kAbi0, Linkage::kNamed);
  Data d;
  d.kind = DataKind::kRodata;
  d.bytes = std::move(bytes);
  d.relocs = {{0, 8, objfmt::RelocKind::kAddr, function}};
  d.dupok = true;
  define_data(id, std::move(d));
  return id;
}

// Equal tables of functions are one symbol.
SymbolId ObjectBuilder::pc_table(std::vector<uint8_t> bytes) {
  auto [it, added] = pc_tables_.try_emplace(std::string(bytes.begin(), bytes.end()), SymbolId::kNone);
  if (added) {
    uint32_t align = bytes.empty() ? 0 : content_align("", static_cast<uint32_t>(bytes.size()));
    it->second = content("", std::move(bytes), 0, align);
    symbols_[base::index(it->second)].is_pc_table = true;
  }
  return it->second;
}

absl::StatusOr<std::vector<uint8_t>> ObjectBuilder::finish(ObjectFormat format, Container container) {
  seal();
  if (!status_.ok()) return status_;
  absl::StatusOr<std::vector<uint8_t>> bytes = ObjectLayout(*this).run();
  if (bytes.ok() && format == ObjectFormat::kGoobj) bytes = goobj_from_dense(*bytes);
  if (!bytes.ok()) {
    fail("", bytes.status());
    return status_;
  }
  return wrap_object(header_, *std::move(bytes), container);
}

absl::StatusOr<uint32_t> ObjectBuilder::package_index(SymbolId id) {
  seal();
  if (!status_.ok()) return status_;
  if (!is_known(id) || !symbols_[base::index(id)].defined() ||
      symbols_[base::index(id)].linkage != Linkage::kPackage) {
    return absl::InvalidArgumentError(
        base::concat(options_.package, ": not a symbol that this object knows by number"));
  }
  if (package_indices_.empty()) package_indices_ = ObjectLayout(*this).package_indices();
  return package_indices_[base::index(id)];
}

}  // namespace dovetail::emit
