// Objects built by hand, written by DenseWriter and compared with what dense::View says of them.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "base/name_hash.h"
#include "compiler-emit/dense_writer.h"
#include "objfmt/dense/view.h"
#include "objfmt/goobj/layout.h"

namespace dense_fixture {

namespace base = dovetail::base;
namespace goobj = dovetail::objfmt::goobj;
using dovetail::emit::DenseWriter;
using dovetail::emit::SymbolCounts;
using dovetail::emit::SymbolRecord;
using dovetail::objfmt::Aux;
using dovetail::objfmt::AuxKind;
using dovetail::objfmt::Reloc;
using dovetail::objfmt::RelocKind;
using dovetail::objfmt::SymRef;
using namespace dovetail::objfmt::dense;

// Kinds of symbols, as objects number them.
inline constexpr uint8_t kText = 1, kRodata = 3, kDebugInfo = 14;

struct Symbol {
  std::string name;
  uint8_t kind = kRodata;
  uint16_t abi = 0, flags = 0;
  uint32_t size = 0, align = 1;
  std::vector<uint8_t> data, hash;
  std::vector<Reloc> relocs;
  std::vector<Aux> auxs;
  Family family = Family::kData;  // that is expected
};

struct Object {
  SymbolCounts counts;
  uint32_t flags = 0;
  uint64_t fingerprint = 0;
  std::vector<std::string> packages, files;
  std::vector<std::pair<std::string, uint64_t>> imports;
  std::vector<std::pair<SymRef, std::string>> named_externals;
  std::vector<std::pair<SymRef, uint16_t>> ref_flags;
  std::vector<Symbol> symbols;
  std::vector<uint8_t> residue;

  // The object must outlive the writer.
  DenseWriter writer() const {
    DenseWriter w(counts, flags, fingerprint);
    for (const auto& [path, print] : imports) w.add_import(path, print);
    for (const std::string& path : packages) w.add_package(path);
    for (const std::string& name : files) w.add_file(name);
    for (const auto& [ref, name] : named_externals) w.add_named_external(ref, name);
    for (const auto& [ref, bits] : ref_flags) w.add_ref_flags(ref, bits);
    for (const Symbol& s : symbols) {
      w.add_symbol(SymbolRecord{s.name, s.kind, s.abi, s.flags, s.size, s.align, s.data, s.hash, s.relocs, s.auxs});
    }
    w.set_residue(residue);
    return w;
  }
  std::vector<uint8_t> write(bool cold = false) const {
    auto bytes = writer().finish(cold);
    REQUIRE(bytes.ok());
    return *std::move(bytes);
  }
  std::string error() const {
    auto bytes = writer().finish(false);
    return bytes.ok() ? "" : std::string(bytes.status().message());
  }
};

// A few symbols in each of the five spaces, with something in every block.
inline Object small_object() {
  Object o;
  o.counts = {2, 2, 1, 3, 2};
  o.flags = goobj::kFlagStd;
  o.fingerprint = 0x1122334455667788;
  o.packages = {"", "fmt", "internal/abi"};
  o.files = {"/src/a.go", "/src/b.go"};
  o.imports = {{"fmt", 7}, {"os", 0}};
  o.named_externals = {{{1, 20}, "fmt.Println"}, {{2, 3}, "internal/abi.Type"}};
  o.ref_flags = {{{1, 20}, 0x100}, {{2, 9}, 1}};
  o.residue = {0x10, 0x30, 0x2f, 'u', 'v'};
  auto bytes = [](size_t n) {
    std::vector<uint8_t> b(n);
    for (size_t i = 0; i < n; i++) b[i] = static_cast<uint8_t>(n + i);
    return b;
  };
  auto add = [&](Symbol s, size_t n) {
    s.data = bytes(n);
    if (s.size == 0) s.size = static_cast<uint32_t>(n);
    o.symbols.push_back(std::move(s));
  };
  const SymRef self0{goobj::kPkgSelf, 0}, print{1, 20}, builtin{goobj::kPkgBuiltin, 4};
  Symbol main{"main.main", kText, 1, 2, 0, 16};
  main.relocs = {{4, 4, RelocKind::kCall, false, 0, print}, {12, 4, RelocKind::kCall, false, 0, print},
                 {10, 4, RelocKind::kPcrel, true, -8, {goobj::kPkgHashed, 0}}, {40, 0, RelocKind::kKeep, false, 1, builtin}};
  main.auxs = {{AuxKind::kFuncInfo, {goobj::kPkgNone, 1}}, {AuxKind::kDwarfInfo, {goobj::kPkgNone, 2}}, {AuxKind::kPcsp, {goobj::kPkgHashed64, 1}}};
  main.family = Family::kText;
  add(main, 48);
  Symbol table{"main.table", kRodata, 0, 0, 70000, 8};
  table.relocs = {{0, 8, RelocKind::kAddr, false, 70000, self0}, {8, 8, RelocKind::kAddr, false, 0, {}}};
  add(table, 24);
  for (uint8_t n : {8, 3}) {
    Symbol hashed{n == 8 ? "$f64.1" : "", kRodata, goobj::kAbiStatic, 1};
    hashed.hash = bytes(n), hashed.hash.resize(8);
    if (n == 3) hashed.family = Family::kMetadata;
    add(hashed, n);
  }
  Symbol hashed{"go:string.\"text\"", kRodata, 0, 1};
  hashed.hash = bytes(16);
  add(hashed, 6);
  Symbol named{"main.init", kText, 0, 0, 0, 16};
  named.family = Family::kText;
  add(named, 5);
  Symbol info{"main.main.funcinfo", kRodata, goobj::kAbiStatic};
  info.family = Family::kMetadata;
  add(info, 20);
  Symbol debug{"go:info.main.main", kDebugInfo, 0, 1};
  debug.relocs = {{2, 8, RelocKind::kAddr, false, 0, self0}, {10, 4, RelocKind::kDwarfSecRef, false, 0, {2, 3}}};
  debug.family = Family::kDebug;
  add(debug, 200);
  add({"runtime.entry", 0, 0, 0, 0, 0}, 0);
  add({"", 0, 1, 0, 0, 0}, 0);
  return o;
}

// All that a view says of one symbol, so that nothing is left unread; false if something is malformed.
inline bool touch_symbol(const View& v, uint32_t i) {
  uint64_t sum = v.kind(i) + static_cast<uint64_t>(v.family(i)) + v.abi(i) + v.flags(i) + static_cast<uint64_t>(v.name_class(i)) + v.align(i) + v.size(i) + v.data_size(i);
  base::Bytes data = v.data(i);
  REQUIRE(data.size() <= std::max<uint64_t>(v.data_size(i), 8));
  for (uint8_t b : data) sum += b;
  uint32_t first64 = v.count(kPackageDefs), hashed = first64 + v.count(kHashed64Defs), named = hashed + v.count(kHashedDefs);
  if (i < first64) sum += v.name_tag(i);
  else if (i < hashed) sum += v.hash64(i);
  else if (i < named) sum += *v.hash(i) + v.hash(i)[15];
  else sum += v.name_hash(i).lo;
  sum += v.has_name(i) + v.name_number(i) + v.has_relocs(i) + v.has_auxs(i);
  auto known = [&](SymRef r) {
    if (r.pkg == goobj::kPkgSelf) return r.sym < first64;
    if (r.pkg == goobj::kPkgHashed64) return r.sym < v.count(kHashed64Defs);
    if (r.pkg == goobj::kPkgHashed) return r.sym < v.count(kHashedDefs);
    if (r.pkg == goobj::kPkgNone) return r.sym < v.symbol_count() - named;
    return true;
  };
  auto relocs = v.relocs(i);
  for (; !relocs.done(); relocs.advance()) REQUIRE(known(relocs.current().target));
  auto edges = v.edges(i);
  for (; !edges.done(); edges.advance()) {
    REQUIRE(known(v.ref(edges.target())));
    sum += edges.kind();
  }
  if (relocs.ok()) REQUIRE(edges.ok());
  auto auxs = v.auxs(i);
  for (; !auxs.done(); auxs.advance()) REQUIRE(known(auxs.current().target));
  REQUIRE(v.streams_ok(i) == (relocs.ok() && auxs.ok()));
  volatile uint64_t used = sum;
  (void)used;
  return v.class_ok(i) && v.data_ok(i) && v.streams_ok(i);
}

inline void touch_names(const absl::StatusOr<NameTable>& table) {
  if (!table.ok()) return;
  std::string_view name;
  dovetail::objfmt::dense::NameBuffer one;
  for (NameCursor cursor(*table); cursor.next(&name);) {}
  for (uint32_t i = 0; i <= std::min(table->size(), 1000u); i++) (void)table->read(i, one);
}

// Asks a view everything, if the object can be opened; false if something is malformed.
inline bool touch(base::Bytes bytes) {
  auto v = View::parse(bytes);
  if (!v.ok()) {
    REQUIRE_FALSE(v.status().message().empty());
    return false;
  }
  std::vector<std::unique_ptr<uint8_t[]>> storage;
  bool good = v->decompress(storage).ok();
  for (const BlockEntry& e : v->directory()) REQUIRE(uint64_t{e.offset} + e.size <= bytes.size());
  for (uint32_t i = 0; i < v->import_count(); i++) (void)v->import_fingerprint(i);
  for (uint32_t k = 0; k < v->count(kExternals); k++) (void)v->external(k);
  for (uint32_t i = 0; i < v->ref_flags_count(); i++) (void)v->ref_flags(i);
  touch_names(v->paths()), touch_names(v->names()), touch_names(v->tool_names());
  for (uint32_t i = 0; i < v->symbol_count(); i++) good &= touch_symbol(*v, i);
  return good;
}

}  // namespace dense_fixture
