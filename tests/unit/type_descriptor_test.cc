// What is wrong with descriptions of types is said, with the type and the part. That right ones are the Go
// compiler's is emit_types_test.sh's matter.
#include "compiler-emit/type_descriptor.h"

#include <catch2/catch.hpp>

#include "compiler-emit/map_type.h"
#include "compiler-emit/type_algorithm.h"

namespace {

using namespace dovetail::emit;

ObjectBuilder builder() {
  ObjectOptions options;
  options.header = "go object linux amd64 go1.26.8 GOAMD64=v1 X:regabiwrappers,regabiargs";
  options.package = "example.com/p";
  return ObjectBuilder(options);
}

std::string outcome(ObjectBuilder& o) {
  absl::StatusOr<std::vector<uint8_t>> bytes = o.finish(ObjectFormat::kDense, Container::kBare);
  return bytes.ok() ? "" : std::string(bytes.status().message());
}

TypeMethod method(const char* name, SymbolId type, const char* package = "") {
  TypeMethod m;
  m.name = name;
  m.package = package;
  m.type = type;
  return m;
}

// type:p.T, an interface or a named struct.
TypeDescription described(TypeKind kind, std::vector<TypeMethod> methods) {
  TypeDescription t;
  t.kind = kind;
  t.link_name = "example.com/p.T";
  t.text = "p.T";
  t.name = "T";
  t.package = "example.com/p";
  t.size = t.align = 8;
  t.methods = std::move(methods);
  return t;
}

TEST_CASE("methods") {
  auto said = [](TypeKind kind, auto make) {
    ObjectBuilder o = builder();
    SymbolId f = o.named("type:func()"), code = o.named("example.com/p.T.M", Abi::kInternal);
    TypeDescription t = described(kind, make(f, code));
    define_type(o, t);
    return outcome(o);
  };
  const std::string kWhere = "example.com/p: symbol type:example.com/p.T: ";
  auto in_interface = [&](std::vector<std::pair<const char*, const char*>> names) {
    return said(TypeKind::kInterface, [&](SymbolId f, SymbolId) {
      std::vector<TypeMethod> out;
      for (auto [name, package] : names) out.push_back(method(name, f, package));
      return out;
    });
  };
  CHECK(in_interface({{"A", ""}, {"B", ""}, {"a", "p"}, {"a", "q"}}).empty());
  CHECK(in_interface({{"B", ""}, {"A", ""}}) == kWhere + "methods are not in order");
  CHECK(in_interface({{"a", "p"}, {"B", ""}}) == kWhere + "methods are not in order");
  CHECK(in_interface({{"A", "p"}, {"A", "q"}}) == kWhere + "methods are not in order");
  CHECK(in_interface({{"a", "q"}, {"a", "p"}}) == kWhere + "methods are not in order");
  CHECK(in_interface({{"a", ""}}) == kWhere + "an unexported method, and no package");
  CHECK(in_interface({{"", ""}}) == kWhere + "a method without name or type");
  auto with_code = [](bool interface_code, bool own_code) {
    return [=](SymbolId f, SymbolId code) {
      TypeMethod m = method("A", f);
      if (interface_code) m.interface_code = code;
      if (own_code) m.code = code;
      return std::vector<TypeMethod>{m};
    };
  };
  CHECK(said(TypeKind::kInt, with_code(true, true)).empty());
  CHECK(said(TypeKind::kInt, with_code(false, true)) == kWhere + "a method without code");
  CHECK(said(TypeKind::kInt, with_code(true, false)) == kWhere + "a method without code");
  CHECK(said(TypeKind::kInterface, with_code(true, false)) == kWhere + "an interface's method with code");
  CHECK(said(TypeKind::kInt, [](SymbolId, SymbolId code) {
          TypeMethod m = method("A", SymbolId::kNone);
          m.code = m.interface_code = code;
          return std::vector<TypeMethod>{m};
        }) == kWhere + "a method without name or type");
  CHECK(said(TypeKind::kInt, [](SymbolId f, SymbolId code) {
          TypeMethod m = method("A", f);
          m.code = m.interface_code = code;
          return std::vector<TypeMethod>(0x10000, m);
        }) == kWhere + "too many methods");
  ObjectBuilder o = builder();
  TypeDescription t = described(TypeKind::kInt, with_code(true, true)(o.named("type:func()"), o.named("f")));
  t.name.clear();
  define_type(o, t);
  CHECK(outcome(o) == kWhere + "has methods, and no name");
}

TEST_CASE("maps") {
  MapDescription right;
  {
    ObjectBuilder o = builder();
    right.key.type = right.element.type = o.named("type:int");
    right.key.link_name = right.element.link_name = "int";
    right.key.size = right.key.align = right.element.size = right.element.align = 8;
    right.hasher = hash_function(o, Algorithm::kMemory, 8);
    SymbolId a = define_map(o, right);
    CHECK(define_map(o, right) == a);  // it is there
    CHECK(outcome(o).empty());
  }
  auto said = [&](auto change) {
    ObjectBuilder o = builder();
    o.named("type:int");
    hash_function(o, Algorithm::kMemory, 8);
    MapDescription m = right;
    change(m);
    define_map(o, m);
    return outcome(o);
  };
  const std::string kWhere = "example.com/p: type map[int]int: ";
  CHECK(said([](MapDescription& m) { m.key.align = 3; }) ==
        kWhere + "the alignment of a key or an element is no power of two");
  CHECK(said([](MapDescription& m) { m.element.align = 0; }) ==
        kWhere + "the alignment of a key or an element is no power of two");
  CHECK(said([](MapDescription& m) { m.element.size = UINT64_MAX; }) ==
        kWhere + "a key or an element is too large");
  CHECK(said([](MapDescription& m) {
          m.key.pointers = {true, true};
        }) == kWhere + "the pointer mask of a key or an element is longer than the type");
  CHECK(said([](MapDescription& m) { m.key.type = SymbolId::kNone; }) ==
        kWhere + "a key or an element without a type or name");
  CHECK(said([](MapDescription& m) { m.hasher = SymbolId::kNone; }) ==
        "example.com/p: symbol type:map[int]int: a map without key, element, group or hasher");
}

TEST_CASE("types without a name, and algorithms") {
  ObjectBuilder o = builder();
  TypeDescription t = described(TypeKind::kInt, {});
  define_unnamed_type(o, t);
  CHECK(outcome(o) == "example.com/p: symbol type:example.com/p.T: is no type without a name");
  ObjectBuilder other = builder();
  equal_function(other, static_cast<Algorithm>(99), 8);
  CHECK(outcome(other) == "example.com/p: equal: no such algorithm");
  ObjectBuilder third = builder();
  t = described(TypeKind::kInt, {});
  t.no_algorithms = true;
  t.equal = memory_equal(third, 8);
  define_type(third, t);
  CHECK(outcome(third) ==
        "example.com/p: symbol type:noalg.example.com/p.T: has no algorithms, and compares");
}

}  // namespace
