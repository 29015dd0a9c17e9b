// Writes the object of emit_debug_test.sh: a function with a block, a variable in registers and an inlined
// call, and the function that was inlined, as a compiler that optimizes would.
//
//     1                                    func Inner(x int) int {
//     4     y := x + 1                         inc rax
//     5     return y                           ret
//     9                                    func Outer(a int) int {
//     10    b := a * 2                         lea rbx, [rax+rax]
//     11    return Inner(b) + b                mov rax, rbx; inc rax (of line 4); add rax, rbx; ret
#include "tests/scripts/emit_object.h"

namespace {

using namespace dovetail::emit;
using Role = Variable::Role;

constexpr char kPrefix[] = "example.com/debug/code.";
constexpr uint8_t kAx = 0x50, kBx = 0x53;                // DW_OP_reg0, DW_OP_reg3
const std::vector<uint8_t> kAxAndOne = {0x70, 1, 0x9f};  // DW_OP_breg0 1, DW_OP_stack_value

Variable variable(Role role, const char* name, uint32_t line) {
  Variable v;
  v.role = role;
  v.name = name;
  v.type = "int";
  v.line = line;
  return v;
}
Variable copy_of(Role role, int32_t origin, Location location) {
  Variable v;
  v.role = role;
  v.origin = origin;
  v.locations = {std::move(location)};
  return v;
}

Function leaf(ObjectBuilder& o, std::vector<uint8_t> code, uint32_t line) {
  Function f;
  f.code = std::move(code);
  f.leaf = f.nosplit = true;
  f.args = 8;
  f.start_line = line;
  f.funcdata = {o.stack_maps({{}}), o.stack_maps({{}})};
  return f;
}

void define(ObjectBuilder& o, const std::string& path) {
  uint32_t file = o.add_file(path);
  SymbolId inner = o.declare(std::string(kPrefix) + "Inner", Abi::kInternal, Linkage::kNamed);
  SymbolId outer = o.declare(std::string(kPrefix) + "Outer", Abi::kInternal, Linkage::kNamed);
  o.define_abstract_function(inner,
                             {1, {variable(Role::kParameter, "x", 1), variable(Role::kLocal, "y", 4)}});

  Function f = leaf(o, {0x48, 0xff, 0xc0, 0xc3}, 1);
  f.lines = {{0, file, 4, true, true}, {3, file, 5}};
  f.variables = {copy_of(Role::kParameter, 0, {{0, 3}, {kAx}}), copy_of(Role::kLocal, 1, {{3, 4}, {kAx}})};
  o.define_function(inner, f);

  f = leaf(o, {0x48, 0x8d, 0x1c, 0x00, 0x48, 0x89, 0xd8, 0x48, 0xff, 0xc0, 0x48, 0x01, 0xd8, 0xc3}, 9);
  f.lines = {{0, file, 10, true, true}, {4, file, 11}, {7, file, 4}, {10, file, 11}};
  f.inlined = {{-1, file, 11, inner, 4}};
  f.inline_index = {{7, 0}, {10, -1}};
  f.blocks = {{-1, {{4, 14}}}};
  Variable a = variable(Role::kParameter, "a", 9), b = variable(Role::kLocal, "b", 10);
  a.locations = {{{0, 7}, {kAx}}};
  b.locations = {{{4, 14}, {kBx}}};
  b.block = 0;
  Variable x = copy_of(Role::kParameter, 0, {{7, 10}, {kAx}}),
           y = copy_of(Role::kLocal, 1, {{7, 10}, kAxAndOne});
  x.inlined = y.inlined = 0;
  f.variables = {a, b, x, y};
  o.define_function(outer, f);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  return write_object(argv[1], argv[2], argv[3], "example.com/debug/code",
                      [&](ObjectBuilder& object) { define(object, argv[4]); });
}
