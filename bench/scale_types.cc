// Packages of types with methods. Values of the live types come into interfaces, and interfaces have half of
// the methods, so the linker has to find out that the others cannot be called.
#include "absl/strings/str_cat.h"
#include "bench/scale_shape.h"
#include "compiler-emit/type_algorithm.h"
#include "compiler-emit/type_descriptor.h"

namespace dovetail::bench {
namespace {

using emit::Abi;
using emit::Linkage;
using emit::ObjectBuilder;
using emit::SymbolId;
using emit::TypeDescription;
using emit::TypeKind;

constexpr uint32_t kMethods = 8, kMethodsKept = 4;

std::string link_name(const CallGraph& graph, uint32_t type) {
  return absl::StrCat(package_path(graph.package_of(type)), ".T", type);
}

// func() int
SymbolId method_type(ObjectBuilder& object) {
  TypeDescription t;
  t.kind = TypeKind::kFunc;
  t.link_name = "func() int";
  t.size = t.align = 8;
  t.pointers = {true};
  t.results = {object.named("type:int")};
  return emit::define_unnamed_type(object, t);
}

// type TN struct { n int }, and methods of *TN.
absl::Status add_type(ObjectBuilder& object, const Program& program, const CallGraph& graph, uint32_t type,
                      SymbolId signature, uint32_t file) {
  std::string path = package_path(graph.package_of(type)), name = absl::StrCat("T", type),
              link = link_name(graph, type);
  TypeDescription t;
  t.kind = TypeKind::kStruct;
  t.link_name = link;
  t.text = absl::StrCat(path.substr(path.find('/') + 1), ".", name);
  t.name = name;
  t.package = path;
  t.size = t.align = 8;
  t.fields = {{"n", "", object.named("type:int"), 0}};
  t.equal = emit::memory_equal(object, 8);
  t.regular_memory = true;
  t.pointer_to_this = object.named(absl::StrCat("type:*", link));
  TypeDescription p;
  p.kind = TypeKind::kPointer;
  p.link_name = absl::StrCat("*", link);
  p.text = absl::StrCat("*", t.text);
  p.name = name;
  p.package = path;
  p.size = p.align = 8;
  p.pointers = {true};
  p.element = object.named(absl::StrCat("type:", link));
  p.equal = emit::memory_equal(object, 8);
  p.regular_memory = true;
  for (uint32_t i = 0; i < kMethods; i++) {
    FunctionShape shape;
    shape.name = absl::StrCat("(*", name, ").M", i);
    shape.line = 1 + (type * kMethods + i) * 4;
    shape.parameters = 1;
    absl::StatusOr<emit::Function> code = make_function(object, program, file, shape);
    if (!code.ok()) return code.status();
    SymbolId symbol = object.declare(absl::StrCat(path, ".", shape.name), Abi::kInternal, Linkage::kPackage);
    object.define_function(symbol, *std::move(code));
    emit::TypeMethod m;
    m.name = absl::StrCat("M", i);
    m.type = signature;
    m.interface_code = m.code = symbol;
    p.methods.push_back(std::move(m));
  }
  emit::define_type(object, p);
  emit::define_type(object, t);
  return object.status();
}

}  // namespace

TypePackages::TypePackages(const Program& program)
    : program_(program),
      graph_(program.facts->calls, program.units, program.live_units, program.facts->units_per_package) {}

absl::StatusOr<std::vector<uint8_t>> TypePackages::archive(uint32_t package) const {
  emit::ObjectOptions options;
  options.header = program_.header;
  options.package = package_path(package);
  options.fingerprint = package_fingerprint(package);
  options.owns_numbers = true;
  ObjectBuilder object(std::move(options));
  uint32_t file = object.add_file(absl::StrCat("/", package_path(package), "/types.x"));
  SymbolId signature = method_type(object);
  for (uint32_t type = graph_.first_of(package); type < graph_.end_of(package); type++) {
    if (absl::Status s = add_type(object, program_, graph_, type, signature, file); !s.ok()) return s;
  }
  return object.finish(program_.format, emit::Container::kArchive);
}

absl::StatusOr<std::vector<uint8_t>> TypePackages::root() const {
  emit::ObjectOptions options;
  options.header = program_.header;
  options.package = "main";
  ObjectBuilder object(std::move(options));
  for (uint32_t p = 0; p < count(); p++) object.add_import(package_path(p), package_fingerprint(p));
  emit::Data addresses;
  addresses.kind = emit::DataKind::kRodata;
  uint32_t at = 0;
  for (uint32_t type = 0; type < graph_.functions(); type++) {
    if (!graph_.is_live(type)) continue;
    SymbolId description = object.named(absl::StrCat("type:*", link_name(graph_, type)));
    addresses.relocs.push_back({at, 0, objfmt::RelocKind::kUseIface, description, 0, false});
    addresses.relocs.push_back({at, 8, objfmt::RelocKind::kAddr, description, 0, false});
    at += 8;
  }
  addresses.bytes.resize(at);
  addresses.align = 8;
  SymbolId list = object.declare("scale.addresses", Abi::kAbi0, Linkage::kStatic);
  object.define_data(list, std::move(addresses));
  emit::Data table;
  table.bytes.resize(8);
  table.relocs = {{0, 8, objfmt::RelocKind::kAddr, list, 0, false}};
  table.go_type = object.named("type:unsafe.Pointer");
  object.define_data(object.declare("scale.Table", Abi::kAbi0, Linkage::kNamed), std::move(table));
  return object.finish(program_.format, emit::Container::kObject);
}

uint64_t TypePackages::counts() const { return uint64_t{program_.live_units} * kMethodsKept; }

std::string TypePackages::source() const {
  std::string methods, calls;
  for (uint32_t i = 0; i < kMethodsKept; i++) {
    absl::StrAppend(&methods, "\tM", i, "() int\n");
    absl::StrAppend(&calls, i == 0 ? "" : " + ", "v.M", i, "()");
  }
  return absl::StrCat(R"(package main

import "unsafe"

//go:linkname table scale.Table
var table unsafe.Pointer

type methods interface {
)",
                      methods, R"(}

var receiver int

func main() {
	n := 0
	for _, description := range unsafe.Slice((*unsafe.Pointer)(table), )",
                      program_.live_units, R"() {
		var value any
		*(*[2]unsafe.Pointer)(unsafe.Pointer(&value)) = [2]unsafe.Pointer{description, unsafe.Pointer(&receiver)}
		v := value.(methods)
		n += )",
                      calls, R"(
	}
	println(n)
}
)");
}

}  // namespace dovetail::bench
