// What an object holds: its header, what it imports, its symbols.
#include <algorithm>
#include <set>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_format.h"
#include "base/text.h"
#include "inspect/dump.h"

namespace dovetail::inspect {
namespace {

namespace goobj = objfmt::goobj;
namespace dense = objfmt::dense;
using objfmt::AnyView;
using objfmt::SymRef;

// "go object linux amd64 go1.26.8 …", then "build id …": the lines up to the empty one.
std::vector<std::string_view> lines_of(base::Bytes text) {
  std::vector<std::string_view> lines;
  std::string_view rest = base::as_text(text);
  while (!rest.empty()) {
    size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    if (line.empty() || line == "!") break;
    lines.push_back(line);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return lines;
}

std::string_view word(std::string_view line, size_t n) {
  for (; n > 0; n--) line.remove_prefix(std::min(line.find(' '), line.size() - 1) + 1);
  return line.substr(0, line.find(' '));
}

std::string fingerprint(uint64_t v) { return v == 0 ? "" : absl::StrFormat("%016x", __builtin_bswap64(v)); }

void dump_block(std::string_view name, uint64_t offset, uint64_t size, uint64_t raw_size, DumpWriter& w) {
  w.begin_row();
  w.text("name", name, Show::value(-18));
  w.hex("offset", offset, Show::value(10));
  w.number("size", static_cast<int64_t>(size), Show::value(10));
  w.number("decoded_size", static_cast<int64_t>(raw_size), size == raw_size ? Show::hidden() : Show{});
  w.end_row();
}

void dump_blocks(const AnyView& view, DumpWriter& w) {
  w.begin_list("blocks", "blocks (name, offset, bytes):");
  view.visit([&](const auto& v) {
    if constexpr (requires { v.directory(); }) {
      for (const dense::BlockEntry& b : v.directory()) {
        std::string_view name = b.id < dense::kBlockCount ? dense::kBlockNames[b.id] : "unknown";
        dump_block(name, b.offset, b.size, b.raw_size, w);
      }
    } else {
      for (uint32_t b = 0; b < goobj::kEnd; b++) {
        auto block = static_cast<goobj::Block>(b);
        uint64_t size = v.block_bytes(block).size();
        dump_block(goobj::kBlockNames[b], v.block_offset(block), size, size, w);
      }
    }
  });
  w.end_list();
}

// References out of the object, in the order of packages and numbers. Both formats list them, each in an order of its
// own and goobj without the built-in ones; relocations and auxiliary symbols name them all.
std::vector<SymRef> external_refs(const DumpObject& o) {
  auto less = [](SymRef a, SymRef b) { return a.pkg != b.pkg ? a.pkg < b.pkg : a.sym < b.sym; };
  std::set<SymRef, decltype(less)> refs(less);
  auto add = [&](SymRef ref) {
    objfmt::RefSpace space = o.view.space(ref);
    if (space == objfmt::RefSpace::kPackage || space == objfmt::RefSpace::kBuiltin) refs.insert(ref);
  };
  for (uint32_t i = 0; i < o.view.def_count(); i++) {
    for (objfmt::Reloc r : o.view.relocs(i)) add(r.target);
    for (objfmt::Aux a : o.view.auxs(i)) add(a.target);
  }
  for (uint32_t i = 0; i < o.view.ref_flags_count(); i++) add(o.view.ref_flags(i).target);
  return {refs.begin(), refs.end()};
}

// What the object knows of other packages' symbols.
absl::flat_hash_map<uint64_t, uint16_t> ref_flags(const AnyView& v) {
  absl::flat_hash_map<uint64_t, uint16_t> flags;  // by package << 32 | number; asked, never iterated
  for (uint32_t i = 0; i < v.ref_flags_count(); i++) {
    AnyView::RefFlags f = v.ref_flags(i);
    flags[uint64_t{f.target.pkg} << 32 | f.target.sym] = f.flags;
  }
  return flags;
}

// Of content-addressed definitions the hash of the content, else nothing.
base::Bytes hash_of(const AnyView& v, uint32_t i) {
  uint32_t first = v.pkgdef_count() + v.hashed64_count();
  return i >= first && i < first + v.hashed_count() ? base::Bytes(v.hash(i), goobj::kHashSize) : base::Bytes();
}

}  // namespace

DumpObject::DumpObject(const Member& m, AnyView v, const PackageNames* packages)
    : member(m), view(std::move(v)), names(view, packages), header_lines(lines_of(m.text)) {
  goarch = header_lines.empty() ? std::string_view() : word(header_lines[0], 3);
  is_arm64 = goarch == "arm64";
}

absl::StatusOr<std::unique_ptr<DumpObject>> DumpObject::open(const Member& member, const PackageNames* packages) {
  absl::StatusOr<AnyView> view = AnyView::parse(member.object);
  if (!view.ok()) return view.status();
  return std::unique_ptr<DumpObject>(new DumpObject(member, *std::move(view), packages));
}

absl::Status dump_object(const Member& member, const DumpOptions& options, DumpWriter& w) {
  absl::StatusOr<std::unique_ptr<DumpObject>> opened = DumpObject::open(member, options.packages);
  if (!opened.ok()) return opened.status();
  const DumpObject& o = **opened;
  if (options.has(DumpSection::kHeader)) dump_object_header(o, w);
  if (options.has(DumpSection::kImports)) dump_imports(o, w);
  if (options.has(DumpSection::kFiles)) dump_files(o, w);
  if (options.has(DumpSection::kDefs)) dump_defs(o, options, w);
  if (options.has(DumpSection::kRefs)) dump_refs(o, options, w);
  if (options.has(DumpSection::kRelocs)) dump_relocs(o, options, w);
  if (options.has(DumpSection::kEdges)) dump_edges(o, options, w);
  if (options.has(DumpSection::kAux)) dump_aux(o, options, w);
  if (options.has(DumpSection::kFuncs)) dump_object_funcs(o, options, w);
  if (options.has(DumpSection::kTypes)) dump_object_types(o, options, w);
  if (!o.view.names_ok()) return absl::DataLossError("a name of the dense object is malformed");
  return absl::OkStatus();
}

void dump_object_header(const DumpObject& o, DumpWriter& w) {
  const AnyView& v = o.view;
  w.begin_block("header", "header:");
  w.words("text", o.header_lines);
  w.hex("offset", o.member.offset);
  w.number("size", static_cast<int64_t>(v.bytes().size()));
  std::vector<std::string_view> flags;
  if (v.shared()) flags.push_back("shared");
  if (v.from_assembly()) flags.push_back("from assembly");
  if (v.unlinkable()) flags.push_back("unlinkable");
  if (v.std()) flags.push_back("std");
  w.words("flags", flags);
  w.text("fingerprint", fingerprint(v.fingerprint()));
  w.number("package_definitions", v.pkgdef_count());
  w.number("hashed64_definitions", v.hashed64_count());
  w.number("hashed_definitions", v.hashed_count());
  w.number("named_definitions", v.nameddef_count());
  w.number("named_references", v.namedref_count());
  w.number("imports", v.autolib_count());
  w.number("referenced_packages", std::max<int64_t>(int64_t{v.package_count()} - 1, 0));
  w.number("files", v.file_count());
  dump_blocks(v, w);
  w.end_block();
}

void dump_imports(const DumpObject& o, DumpWriter& w) {
  const AnyView& v = o.view;
  w.begin_list("imports", "imports (package, fingerprint it was compiled against):");
  for (uint32_t i = 0; i < v.autolib_count(); i++) {
    goobj::Autolib library = v.autolib(i);
    w.begin_row();
    w.text("package", library.package, Show::value(-30));
    w.text("fingerprint", fingerprint(library.fingerprint), Show::value());
    w.end_row();
  }
  w.end_list();
  // Number 0 is a dummy.
  w.begin_list("packages", "referenced packages:");
  for (uint32_t i = 1; i < v.package_count(); i++) {
    w.begin_row();
    w.number("number", i, Show::value(6));
    w.text("package", v.package(i), Show::value());
    w.end_row();
  }
  w.end_list();
}

void dump_files(const DumpObject& o, DumpWriter& w) {
  w.begin_list("files", "files:");
  for (uint32_t i = 0; i < o.view.file_count(); i++) {
    w.begin_row();
    w.number("number", i, Show::value(6));
    w.text("file", o.view.file(i), Show::value());
    w.end_row();
  }
  w.end_list();
}

void dump_defs(const DumpObject& o, const DumpOptions& options, DumpWriter& w) {
  const AnyView& v = o.view;
  w.begin_list("definitions", "definitions (number, space, kind, size, name):");
  for (uint32_t i = 0; i < v.def_count(); i++) {
    if (!o.wanted(i, options)) continue;
    w.begin_row();
    w.number("number", i, Show::value(6));
    w.text("space", o.names.space(i), Show::value(-8));
    w.text("kind", object_kind_name(v.kind(i)), Show::value(-11));
    w.number("size", v.size(i), Show::value(7));
    w.text("name", o.names.symbol(i), Show::value());
    w.text("abi", abi_name(v.abi(i)), v.abi(i) == 0 && !objfmt::is_text(v.kind(i)) ? Show::hidden() : Show::value());
    w.number("align", v.align(i));
    w.words("flags", symbol_flag_names(v.flags(i)));
    w.number("data_size", v.data_size(i), v.data_size(i) == v.size(i) ? Show::hidden() : Show{});
    w.bytes("hash", hash_of(v, i));
    if (!v.record_ok(i) || !v.ranges_ok(i)) w.text("problem", "its record or its ranges are malformed");
    w.end_row();
  }
  w.end_list();
}

void dump_refs(const DumpObject& o, const DumpOptions& options, DumpWriter& w) {
  const AnyView& v = o.view;
  w.begin_list("references", "references (by name, or to a package's definition by number):");
  for (uint32_t i = v.def_count(); i < v.symbol_count(); i++) {
    if (!o.wanted(i, options)) continue;
    w.begin_row();
    w.text("by", "name", Show::value(-8));
    w.null("package");
    w.number("number", i, Show::value(6));
    w.text("name", o.names.symbol(i), Show::value());
    w.text("abi", abi_name(v.abi(i)), Show::value());
    w.words("flags", symbol_flag_names(v.flags(i)));
    w.end_row();
  }
  absl::flat_hash_map<uint64_t, uint16_t> flags = ref_flags(v);
  for (SymRef ref : external_refs(o)) {
    std::string name = o.names.target(ref);
    if (!options.wants(name)) continue;
    bool builtin = v.space(ref) == objfmt::RefSpace::kBuiltin;
    w.begin_row();
    w.text("by", builtin ? "builtin" : "number", Show::value(-8));
    if (builtin) w.null("package");
    else w.text("package", ref.pkg < v.package_count() ? v.package(ref.pkg) : "", Show::hidden());
    w.number("number", ref.sym, Show::value(6));
    w.text("name", name, Show::value());
    w.null("abi");
    w.words("flags", symbol_flag_names(flags[uint64_t{ref.pkg} << 32 | ref.sym]));
    w.end_row();
  }
  w.end_list();
}

}  // namespace dovetail::inspect
