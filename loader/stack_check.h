// The check that no chain of functions can overrun the stack between two stack checks.
//
// A splittable function's prologue makes sure that some bytes are left below its frame; functions
// marked nosplit rely on them. For each function the *height* is the most that it and what it
// calls can add to the stack before the next prologue: a splittable one adds the call to
// runtime.morestack, a nosplit one its frame at each call (pcsp table) plus the callee's height.
// No height may exceed the limit. cmd/link ld/stackcheck.go, Go 1.26.
//
// Nearly every link is clean, so that is what is fast: only nosplit functions (a quarter; the compiler
// marks small leaves so) are looked at, in parallel, and each is reduced to its greatest growth
// without a nosplit callee and its edges to nosplit callees; heights over that small graph are a
// serial walk. It counts every callee that is not nosplit as splittable, which can only be too much.
// If then something is over the limit, or the graph is to be printed, everything is done again
// exactly and slowly: every function, in text order, with all edges. (helm, 80,000 functions: 6 ms of
// CPU, and three times that if their pages have to be faulted in.)
#pragma once

#include <span>
#include <string>

#include "loader/symbols.h"

namespace dovetail::loader {

struct StackRules {
  uint32_t call_size;   // what a call instruction pushes
  uint32_t limit;       // bytes below a splittable function's frame
  uint32_t pc_quantum;  // unit of code addresses in pc tables
};

StackRules stack_rules(const Options& options);

// `functions` in text order. Reports overruns to sv.diag, each with its chains for standard output, and returns what
// is to be printed there before: with -debugnosplit the whole call graph.
std::string check_stack(Services& sv, const Program& program, std::span<const SymId> functions);

}  // namespace dovetail::loader
