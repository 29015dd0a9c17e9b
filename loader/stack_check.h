// The check that no chain of functions can overrun the stack between two stack checks.
//
// A splittable function's prologue makes sure that some bytes are left below its frame; functions
// marked nosplit rely on them. For each function the *height* is the most that it and what it
// calls can add to the stack before the next prologue: a splittable one adds the call to
// runtime.morestack, a nosplit one its frame at each call (pcsp table) plus the callee's height.
// No height may exceed the limit. cmd/link ld/stackcheck.go, Go 1.26.
//
// Nearly every link is clean, so that is what is fast: only nosplit functions (a quarter; the compiler
// marks small leaves so) are looked at, each when its object is looked at for other passes too (StackScan), and
// each is reduced to its greatest growth without a nosplit callee and its edges to nosplit callees; heights over
// that small graph are a serial walk. It counts every callee that is not nosplit as splittable, which can only be
// too much. If then something is over the limit, or the graph is to be printed, everything is done again
// exactly and slowly: every function, in text order, with all edges. (helm, 80,000 functions, two threads: 5 ms of
// CPU; 15 to 25 in a loop of its own, for the pages that it touched again.)
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "loader/text_order.h"

namespace dovetail::loader {

struct StackRules {
  uint32_t call_size;   // what a call instruction pushes
  uint32_t limit;       // bytes below a splittable function's frame
  uint32_t pc_quantum;  // unit of code addresses in pc tables
};

StackRules stack_rules(const Options& options);

// The quick check's part object by object: each once, on any thread.
class StackScan {
 public:
  StackScan(const Services& sv, const Program& program, const TextOrder& order);
  void scan_object(uint32_t object);
  // Whether no chain can be over the limit. REQUIRES: all objects are scanned.
  bool all_within() const;

 private:
  struct Callee {
    int64_t growth;
    uint32_t callee;  // nosplit function
  };
  // A nosplit function, and the most it grows the stack without calling another.
  struct Leaf {
    int64_t height = 0;
    uint32_t object = 0, first = 0, end = 0;  // its edges among the object's
  };
  void reduce(uint32_t object, SymId function);
  uint32_t number(SymId nosplit) const { return rank_.before(nosplit_, index(nosplit)); }

  const Program& p_;
  const TextOrder& order_;
  const StackRules rules_;
  const bool wanted_;  // not if the graph is printed anyway
  base::Bitmap nosplit_;  // functions of objects, save runtime.morestack; numbered by rank
  base::Rank rank_;
  std::vector<Leaf> leaves_;
  std::vector<std::vector<Callee>> callees_;  // by object
  std::atomic<bool> damaged_{false};
};

// Reports overruns to sv.diag, each with its chains for standard output, and returns what is to be printed there
// before: with -debugnosplit the whole call graph. REQUIRES: all objects are scanned.
std::string check_stack(Services& sv, const Program& program, const TextOrder& order, const StackScan& scan);

}  // namespace dovetail::loader
