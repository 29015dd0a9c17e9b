// What a compiler hands over to ObjectBuilder: functions and data in terms of the source and the machine,
// with other symbols named by handles. Everything is a value; nothing here knows how an object file is laid
// out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/strong_id.h"
#include "objfmt/object_view.h"

namespace dovetail::emit {

// A symbol of the object being built, defined in it or not. Made by an ObjectBuilder and good for that one
// only.
enum class SymbolId : uint32_t { kNone = UINT32_MAX };

// Go's calling conventions; symbols of the same name and another ABI are other symbols. Data are always ABI
// 0.
enum class Abi : uint16_t { kAbi0 = 0, kInternal = 1 };

// How other symbols find a definition.
enum class Linkage : uint8_t {
  kNamed,    // by name, from any object of the link
  kPackage,  // by its number in this package. Importers learn the number from ObjectBuilder::package_index
  kStatic,   // by number, from this object only; not entered into the link's table of names
  kContent,  // by its content: equal definitions in other objects are the same symbol
};

// The kinds that a data symbol may have, as goobj numbers them (cmd/internal/objabi/symkind.go, Go 1.26).
enum class DataKind : uint8_t {
  kRodata = 3,
  kNoptrdata = 5,
  kData = 7,
  kBss = 9,
  kNoptrbss = 10,
  kTlsbss = 11
};

// Bytes that the linker fills in: `size` bytes at `offset`, by the rule `kind` for the address of target +
// addend.
struct Relocation {
  uint32_t offset = 0;
  uint8_t size = 0;
  objfmt::RelocKind kind = objfmt::RelocKind::kNone;
  SymbolId target = SymbolId::kNone;  // kNone only where the rule needs no symbol
  int64_t addend = 0;
  bool weak = false;  // does not keep its target in the program
};

// From offset `pc` of the function on, until the next row, `value` holds.
struct PcValue {
  uint32_t pc = 0;
  int32_t value = 0;
};

// From offset `pc` on the code belongs to this line; `file` is a number from ObjectBuilder::add_file.
struct LineRow {
  uint32_t pc = 0;
  uint32_t file = 0, line = 0;
  bool is_stmt = true;  // a debugger may stop here
  bool prologue_end = false;
};

// A call that was replaced by the body of `function`: calls.at(parent) if it stands in another one, which
// comes before it, or -1. `file` and `line` are those of the call; `parent_pc` is an instruction of the
// caller's there.
struct InlinedCall {
  int32_t parent = -1;
  uint32_t file = 0;
  int32_t line = 0;
  SymbolId function = SymbolId::kNone;
  int32_t parent_pc = 0;
};

// Offsets [begin, end) of a function's code.
struct CodeRange {
  uint32_t begin = 0, end = 0;
};

// Where a variable is while the pc is in `range`: a DWARF expression.
struct Location {
  CodeRange range;
  std::vector<uint8_t> expression;
};

// For debuggers: a parameter, result or local variable. `type` is a Go type's name, such as "int". It lies in
// memory, `frame_offset` bytes from the address of the first stack-passed argument (DWARF's call frame
// address), or where `locations` says, or nowhere.
struct Variable {
  enum class Role : uint8_t { kParameter, kResult, kLocal } role = Role::kLocal;
  std::string name, type;
  int32_t frame_offset = 0;
  uint32_t line = 0;
  std::vector<Location> locations;
  bool nowhere = false;
  uint32_t closure_offset = 0;  // of a captured variable: where it is in the closure; 0: it is none
  int32_t block = -1;    // of Function::blocks; -1: the function's own
  int32_t inlined = -1;  // it came with this one of Function::inlined; -1: with none
  // Which of the variables of the abstract function it is, that of the inlined call or the function's own;
  // then it needs neither name nor type nor line. Variables of inlined calls have one.
  int32_t origin = -1;
};

// A block of the source with variables of its own. Its parent comes before it; -1 is the function.
struct LexicalBlock {
  int32_t parent = -1;
  std::vector<CodeRange> ranges;
};

// What copies of an inlined function have in common, for debuggers. Of variables the role, name, type and
// line count.
struct AbstractFunction {
  uint32_t start_line = 0;
  std::vector<Variable> variables;
};

struct Function {
  std::vector<uint8_t> code;
  std::vector<Relocation> relocs;
  uint32_t align = 0;       // 0: the linker's rule
  uint32_t args = 0;        // bytes of arguments and results on the stack, with space for register arguments
  uint32_t locals = 0;      // bytes of the frame below the return address, with the saved frame pointer
  uint8_t func_id = 0;      // internal/abi FuncID; 0 for ordinary functions
  uint8_t func_flags = 0;   // internal/abi FuncFlag
  uint32_t start_line = 0;  // of the declaration
  std::vector<PcValue>
      sp;  // bytes between the stack pointer and the return address; 0 in front of the first row
  std::vector<LineRow> lines;  // the first one at pc 0
  std::vector<InlinedCall> inlined;
  std::vector<PcValue> inline_index;  // which of `inlined` the code comes from; -1 for none, and in front
  std::vector<std::vector<PcValue>> pcdata;  // by internal/abi PCDATA number; -1 in front of the first row
  std::vector<SymbolId> funcdata;            // by internal/abi FUNCDATA number; kNone for none
  std::vector<Variable> variables;
  std::vector<LexicalBlock> blocks;
  bool leaf = false, nosplit = false, dupok = false, wrapper = false, package_init = false,
       reflect_method = false;
};

struct Data {
  DataKind kind = DataKind::kData;
  std::vector<uint8_t> bytes;  // the rest of `size` is zeros
  uint32_t size = 0;           // 0: as many as there are bytes
  uint32_t align = 0;          // 0: the linker's rule
  std::vector<Relocation> relocs;
  SymbolId go_type = SymbolId::kNone;  // the symbol of the variable's type: pointer masks of the data segment
  std::string debug_type;              // a Go type's name: debuggers show the variable
  bool dupok = false, local = false, typelink = false, used_in_interface = false;
};

}  // namespace dovetail::emit
