// Functions of tinyc to machine code as the Go compiler would call it: ABIInternal passes the first nine
// integers in registers (on arm64 more), keeps space for them in the caller's frame, returns one in the first
// of these registers, has the goroutine in another one and no register that survives a call
// (cmd/compile/abi-internal.md, Go 1.26). machine.h has the frame and what depends on the CPU.
//
// All values are integers, so the garbage collector finds no pointer anywhere and preemption may come at any
// time, except while arguments are saved around the call that grows the stack.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "compiler-emit/object_builder.h"
#include "machine.h"
#include "syntax.h"

namespace tinyc {

// What generated code refers to.
struct Runtime {
  dovetail::emit::SymbolId more_stack, panic_divide, no_pointers;
};

// A function that can be called: how many arguments, and its symbol.
struct Callee {
  size_t parameters;
  dovetail::emit::SymbolId symbol;
};
using Callees = std::map<std::string, Callee, std::less<>>;

// The machine is a new one. The error says what is wrong in which line.
absl::StatusOr<dovetail::emit::Function> generate(Machine& machine, const FunctionSource& source,
                                                  uint32_t file, const Runtime& runtime,
                                                  const Callees& callees);

}  // namespace tinyc
