// Writes the object of emit_types_test.sh: descriptions of Go types, and variables that hold their addresses.
#include <cstdio>
#include <fstream>
#include <iterator>

#include "compiler-emit/type_descriptor.h"

namespace {

using namespace dovetail::emit;

constexpr char kPackage[] = "example.com/types/described.v2";

class Types {
 public:
  explicit Types(ObjectBuilder& object) : o_(object) {}

  void define() {
    SymbolId integer = o_.named("type:int"), text = o_.named("type:string"), int32 = o_.named("type:int32");
    SymbolId pointer = pointer_to("int", integer);
    SymbolId mixed =
        structure("struct { A int; B *int \"json:\\\"b\\\"\" }", 16, {false, true},
                  {{"A", "", integer, 0}, {"B", "json:\"b\"", pointer, 8}}, memory_equal(o_, 16));
    variable("Mixed", mixed);
    variable("Small", structure("struct { X int32; Y int32; Z int32 }", 12, {},
                                {{"X", "", int32, 0}, {"Y", "", int32, 4}, {"Z", "", int32, 8}},
                                memory_equal(o_, 12)));
    variable("Empty", structure("struct {}", 0, {}, {}, memory_equal(o_, 0), 1));
    SymbolId slice = slice_of("int32", int32);
    variable("Slice", slice);
    variable("Array", array_of("int32", int32, 4, 5, slice));
    variable("Chan", channel_of("<-chan string", text, 1));
    variable("Func", function("func(int, ...string) (bool, error)", {integer, slice_of("string", text)},
                              {o_.named("type:bool"), o_.named("type:error")}, true));
    variable("Pointer", pointer_to("struct { A int; B *int \"json:\\\"b\\\"\" }", mixed));
    variable("Named", named());
  }

 private:
  TypeDescription base(TypeKind kind, std::string name, uint64_t size, uint8_t align,
                       std::vector<bool> pointers) {
    TypeDescription t;
    t.kind = kind;
    t.link_name = std::move(name);
    t.size = size;
    t.align = align;
    t.pointers = std::move(pointers);
    return t;
  }
  SymbolId pointer_to(const std::string& name, SymbolId element) {
    TypeDescription t = base(TypeKind::kPointer, "*" + name, 8, 8, {true});
    t.equal = memory_equal(o_, 8);
    t.regular_memory = true;
    t.element = element;
    return define_type(o_, t);
  }
  SymbolId structure(const std::string& name, uint64_t size, std::vector<bool> pointers,
                     std::vector<StructField> fields, SymbolId equal, uint8_t align = 0) {
    TypeDescription t = base(TypeKind::kStruct, name, size,
                             align != 0      ? align
                             : size % 8 == 0 ? 8
                                             : 4,
                             std::move(pointers));
    t.fields = std::move(fields);
    t.equal = equal;
    t.regular_memory = true;
    return define_type(o_, t);
  }
  SymbolId slice_of(const std::string& name, SymbolId element) {
    TypeDescription t = base(TypeKind::kSlice, "[]" + name, 24, 8, {true});
    t.element = element;
    return define_type(o_, t);
  }
  SymbolId array_of(const std::string& name, SymbolId element, uint64_t size, uint64_t length,
                    SymbolId slice) {
    TypeDescription t =
        base(TypeKind::kArray, "[" + std::to_string(length) + "]" + name, size * length, 4, {});
    t.element = element;
    t.slice = slice;
    t.length = length;
    t.equal = memory_equal(o_, size * length);
    t.regular_memory = true;
    return define_type(o_, t);
  }
  SymbolId channel_of(const std::string& name, SymbolId element, uint8_t direction) {
    TypeDescription t = base(TypeKind::kChan, name, 8, 8, {true});
    t.element = element;
    t.direction = direction;
    t.equal = memory_equal(o_, 8);
    t.regular_memory = true;
    return define_type(o_, t);
  }
  SymbolId function(const std::string& name, std::vector<SymbolId> parameters, std::vector<SymbolId> results,
                    bool variadic) {
    TypeDescription t = base(TypeKind::kFunc, name, 8, 8, {true});
    t.parameters = std::move(parameters);
    t.results = std::move(results);
    t.variadic = variadic;
    return define_type(o_, t);
  }
  // type Named struct { X int; y *Named }, which Go does not know.
  SymbolId named() {
    std::string link_name = escape_package_path(kPackage) + ".Named";
    SymbolId self = o_.named("type:" + link_name), pointer = o_.named("type:*" + link_name);
    TypeDescription p = base(TypeKind::kPointer, "*" + link_name, 8, 8, {true});
    p.text = "*described.Named";
    p.name = "Named";
    p.package = kPackage;
    p.element = self;
    p.equal = memory_equal(o_, 8);
    p.regular_memory = true;
    define_type(o_, p);
    TypeDescription t = base(TypeKind::kStruct, link_name, 16, 8, {false, true});
    t.text = "described.Named";
    t.name = "Named";
    t.package = kPackage;
    t.fields = {{"X", "", o_.named("type:int"), 0}, {"y", "", pointer, 8}};
    t.equal = memory_equal(o_, 16);
    t.regular_memory = true;
    t.pointer_to_this = pointer;
    return define_type(o_, t);
  }
  // var NAME unsafe.Pointer: the address of the description.
  void variable(const std::string& name, SymbolId type) {
    Data d;
    d.bytes = std::vector<uint8_t>(8);
    d.relocs = {{0, 8, dovetail::objfmt::RelocKind::kAddr, type}};
    d.go_type = o_.named("type:unsafe.Pointer");
    o_.define_data(o_.declare(escape_package_path(kPackage) + "." + name, Abi::kAbi0, Linkage::kNamed),
                   std::move(d));
  }

  ObjectBuilder& o_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  std::ifstream in(argv[1], std::ios::binary);
  std::string like(std::istreambuf_iterator<char>(in), {});
  ObjectOptions options;
  options.header = header_line_of({reinterpret_cast<const uint8_t*>(like.data()), like.size()}).value_or("");
  options.package = kPackage;
  ObjectBuilder object(options);
  Types(object).define();
  ObjectFormat format = argv[2] == std::string("goobj") ? ObjectFormat::kGoobj : ObjectFormat::kDense;
  auto bytes = object.finish(format, Container::kObject);
  if (!bytes.ok()) {
    std::fprintf(stderr, "%s\n", bytes.status().ToString().c_str());
    return 1;
  }
  std::ofstream out(argv[3], std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes->data()), static_cast<std::streamsize>(bytes->size()));
  return out.flush() ? 0 : 2;
}
