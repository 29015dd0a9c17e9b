// Debug information as compiler-emit takes it: what is wrong is said with its place; lists of DWARF 4, which
// no object of a default build has. That the rest is what the Go compiler writes is emit_oracle_test.sh's
// matter.
#include "compiler-emit/debug_info.h"

#include <catch2/catch.hpp>

#include "compiler-emit/debug_lists.h"
#include "compiler-emit/object_builder.h"

namespace {

using namespace dovetail::emit;
using dovetail::objfmt::RelocKind;

struct Fixture {
  ObjectBuilder o =
      ObjectBuilder({.header = "go object linux amd64 go1.26.8 GOAMD64=v1 X:dwarf5", .package = "p"});
  SymbolId inner = o.named("p.Inner", Abi::kInternal);
  SymbolId outer = o.declare("p.Outer", Abi::kInternal, Linkage::kNamed);
  Function f;

  Fixture() {
    f.code = std::vector<uint8_t>(16, 0x90);
    f.lines = {{0, o.add_file("p.x"), 1}};
    f.inlined = {{-1, 0, 1, inner, 0}, {0, 0, 2, inner, 4}};
    f.inline_index = {{4, 0}, {6, 1}, {8, 0}, {10, -1}, {12, 1}};
    f.blocks = {{-1, {{0, 4}, {8, 16}}}, {0, {{8, 9}}}};
  }
  void define_inner() {
    Variable x;
    x.role = Variable::Role::kParameter;
    x.name = "x";
    x.type = "int";
    o.define_abstract_function(inner, {1, {x}});
  }
  std::string outcome() {
    o.define_function(outer, f);
    absl::StatusOr<std::vector<uint8_t>> bytes = o.finish(ObjectFormat::kDense, Container::kBare);
    return bytes.ok() ? "" : std::string(bytes.status().message());
  }
};

TEST_CASE("the code of inlined calls is theirs and their children's") {
  Fixture t;
  auto ranges = inlined_ranges(t.f);
  auto is = [](const std::vector<CodeRange>& r, std::vector<std::pair<uint32_t, uint32_t>> want) {
    return std::equal(r.begin(), r.end(), want.begin(), want.end(),
                      [](CodeRange a, auto b) { return a.begin == b.first && a.end == b.second; });
  };
  CHECK(is(ranges[0], {{4, 10}, {12, 16}}));
  CHECK(is(ranges[1], {{6, 8}, {12, 16}}));
}

TEST_CASE("lists of DWARF 4") {
  auto named = [](std::string_view) { return SymbolId::kNone; };
  auto abstract_of = [](SymbolId) -> const AbstractEntry* { return nullptr; };
  DebugContext context{false, 1, named, abstract_of};
  auto function = static_cast<SymbolId>(7);
  std::vector<uint8_t> head(8, 0xff);
  head.resize(16);  // the address, of a relocation
  auto pair = [](uint8_t begin, uint8_t end) {
    std::vector<uint8_t> out(16);
    out[0] = begin;
    out[8] = end;
    return out;
  };
  auto join = [](std::initializer_list<std::vector<uint8_t>> parts) {
    std::vector<uint8_t> out;
    for (const std::vector<uint8_t>& p : parts) out.insert(out.end(), p.begin(), p.end());
    return out;
  };
  DebugWriter ranges(context), locations(context);
  put_range_list(ranges, function, std::vector<CodeRange>{{1, 2}, {5, 9}});
  DebugEntry e = ranges.finish();
  CHECK(e.bytes == join({head, pair(1, 2), pair(5, 9), pair(0, 0)}));
  REQUIRE(e.relocs.size() == 1);
  CHECK(e.relocs[0].offset == 8);
  CHECK(e.relocs[0].kind == RelocKind::kAddr);
  CHECK(e.relocs[0].target == function);
  put_location_list(locations, function, std::vector<Location>{{{1, 2}, {0x50}}});
  CHECK(locations.finish().bytes == join({head, pair(1, 2), {1, 0, 0x50}, pair(0, 0)}));
}

TEST_CASE("mistakes") {
  auto said = [](bool with_abstract, auto change) {
    Fixture t;
    if (with_abstract) t.define_inner();
    Variable v;
    v.name = "v";
    v.type = "int";
    t.f.variables = {v};
    change(t.f);
    return t.outcome();
  };
  auto variable = [&](auto change) { return said(true, [&](Function& f) { change(f.variables[0]); }); };
  const std::string kWhere = "p: symbol p.Outer: ";
  CHECK(said(true, [](Function&) {}).empty());
  CHECK(said(false, [](Function&) {}).empty());
  CHECK(variable([](Variable& v) { v.block = 1; }).empty());
  CHECK(variable([](Variable& v) { v.block = 2; }) == kWhere + "variable 0: block 2 of 2");
  CHECK(variable([](Variable& v) { v.inlined = 2; }) == kWhere + "variable 0: inlined call 2 of 2");
  CHECK(variable([](Variable& v) { v.inlined = -2; }) == kWhere + "variable 0: inlined call -2 of 2");
  CHECK(variable([](Variable& v) { v.inlined = 1; }) ==
        kWhere + "variable 0: of an inlined call, and without an origin");
  CHECK(variable([](Variable& v) { v.inlined = v.block = 0; }) ==
        kWhere + "variable 0: of an inlined call and of a block");
  CHECK(variable([](Variable& v) { v.inlined = 1, v.origin = 0; }).empty());
  CHECK(variable([](Variable& v) { v.inlined = 1, v.origin = 1; }) == kWhere + "variable 0: origin 1 of 1");
  CHECK(variable([](Variable& v) { v.origin = 0; }) ==
        kWhere + "variable 0: an origin in an abstract function that is not defined");
  CHECK(said(false, [](Function& f) { f.variables[0].inlined = f.variables[0].origin = 0; }) ==
        kWhere + "variable 0: an origin in an abstract function that is not defined");
  CHECK(variable([](Variable& v) {
          v.locations = {{{0, 17}, {}}};
        }) == kWhere + "variable 0: location: range 0: pc 0 to 17 in 16 bytes of code");
  CHECK(variable([](Variable& v) {
          v.locations = {{{0, 4}, {}}, {{3, 5}, {}}};
        }) == kWhere + "variable 0: location: range 1: pc 3, and the one before ends at 4");
  CHECK(variable([](Variable& v) {
          v.locations = {{{0, 4}, std::vector<uint8_t>(65536)}};
        }) == kWhere + "variable 0: an expression is too long");
  CHECK(said(true, [](Function& f) { f.blocks[0].parent = 0; }) ==
        kWhere + "block 0: parent 0 does not come before it");
  CHECK(said(true, [](Function& f) { f.blocks[1].ranges.clear(); }) == kWhere + "block 1: no code");
  CHECK(said(true, [](Function& f) { f.blocks[1].ranges[0].end = 8; }) ==
        kWhere + "block 1: range 0: pc 8 to 8 in 16 bytes of code");

  auto abstract = [](auto make) {
    Fixture t;
    make(t);
    return t.outcome();
  };
  CHECK(abstract([](Fixture& t) { t.define_inner(), t.define_inner(); }) ==
        "p: abstract function of p.Inner: defined twice");
  CHECK(abstract([](Fixture& t) {
          t.o.define_abstract_function(t.inner, {1, {Variable()}});
        }) == "p: abstract function of p.Inner: variable 0: no name or no type");
  CHECK(abstract([](Fixture& t) { t.o.define_abstract_function(SymbolId::kNone, {}); }) ==
        "p: abstract function: of no function with a name");
  CHECK(abstract([](Fixture& t) {
          SymbolId late = t.o.declare("p.Late", Abi::kInternal, Linkage::kNamed);
          t.o.define_function(late, t.f);
          t.o.define_abstract_function(late, {});
        }) == "p: abstract function of p.Late: defined after the function");
}

}  // namespace
