// Writes the object of emit_types_test.sh: descriptions of Go types, and variables that hold their addresses.
#include "compiler-emit/map_type.h"
#include "compiler-emit/type_algorithm.h"
#include "tests/scripts/emit_object.h"

namespace {

using namespace dovetail::emit;

constexpr char kPackage[] = "example.com/types/described.v2";

class Types {
 public:
  explicit Types(ObjectBuilder& object) : o_(object) {}

  void define() {
    SymbolId pointer = o_.named("type:*int");  // the runtime has those of basic types
    SymbolId mixed = structure("struct { A int; B *int \"json:\\\"b\\\"\" }", 16, {false, true},
                               {{"A", "", integer_, 0}, {"B", "json:\"b\"", pointer, 8}});
    variable("Mixed", mixed);
    SymbolId int32 = o_.named("type:int32");
    variable("Small", structure("struct { X int32; Y int32; Z int32 }", 12, {},
                                {{"X", "", int32, 0}, {"Y", "", int32, 4}, {"Z", "", int32, 8}}));
    variable("Empty", structure("struct {}", 0, {}, {}));
    variable("Slice", slice_of("int32", int32));
    variable("Array", array_of("int32", int32, 4, {}, 5));
    variable("Huge", array_of("*int", pointer, 8, {true}, 20000));
    variable("Chan", channel_of("<-chan string", "", text_, 1));
    variable("Func", function("func(int, ...string) (bool, error)", {integer_, slice_of("string", text_)},
                              {o_.named("type:bool"), o_.named("type:error")}, true));
    variable("Pointer", pointer_type(o_, mixed, "struct { A int; B *int \"json:\\\"b\\\"\" }", ""));
    variable("Named", named());
    SymbolId counter = counter_with_methods();
    variable("Counter", counter);
    variable("Adder", interface("Adder", {method("Add", get_or_add(true)), method("Get", get_or_add(false)),
                                          method("hidden", get_or_add(false), kPackage)}));
    variable(
        "Both",
        interface("Both", {method("Open", function("func()", {}, {}, false)),
                           method("seal", function("func()", {}, {}, false), "example.com/types/other")}));
    variable("Outer", outer());
    variable("Scores", scores());
    variable("Large", map_of_large_keys(counter));
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
  SymbolId structure(const std::string& name, uint64_t size, std::vector<bool> pointers,
                     std::vector<StructField> fields) {
    TypeDescription t = base(TypeKind::kStruct, name, size,
                             size == 0       ? 1
                             : size % 8 == 0 ? 8
                                             : 4,
                             std::move(pointers));
    t.fields = std::move(fields);
    t.equal = memory_equal(o_, size);
    t.regular_memory = true;
    return define_unnamed_type(o_, t);
  }
  SymbolId slice_of(const std::string& name, SymbolId element) {
    TypeDescription t = base(TypeKind::kSlice, "[]" + name, 24, 8, {true});
    t.element = element;
    return define_unnamed_type(o_, t);
  }
  SymbolId array_of(const std::string& name, SymbolId element, uint8_t size,
                    const std::vector<bool>& pointers, uint64_t length) {
    TypeDescription t =
        base(TypeKind::kArray, "[" + std::to_string(length) + "]" + name, size * length, size, {});
    for (uint64_t i = 0; i < length; i++)
      t.pointers.insert(t.pointers.end(), pointers.begin(), pointers.end());
    t.element = element;
    t.slice = slice_of(name, element);
    t.length = length;
    t.equal = memory_equal(o_, size * length);
    t.regular_memory = true;
    return define_unnamed_type(o_, t);
  }
  SymbolId channel_of(const std::string& name, const std::string& text, SymbolId element, uint8_t direction) {
    TypeDescription t = base(TypeKind::kChan, name, 8, 8, {true});
    t.text = text;
    t.element = element;
    t.direction = direction;
    t.equal = memory_equal(o_, 8);
    t.regular_memory = true;
    return define_unnamed_type(o_, t);
  }
  SymbolId function(const std::string& name, std::vector<SymbolId> parameters, std::vector<SymbolId> results,
                    bool variadic) {
    TypeDescription t = base(TypeKind::kFunc, name, 8, 8, {true});
    t.parameters = std::move(parameters);
    t.results = std::move(results);
    t.variadic = variadic;
    return define_unnamed_type(o_, t);
  }

  // ---- Types with a name, which Go does not know ----

  std::string link_name(const std::string& name) { return escape_package_path(kPackage) + "." + name; }
  // With the pointer to it, which has these methods.
  SymbolId define_named(TypeDescription t, const std::string& name,
                        std::vector<TypeMethod> methods_of_pointer = {}) {
    t.link_name = link_name(name);
    t.text = "described." + name;
    t.name = name;
    t.package = kPackage;
    t.pointer_to_this = o_.named("type:*" + t.link_name);
    TypeDescription p = base(TypeKind::kPointer, "*" + t.link_name, 8, 8, {true});
    p.text = "*" + t.text;
    p.name = name;
    p.package = kPackage;
    p.element = o_.named("type:" + t.link_name);
    p.equal = memory_equal(o_, 8);
    p.regular_memory = true;
    p.methods = std::move(methods_of_pointer);
    define_type(o_, p);
    return t.kind == TypeKind::kMap ? define_map(o_, scores_, t) : define_type(o_, t);
  }
  // type Named struct { X int; y *Named }
  SymbolId named() {
    TypeDescription t = base(TypeKind::kStruct, "", 16, 8, {false, true});
    t.fields = {{"X", "", integer_, 0}, {"y", "", o_.named("type:*" + link_name("Named")), 8}};
    t.equal = memory_equal(o_, 16);
    t.regular_memory = true;
    return define_named(t, "Named");
  }

  SymbolId get_or_add(bool add) {
    return add ? function("func(int) int", {integer_}, {integer_}, false)
               : function("func() int", {}, {integer_}, false);
  }
  SymbolId code(const std::string& name, std::vector<uint8_t> bytes) {
    Function f;
    f.code = std::move(bytes);
    f.nosplit = f.leaf = true;
    f.args = 24;
    f.start_line = 1;
    f.lines = {{0, file_, 1, true, false}};
    f.funcdata = {o_.stack_maps({{}}), o_.stack_maps({{}})};
    SymbolId id = o_.declare(name, Abi::kInternal, Linkage::kNamed);
    o_.define_function(id, f);
    return id;
  }
  TypeMethod method(const std::string& name, SymbolId type, const std::string& package = "") {
    TypeMethod m;
    m.name = name;
    m.package = package;
    m.type = type;
    return m;
  }
  TypeMethod method(TypeMethod m, SymbolId interface_code, SymbolId of_value) {
    m.interface_code = interface_code;
    m.code = of_value;
    return m;
  }
  // type Counter struct { n int; name string }: Get() int of the value, Add(int) int and hidden() int of
  // pointers.
  SymbolId counter_with_methods() {
    SymbolId get = code(link_name("(*Counter).Get"), {0x48, 0x8b, 0x00, 0xc3});  // mov rax, [rax]; ret
    SymbolId value_get = code(link_name("Counter.Get"), {0xc3});                 // ret: n comes in AX
    SymbolId add = code(link_name("(*Counter).Add"),  // add rbx, [rax]; mov [rax], rbx; mov rax, rbx; ret
                        {0x48, 0x03, 0x18, 0x48, 0x89, 0x18, 0x48, 0x89, 0xd8, 0xc3});
    SymbolId hidden = code(link_name("(*Counter).hidden"), {0x48, 0x8b, 0x00, 0xc3});
    TypeMethod m_get = method("Get", get_or_add(false));
    TypeDescription t = base(TypeKind::kStruct, "", 24, 8, {false, true});
    t.fields = {{"n", "", integer_, 0}, {"name", "", text_, 8}};
    t.equal = generated_equal(o_, link_name("Counter"));
    code("type:.eq." +
             link_name("Counter"),  // mov rax, [rax]; cmp rax, [rbx]; sete al; ret: only n counts here
         {0x48, 0x8b, 0x00, 0x48, 0x3b, 0x03, 0x0f, 0x94, 0xc0, 0xc3});
    t.methods = {method(m_get, get, value_get)};
    return define_named(t, "Counter",
                        {method(method("Add", get_or_add(true)), add, add), method(m_get, get, get),
                         method(method("hidden", get_or_add(false), kPackage), hidden, hidden)});
  }
  SymbolId interface(const std::string& name, std::vector<TypeMethod> methods) {
    TypeDescription t = base(TypeKind::kInterface, "", 16, 8, {false, true});
    t.methods = std::move(methods);
    t.equal = equal_function(o_, Algorithm::kInterface, 16);
    return define_named(t, name);
  }
  // type Plain int32; type Outer struct { Plain `k:"v"`; f float64; c chan<- Plain }
  SymbolId outer() {
    TypeDescription plain = base(TypeKind::kInt32, "", 4, 4, {});
    plain.equal = memory_equal(o_, 4);
    plain.regular_memory = true;
    SymbolId p = define_named(plain, "Plain");
    SymbolId channel = channel_of("chan<- " + link_name("Plain"), "chan<- described.Plain", p, 2);
    TypeDescription t = base(TypeKind::kStruct, "", 24, 8, {false, false, true});
    t.fields = {
        {"Plain", "k:\"v\"", p, 0, true}, {"f", "", o_.named("type:float64"), 8}, {"c", "", channel, 16}};
    t.equal = generated_equal(o_, link_name("Outer"));
    code("type:.eq." + link_name("Outer"),  // compares an int32 at 0, a double at 8, a word at 16
         {0x8b, 0x08, 0x39, 0x0b, 0x75, 0x1a, 0xf2, 0x0f, 0x10, 0x40, 0x08, 0x66,
          0x0f, 0x2e, 0x43, 0x08, 0x75, 0x0e, 0x7a, 0x0c, 0x48, 0x8b, 0x48, 0x10,
          0x48, 0x39, 0x4b, 0x10, 0x0f, 0x94, 0xc0, 0xc3, 0x31, 0xc0, 0xc3});
    return define_named(t, "Outer");
  }
  MapPart part(SymbolId type, const std::string& name, uint64_t size, uint8_t align,
               std::vector<bool> pointers) {
    MapPart p;
    p.type = type;
    p.link_name = name;
    p.size = size;
    p.align = align;
    p.pointers = std::move(pointers);
    return p;
  }
  // type Scores map[string]int
  SymbolId scores() {
    scores_.key = part(text_, "string", 16, 8, {true});
    scores_.element = part(integer_, "int", 8, 8, {});
    scores_.hasher = hash_function(o_, Algorithm::kString, 16);
    scores_.need_key_update = true;
    TypeDescription t;
    t.kind = TypeKind::kMap;
    return define_named(t, "Scores");
  }
  // map[[200]uint8]Counter
  SymbolId map_of_large_keys(SymbolId counter) {
    MapDescription m;
    m.key = part(array_of("uint8", o_.named("type:uint8"), 1, {}, 200), "[200]uint8", 200, 1, {});
    m.element = part(counter, link_name("Counter"), 24, 8, {false, true});
    m.element.text = "described.Counter";
    m.element.named = true;
    m.hasher = hash_function(o_, Algorithm::kMemory, 200);
    return define_map(o_, m);
  }
  // var NAME unsafe.Pointer: the address of the description.
  void variable(const std::string& name, SymbolId type) {
    Data d;
    d.bytes = std::vector<uint8_t>(8);
    // Values of it come into interfaces, so the linker has to keep its methods.
    d.relocs = {{0, 0, dovetail::objfmt::RelocKind::kUseIface, type},
                {0, 8, dovetail::objfmt::RelocKind::kAddr, type}};
    d.go_type = o_.named("type:unsafe.Pointer");
    o_.define_data(o_.declare(escape_package_path(kPackage) + "." + name, Abi::kAbi0, Linkage::kNamed),
                   std::move(d));
  }

  ObjectBuilder& o_;
  SymbolId integer_ = o_.named("type:int"), text_ = o_.named("type:string");
  uint32_t file_ = o_.add_file("/src/described.x");
  MapDescription scores_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  return write_object(argv[1], argv[2], argv[3], kPackage, [](ObjectBuilder& object) { Types(object).define(); });
}
