// Functions of tinyc to amd64 code as the Go compiler would call it: ABIInternal passes the first nine
// integers in registers, keeps space for them in the caller's frame, returns one in AX, has the goroutine in
// R14 and no register that survives a call (cmd/compile/abi-internal.md, Go 1.26).
//
//     frame, from SP:  space for the callee's arguments | variables and intermediate values | BP | return
//     address and behind it, in the caller's: space for this function's arguments, where it keeps them
//
// All values are integers, so the garbage collector finds no pointer anywhere and preemption may come at any
// time, except while arguments are saved around the call that grows the stack.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "compiler-emit/object_builder.h"
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

inline constexpr size_t kMostParameters = 9;

// The error says what is wrong in which line.
absl::StatusOr<dovetail::emit::Function> generate(const FunctionSource& source, uint32_t file,
                                                  const Runtime& runtime, const Callees& callees);

}  // namespace tinyc
