// Objects built from functions, data and names, read back through the views of both formats; and what is
// refused.
#include "compiler-emit/object_builder.h"

#include <catch2/catch.hpp>
#include <functional>
#include <string>

#include "compiler-emit/line_program.h"
#include "compiler-emit/pc_table.h"
#include "compiler-emit/stack_map.h"
#include "compiler-emit/type_descriptor.h"
#include "objfmt/any_view.h"

namespace {

using namespace dovetail;
using namespace dovetail::emit;
using objfmt::AuxKind;
using objfmt::RefSpace;
using objfmt::RelocKind;
using objfmt::SymFlags;
using objfmt::SymKind;
using View = objfmt::AnyView;
using Bytes = std::vector<uint8_t>;

const char kAmd64[] = "go object linux amd64 go1.26.8 GOAMD64=v1 X:regabiwrappers,regabiargs,dwarf5";
const char kArm64[] = "go object linux arm64 go1.26.8 GOARM64=v8.0 X:regabiwrappers,regabiargs";

ObjectBuilder builder(const char* header = kAmd64, const char* package = "example.com/p.v2",
                      bool owns = false) {
  ObjectOptions options;
  options.header = header;
  options.package = package;
  options.owns_numbers = owns;
  return ObjectBuilder(std::move(options));
}

Function function(Bytes code) {
  Function f;
  f.code = std::move(code);
  return f;
}
Data data(DataKind kind, Bytes bytes) {
  Data d;
  d.kind = kind;
  d.bytes = std::move(bytes);
  return d;
}

// Calls check with a view of each format.
void in_both_formats(ObjectBuilder& object, const std::function<void(const View&)>& check) {
  for (ObjectFormat format : {ObjectFormat::kGoobj, ObjectFormat::kDense}) {
    absl::StatusOr<Bytes> bytes = object.finish(format, Container::kBare);
    REQUIRE(bytes.status().ToString() == "OK");
    absl::StatusOr<View> view = View::parse(*bytes);
    REQUIRE(view.ok());
    REQUIRE(view->is_dense() == (format == ObjectFormat::kDense));
    check(*view);
    REQUIRE(view->names_ok());
  }
}

uint32_t index_of(const View& v, objfmt::SymRef ref) {
  uint32_t at = 0;
  switch (v.space(ref)) {
    case RefSpace::kNamed:
      at += v.hashed_count();
      [[fallthrough]];
    case RefSpace::kHashed:
      at += v.hashed64_count();
      [[fallthrough]];
    case RefSpace::kHashed64:
      at += v.pkgdef_count();
      [[fallthrough]];
    case RefSpace::kSelf:
      return at + ref.sym;
    default:
      FAIL("no symbol of this object");
      return 0;
  }
}
uint32_t find(const View& v, std::string_view name) {
  uint32_t n =
      v.pkgdef_count() + v.hashed64_count() + v.hashed_count() + v.nameddef_count() + v.namedref_count();
  for (uint32_t i = 0; i < n; i++) {
    if (v.has_name(i) && v.name(i) == name) return i;
  }
  FAIL("no symbol " << name);
  return 0;
}
std::vector<objfmt::Aux> auxs(const View& v, uint32_t i) {
  std::vector<objfmt::Aux> out;
  auto range = v.auxs(i);
  for (objfmt::Aux a : range) out.push_back(a);
  return out;
}
std::vector<objfmt::Reloc> relocs(const View& v, uint32_t i) {
  std::vector<objfmt::Reloc> out;
  auto range = v.relocs(i);
  for (objfmt::Reloc r : range) out.push_back(r);
  return out;
}
Bytes copy(base::Bytes b) { return {b.begin(), b.end()}; }

TEST_CASE("a function, its metadata and what it refers to") {
  ObjectBuilder object = builder();
  object.add_import("fmt", 0x1122334455667788);
  uint32_t other = object.add_file("/src/other.x"), file = object.add_file("/src/p.x");
  REQUIRE(object.add_file("/src/other.x") == other);
  SymbolId f = object.declare("example.com/p%2ev2.F", Abi::kInternal, Linkage::kNamed);
  SymbolId callee = object.named("runtime.panicdivide", Abi::kInternal);
  SymbolId far = object.indexed("fmt", 7, "fmt.Println");
  REQUIRE(object.indexed("fmt", 7, "fmt.Println") == far);
  REQUIRE(object.indexed("fmt", 8, "fmt.Printf") != far);
  SymbolId table = object.declare("example.com/p%2ev2.table", Abi::kAbi0, Linkage::kPackage);
  SymbolId no_pointers = object.stack_maps({{}});
  REQUIRE(object.stack_maps({{}}) == no_pointers);
  Function code = function(Bytes(32, 0x90));
  code.relocs = {{20, 4, RelocKind::kCall, far}, {1, 4, RelocKind::kCall, callee, 3}};
  code.args = 16;
  code.locals = 24;
  code.start_line = 10;
  code.nosplit = true;
  code.sp = {{1, 8}, {5, 24}, {30, 0}};
  code.lines = {{0, file, 10}, {5, file, 12, true, true}, {9, file, 12, false}};
  code.pcdata = {{}, {{0, 0}}};
  code.funcdata = {no_pointers, SymbolId::kNone, table};
  code.inlined = {{-1, other, 3, callee, 6}};
  code.inline_index = {{6, 0}, {8, -1}};
  Variable x;
  x.name = "x";
  x.type = "int";
  x.frame_offset = 8;
  code.variables = {x};
  object.define_function(f, code);
  object.define_data(table, data(DataKind::kNoptrdata, {1, 2, 3}));
  REQUIRE(object.status().ToString() == "OK");

  in_both_formats(object, [&](const View& v) {
    REQUIRE(v.nameddef_count() == 1);
    uint32_t i = find(v, "example.com/p%2ev2.F");
    CHECK(v.kind(i) == SymKind::kText);
    CHECK(v.abi(i) == 1);
    CHECK(v.flags(i) == SymFlags::kNosplit);
    CHECK(copy(v.data(i)) == Bytes(32, 0x90));
    auto r = relocs(v, i);
    REQUIRE(r.size() == 2);
    CHECK(r[0].offset == 1);
    CHECK(r[0].addend == 3);
    CHECK(v.name(index_of(v, r[0].target)) == "runtime.panicdivide");
    CHECK(v.abi(index_of(v, r[0].target)) == 1);
    CHECK(r[1].offset == 20);
    REQUIRE(v.space(r[1].target) == RefSpace::kPackage);
    CHECK(v.package(r[1].target.pkg) == "fmt");
    CHECK(r[1].target.sym == 7);

    auto a = auxs(v, i);
    std::vector<int> kinds;
    for (const objfmt::Aux& x_ : a) kinds.push_back(static_cast<int>(x_.kind));
    CHECK(kinds == std::vector<int>{1, 2, 2, 2, 3, 6, 7, 8, 9, 10, 11, 11});
    objfmt::FuncInfo info(v.data(index_of(v, a[0].target)));
    REQUIRE(info.valid());
    CHECK(info.args() == 16);
    CHECK(info.locals() == 24);
    CHECK(info.start_line() == 10);
    REQUIRE(info.file_count() == 1);
    CHECK(info.file(0) == file);
    REQUIRE(info.inline_count() == 1);
    CHECK(info.inline_node(0).parent == -1);
    CHECK(info.inline_node(0).file == other);
    CHECK(info.inline_node(0).parent_pc == 6);
    CHECK(v.name(index_of(v, info.inline_node(0).func)) == "runtime.panicdivide");

    CHECK(v.name(index_of(v, a[1].target)) == "gclocals\xc2\xb7g5+hNtRBP6YXNjfog7aZjQ==");
    CHECK(copy(v.data(index_of(v, a[1].target))) == Bytes{1, 0, 0, 0, 0, 0, 0, 0});
    CHECK(a[2].target.is_nil());
    CHECK(v.name(index_of(v, a[3].target)) == "example.com/p%2ev2.table");
    CHECK(v.kind(index_of(v, a[4].target)) == SymKind::kDwarfFunc);
    CHECK(v.kind(index_of(v, a[5].target)) == SymKind::kDwarfLines);
    CHECK(copy(v.data(index_of(v, a[6].target))) == Bytes{2, 1, 16, 4, 32, 25, 47, 2, 0});  // sp
    CHECK(copy(v.data(index_of(v, a[7].target))) == Bytes{4, 32, 0});                       // file 1
    CHECK(copy(v.data(index_of(v, a[8].target))) == Bytes{22, 5, 4, 27, 0});                // lines 10, 12
    CHECK(copy(v.data(index_of(v, a[9].target))) == Bytes{0, 6, 2, 2, 1, 24, 0});           // inlining
    CHECK(v.size(index_of(v, a[10].target)) == 0);                      // pcdata 0: nothing
    CHECK(copy(v.data(index_of(v, a[11].target))) == Bytes{2, 32, 0});  // pcdata 1
    REQUIRE(v.file_count() == 2);
    CHECK(v.file(file) == "/src/p.x");
  });
}

TEST_CASE("each linkage has its space, in order") {
  ObjectBuilder object = builder(kAmd64, "p", true);
  SymbolId hidden = object.declare("p.hidden", Abi::kAbi0, Linkage::kStatic);
  SymbolId hidden2 = object.declare("p.hidden", Abi::kAbi0, Linkage::kStatic);
  SymbolId shared = object.declare("p.shared", Abi::kAbi0, Linkage::kNamed);
  SymbolId small = object.declare("p.small", Abi::kAbi0, Linkage::kContent);
  SymbolId large = object.declare("p.large", Abi::kAbi0, Linkage::kContent);
  SymbolId f = object.declare("p.f", Abi::kInternal, Linkage::kPackage);
  object.define_data(hidden, data(DataKind::kData, {1}));
  Data bss;
  bss.kind = DataKind::kNoptrbss;
  bss.size = 100000;
  object.define_data(hidden2, bss);
  Data d = data(DataKind::kRodata, {2});
  d.dupok = true;
  object.define_data(shared, d);
  object.define_data(small, data(DataKind::kRodata, {1, 2, 3}));
  Data big = data(DataKind::kRodata, Bytes(24, 9));
  big.relocs = {{8, 8, RelocKind::kAddr, small}, {16, 8, RelocKind::kAddr, f}};
  object.define_data(large, big);
  object.define_function(f, function({0xc3}));
  absl::StatusOr<uint32_t> number = object.package_index(f);
  REQUIRE(number.ok());
  CHECK(*number == 0);
  CHECK(!object.package_index(hidden2).ok());
  CHECK(!object.package_index(shared).ok());
  in_both_formats(object, [&](const View& v) {
    CHECK(v.name(0) == "p.f");
    CHECK(v.name(1) == "p.hidden");
    CHECK(v.abi(1) == 0xffff);
    CHECK(v.size(2) == 100000);
    CHECK(v.name(find(v, "p.small")) == "p.small");
    REQUIRE(v.hashed64_count() == 1);
    CHECK(v.hash64(v.pkgdef_count()) == 0x030201);
    CHECK(v.align(v.pkgdef_count()) == 1);
    CHECK(v.hashed_count() == 3);  // and the tables of sp and of inlining
    CHECK(v.align(find(v, "p.large")) == 8);
    CHECK(v.flags(find(v, "p.shared")) == SymFlags::kDupok);
  });
}

TEST_CASE("strings, types and global variables") {
  ObjectBuilder object = builder();
  SymbolId text = object.string_bytes("hello, w");
  CHECK(object.string_bytes("hello, w") == text);
  SymbolId v1 = object.declare("p.V", Abi::kAbi0, Linkage::kNamed);
  Data header = data(DataKind::kData, Bytes{0, 0, 0, 0, 0, 0, 0, 0, 8});
  header.size = 16;
  header.relocs = {{0, 8, RelocKind::kAddr, text}};
  header.go_type = object.named("type:string");
  header.debug_type = "string";
  object.define_data(v1, header);
  in_both_formats(object, [&](const View& v) {
    uint32_t i = find(v, "p.V");
    auto a = auxs(v, i);
    REQUIRE(a.size() == 2);
    CHECK(a[0].kind == AuxKind::kGotype);
    CHECK(v.name(index_of(v, a[0].target)) == "type:string");
    CHECK(a[1].kind == AuxKind::kDwarfInfo);
    CHECK(v.kind(index_of(v, a[1].target)) == SymKind::kDwarfVar);
    uint32_t s = index_of(v, relocs(v, i)[0].target);
    CHECK(v.name(s) == "go:string.\"hello, w\"");
    CHECK(v.flags(s) == (SymFlags::kDupok | SymFlags::kLocal));
  });
}

TEST_CASE("arm64 code is any other code") {
  ObjectBuilder object = builder(kArm64);
  uint32_t file = object.add_file("/src/p.x");
  SymbolId f = object.declare("p.f", Abi::kInternal, Linkage::kNamed);
  SymbolId g = object.named("p.g", Abi::kInternal), table = object.named("p.table");
  // adrp x0, table; add x0, x0, :lo12:table; bl g; ret
  Function code = function({0, 0, 0, 0x90, 0, 0, 0, 0x91, 0, 0, 0, 0x94, 0xc0, 0x03, 0x5f, 0xd6});
  code.relocs = {{0, 8, RelocKind::kAddrArm64, table, 16}, {8, 4, RelocKind::kCallArm64, g}};
  code.lines = {{0, file, 4}, {8, file, 5}};
  code.sp = {{4, 16}, {12, 0}};
  object.define_function(f, code);
  in_both_formats(object, [&](const View& v) {
    uint32_t i = find(v, "p.f");
    CHECK(copy(v.data(i)) == code.code);
    auto r = relocs(v, i);
    REQUIRE(r.size() == 2);
    CHECK(r[0].kind == RelocKind::kAddrArm64);
    CHECK(r[0].size == 8);
    CHECK(r[0].addend == 16);
    CHECK(r[1].kind == RelocKind::kCallArm64);
    // Pcs count instructions.
    for (const objfmt::Aux& a : auxs(v, i)) {
      if (a.kind == AuxKind::kPcsp)
        CHECK(copy(v.data(index_of(v, a.target))) == Bytes{2, 1, 32, 2, 31, 1, 0});
      if (a.kind == AuxKind::kPcline) CHECK(copy(v.data(index_of(v, a.target))) == Bytes{10, 2, 2, 2, 0});
      // Without the experiment dwarf5: addresses of both ends, 8 bytes each.
      if (a.kind == AuxKind::kDwarfInfo) CHECK(relocs(v, index_of(v, a.target)).size() == 2);
    }
  });
  ObjectBuilder odd = builder(kArm64);
  odd.define_function(odd.declare("p.f", Abi::kInternal, Linkage::kNamed), function({1, 2, 3}));
  CHECK(odd.status().message() == "example.com/p.v2: symbol p.f: 3 bytes of code, no multiple of 4");
}

TEST_CASE("containers") {
  auto bytes = [](Container c) {
    ObjectBuilder object = builder();
    object.define_data(object.declare("p.d", Abi::kAbi0, Linkage::kNamed), data(DataKind::kData, {1}));
    return object.finish(ObjectFormat::kDense, c).value();
  };
  Bytes bare = bytes(Container::kBare), whole = bytes(Container::kObject),
        archive = bytes(Container::kArchive);
  std::string text(whole.begin(), whole.end());
  CHECK(text.starts_with(std::string(kAmd64) + "\n!\n"));
  CHECK(text.ends_with(std::string(bare.begin(), bare.end())));
  CHECK(std::string(archive.begin(), archive.end()).starts_with("!<arch>\n_go_.o  "));
  CHECK(archive.size() % 2 == 0);
  CHECK(*header_line_of(archive) == kAmd64);
  CHECK(*header_line_of(whole) == kAmd64);
  CHECK(!header_line_of(bare).ok());
}

// ---- Mistakes: each says what and where ----

struct Mistake {
  const char* said;
  std::function<void(ObjectBuilder&)> make;
};

void define_f(ObjectBuilder& o, std::function<void(Function&)> change) {
  uint32_t file = o.add_file("f");
  Function f = function(Bytes(8, 0x90));
  f.lines = {{0, file, 1}};
  change(f);
  o.define_function(o.declare("p.f", Abi::kInternal, Linkage::kNamed), std::move(f));
}
void define_d(ObjectBuilder& o, std::function<void(Data&)> change, Linkage linkage = Linkage::kNamed) {
  Data d = data(DataKind::kRodata, Bytes(16, 1));
  change(d);
  o.define_data(o.declare("p.d", Abi::kAbi0, linkage), std::move(d));
}

TEST_CASE("mistakes have a place") {
  const Mistake kMistakes[] = {
      {"symbol p.f: relocation 0: bytes 5 to 9 of a symbol of 8",
       [](ObjectBuilder& o) {
         define_f(o, [&](Function& f) { f.relocs = {{5, 4, RelocKind::kCall, o.named("x")}}; });
       }},
      {"symbol p.f: relocation 0: no target",
       [](ObjectBuilder& o) { define_f(o, [&](Function& f) {
                                f.relocs = {{0, 4, RelocKind::kCall}};
                              }); }},
      {"symbol p.f: relocation 0: the target is a symbol of another object, or none",
       [](ObjectBuilder& o) {
         define_f(o, [&](Function& f) {
           f.relocs = {{0, 4, RelocKind::kCall, static_cast<SymbolId>(1000)}};
         });
       }},
      {"symbol p.f: relocation at 2 overlaps the one before, which ends at 4",
       [](ObjectBuilder& o) {
         SymbolId x = o.named("x");
         define_f(o, [&](Function& f) {
           f.relocs = {{2, 4, RelocKind::kCall, x}, {0, 4, RelocKind::kCall, x}};
         });
       }},
      {"symbol p.f: relocation 0: kind 60000 is none",
       [](ObjectBuilder& o) {
         define_f(o, [&](Function& f) { f.relocs = {{0, 4, static_cast<RelocKind>(60000), o.named("x")}}; });
       }},
      {"symbol p.f: no code", [](ObjectBuilder& o) { define_f(o, [](Function& f) { f.code.clear(); }); }},
      {"symbol p.f: sp: row 1: pc 3 does not ascend, the row before has 3",
       [](ObjectBuilder& o) { define_f(o, [](Function& f) {
                                f.sp = {{3, 8}, {3, 0}};
                              }); }},
      {"symbol p.f: pcdata 1: row 0: pc 8 in 8 bytes of code",
       [](ObjectBuilder& o) { define_f(o, [](Function& f) {
                                f.pcdata = {{}, {{8, 1}}};
                              }); }},
      {"symbol p.f: lines: row 0: pc 1, not 0",
       [](ObjectBuilder& o) { define_f(o, [](Function& f) { f.lines[0].pc = 1; }); }},
      {"symbol p.f: lines: row 0: file 5 of 1",
       [](ObjectBuilder& o) { define_f(o, [](Function& f) { f.lines[0].file = 5; }); }},
      {"symbol p.f: lines: row 0: line 0",
       [](ObjectBuilder& o) { define_f(o, [](Function& f) { f.lines[0].line = 0; }); }},
      {"symbol p.f: inlined call 0: parent 0 does not come before it",
       [](ObjectBuilder& o) { define_f(o, [&](Function& f) {
                                f.inlined = {{0, 0, 1, o.named("x"), 0}};
                              }); }},
      {"symbol p.f: inline index: row 0: call 0 of 0",
       [](ObjectBuilder& o) { define_f(o, [](Function& f) {
                                f.inline_index = {{0, 0}};
                              }); }},
      {"symbol p.f: alignment 3", [](ObjectBuilder& o) { define_f(o, [](Function& f) { f.align = 3; }); }},
      {"symbol p.f: variable 0: no name or no type",
       [](ObjectBuilder& o) { define_f(o, [](Function& f) { f.variables.resize(1); }); }},
      {"symbol p.f: declared twice",
       [](ObjectBuilder& o) {
         define_f(o, [](Function&) {});
         define_f(o, [](Function&) {});
       }},
      {"symbol p.g: defined without having been declared",
       [](ObjectBuilder& o) { o.define_function(o.named("p.g"), function({1})); }},
      {"symbol p.g: defined twice",
       [](ObjectBuilder& o) {
         SymbolId g = o.declare("p.g", Abi::kInternal, Linkage::kNamed);
         o.define_function(g, function({1}));
         o.define_function(g, function({1}));
       }},
      {"symbol p.g: declared, and not defined",
       [](ObjectBuilder& o) { o.declare("p.g", Abi::kInternal, Linkage::kPackage); }},
      {"function: defines a symbol of another object, or none",
       [](ObjectBuilder& o) { o.define_function(SymbolId::kNone, function({1})); }},
      {"symbol without a name: found by name, and has none",
       [](ObjectBuilder& o) { o.declare("", Abi::kAbi0, Linkage::kNamed); }},
      {"symbol \"\".f: the name lacks its package", [](ObjectBuilder& o) { o.named("\"\".f"); }},
      {"reference: no name", [](ObjectBuilder& o) { o.named(""); }},
      {"symbol p.d: 16 bytes in a symbol of 8",
       [](ObjectBuilder& o) { define_d(o, [](Data& d) { d.size = 8; }); }},
      {"symbol p.d: zero-initialised data have neither bytes nor relocations",
       [](ObjectBuilder& o) { define_d(o, [](Data& d) { d.kind = DataKind::kBss; }); }},
      {"symbol p.d: kind 77 is none of data",
       [](ObjectBuilder& o) { define_d(o, [](Data& d) { d.kind = static_cast<DataKind>(77); }); }},
      {"symbol p.d: content-addressed, and not read-only",
       [](ObjectBuilder& o) {
         define_d(
             o, [](Data& d) { d.kind = DataKind::kData; }, Linkage::kContent);
       }},
      {"symbol p.d: only definitions found by name can be in several objects",
       [](ObjectBuilder& o) {
         define_d(
             o, [](Data& d) { d.dupok = true; }, Linkage::kStatic);
       }},
      {"symbol p.f: a function cannot be content-addressed",
       [](ObjectBuilder& o) {
         o.define_function(o.declare("p.f", Abi::kInternal, Linkage::kContent), function({1}));
       }},
      {"symbol p.d: content-addressed, and refers to p.s, which has no hash: only this object knows its "
       "number",
       [](ObjectBuilder& o) {
         SymbolId s = o.declare("p.s", Abi::kAbi0, Linkage::kStatic);
         o.define_data(s, data(DataKind::kData, {1}));
         define_d(
             o,
             [&](Data& d) {
               d.relocs = {{0, 8, RelocKind::kAddr, s}};
             },
             Linkage::kContent);
       }},
      {"symbol p.e: content-addressed, and refers to itself by way of others",
       [](ObjectBuilder& o) {
         SymbolId e = o.declare("p.e", Abi::kAbi0, Linkage::kContent);
         define_d(
             o,
             [&](Data& d) {
               d.relocs = {{0, 8, RelocKind::kAddr, e}};
             },
             Linkage::kContent);
         Data d = data(DataKind::kRodata, Bytes(16, 1));
         d.relocs = {{0, 8, RelocKind::kAddr, o.named("p.d")}};
         o.define_data(e, d);
       }},
      {"import fmt: is there already",
       [](ObjectBuilder& o) {
         o.add_import("fmt", 1);
         o.add_import("fmt", 1);
       }},
      {"reference q.x: to this package by number; declare the symbol",
       [](ObjectBuilder& o) { o.indexed("example.com/p.v2", 1, "q.x"); }},
      {"file: no path", [](ObjectBuilder& o) { o.add_file(""); }},
      {"stack maps: stack map 1 has 2 bits, the first one 1",
       [](ObjectBuilder& o) {
         o.stack_maps({{true}, {true, false}});
       }},
      {"symbol p.c: is there with other contents",
       [](ObjectBuilder& o) {
         o.content_bytes("p.c", {1}, false);
         o.content_bytes("p.c", {2}, false);
       }},
      {"function value: of no function with a name",
       [](ObjectBuilder& o) { o.function_value(SymbolId::kNone); }},
      {"symbol type:[]int: no element",
       [](ObjectBuilder& o) {
         TypeDescription t;
         t.kind = TypeKind::kSlice;
         t.link_name = "[]int";
         define_type(o, t);
       }},
      {"symbol type:struct { x int }: an unexported field, and no package",
       [](ObjectBuilder& o) {
         TypeDescription t;
         t.kind = TypeKind::kStruct;
         t.link_name = "struct { x int }";
         t.size = 8;
         t.fields = {{"x", "", o.named("type:int"), 0}};
         define_type(o, t);
       }},
      {"symbol type:T: of a kind that types have not",
       [](ObjectBuilder& o) {
         TypeDescription t;
         t.kind = static_cast<TypeKind>(27);
         t.link_name = "T";
         define_type(o, t);
       }},
      {"import: added after the object was finished",
       [](ObjectBuilder& o) {
         (void)o.finish(ObjectFormat::kDense, Container::kBare);
         o.add_import("fmt", 1);
       }},
  };
  for (const Mistake& m : kMistakes) {
    ObjectBuilder object = builder();
    m.make(object);
    absl::StatusOr<Bytes> bytes = object.finish(ObjectFormat::kDense, Container::kBare);
    CHECK_FALSE(bytes.ok());
    CHECK(std::string(object.status().message()) == std::string("example.com/p.v2: ") + m.said);
  }
  CHECK(std::string(builder(kAmd64, "").status().message()) == "object: no package path");
  for (const char* header : {"", "go object linux", "go object linux amd64 go1.26",
                             "go object linux mips64 go1.26 X:", "go object linux amd64 go1.26 X:\n"}) {
    INFO(header);
    CHECK_FALSE(builder(header).status().ok());
  }
}

TEST_CASE("handles outlive mistakes") {
  // A compiler may go on after the first one: nothing crashes, and the first is what finish() says.
  ObjectBuilder object = builder();
  SymbolId bad = object.declare("", Abi::kAbi0, Linkage::kNamed);
  object.define_function(bad, Function());
  object.define_data(bad, Data());
  CHECK(object.named("x") == SymbolId::kNone);
  CHECK(object.string_bytes("x") == SymbolId::kNone);
  CHECK_FALSE(object.finish(ObjectFormat::kGoobj, Container::kArchive).ok());
  CHECK(object.status().message() == "example.com/p.v2: symbol without a name: found by name, and has none");
}

// ---- Line programs, by an interpreter of the DWARF standard's opcodes ----

struct Row {
  uint64_t pc, file, line;
  bool is_stmt, prologue_end;
  bool operator==(const Row&) const = default;
};

struct Interpreter {
  const Bytes& p;
  size_t at = 0;
  uint64_t uleb() {
    uint64_t v = 0;
    for (unsigned shift = 0;; shift += 7) {
      uint8_t b = p.at(at++);
      v |= uint64_t{b & 0x7fu} << shift;
      if (b < 0x80) return v;
    }
  }
  int64_t sleb() {
    uint64_t v = 0;
    unsigned shift = 0;
    uint8_t b = 0;
    do {
      b = p.at(at++);
      v |= uint64_t{b & 0x7fu} << shift;
      shift += 7;
    } while (b >= 0x80);
    if (shift < 64 && (b & 0x40) != 0) v |= ~uint64_t{0} << shift;
    return static_cast<int64_t>(v);
  }
  std::vector<Row> rows;
  uint64_t end = 0;
  void run() {
    Row r{0, 1, 1, true, false};
    while (at < p.size()) {
      uint8_t op = p[at++];
      if (op >= 11) {
        r.pc += (op - 11u) / 10;
        r.line += static_cast<uint64_t>(static_cast<int64_t>((op - 11) % 10) - 4);
        rows.push_back(r);
        r.prologue_end = false;
      } else if (op == 0) {
        uint64_t n = uleb();
        if (p.at(at) == 1) end = r.pc;
        at += n;
      } else if (op == 2) {
        r.pc += uleb();
      } else if (op == 3) {
        r.line += static_cast<uint64_t>(sleb());
      } else if (op == 4) {
        r.file = uleb();
      } else if (op == 6) {
        r.is_stmt = !r.is_stmt;
      } else if (op == 8) {
        r.pc += 24;
      } else if (op == 10) {
        r.prologue_end = true;
      } else {
        FAIL("opcode " << int{op});
      }
    }
  }
};

TEST_CASE("line programs say what the rows say") {
  uint64_t state = 1;
  auto random = [&](uint64_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % below;
  };
  for (int n = 0; n < 300; n++) {
    std::vector<LineRow> lines;
    uint32_t pc = 0, line = 100;
    for (uint64_t rows = random(30) + 1; rows > 0; rows--) {
      uint32_t by = static_cast<uint32_t>(random(n % 3 == 0 ? 10 : n % 3 == 1 ? 60 : 100000));
      line = random(2) == 0 ? line + by : line > by ? line - by : 1;
      lines.push_back({pc, static_cast<uint32_t>(random(3)), line, random(3) != 0, random(5) == 0});
      pc += static_cast<uint32_t>(random(n % 2 == 0 ? 30 : 70000)) + 1;
    }
    Bytes program = encode_line_program(lines, pc);
    Interpreter i{program};
    i.run();
    std::vector<Row> wanted;
    for (const LineRow& r : lines) wanted.push_back({r.pc, r.file + 1, r.line, r.is_stmt, r.prologue_end});
    REQUIRE(i.rows == wanted);
    REQUIRE(i.end == pc);
  }
  CHECK(encode_line_program({}, 10).empty());
}

}  // namespace
