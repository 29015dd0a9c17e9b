// How much stack a nosplit function has in use at each of its calls.
#pragma once

#include <algorithm>

#include "loader/stack_check.h"

namespace dovetail::loader {

// What a call adds to the stack of a nosplit function, at one of its relocations.
struct StackCall {
  int64_t growth;
  bool indirect;
  SymId target;  // kNil for an indirect call, or one to nothing
};

// A table of (value, end of range) pairs, as Go encodes values that depend on the pc: signed varint of
// the difference to the value before (-1 at first), unsigned varint of the length of the range.
// cmd/internal/obj/pcln.go PCIter, Go 1.26.
class PcValues {
 public:
  PcValues(base::Bytes table, uint32_t quantum)
      : p_(table.data()), end_(table.data() + table.size()), quantum_(quantum) {}
  // Moves to the next range; false at the end, or if the table is damaged.
  bool next();
  int32_t value() const { return value_; }
  uint32_t end_pc() const { return end_pc_; }
  bool damaged() const { return damaged_; }

 private:
  bool read(uint64_t* v);

  const uint8_t *p_, *end_;
  uint32_t quantum_, end_pc_ = 0;
  int32_t value_ = -1;
  bool first_ = true, damaged_ = false;
};

// Calls f(StackCall) for each call of a nosplit function in the order of its code, and returns the largest
// frame. A relocation that lies before the range it is met in (they are in ascending order, save in
// damaged objects) counts for that range. REQUIRES: the function comes from an object.
template <class F>
int32_t for_stack_calls(const StackRules& rules, const Program& program, SymId function, bool* damaged,
                        F&& f) {
  PcValues frames(program.data(program.aux(function, objfmt::AuxKind::kPcsp)), rules.pc_quantum);
  int32_t largest = 0;
  bool more = frames.next();
  const uint32_t object = program.syms.object[index(function)];
  // Only calls are resolved: one relocation in three.
  for (objfmt::Reloc r : program.in.objects[object].view.relocs(program.syms.local[index(function)])) {
    while (more && static_cast<uint32_t>(r.offset) >= frames.end_pc()) {
      largest = std::max(largest, frames.value());
      more = frames.next();
    }
    bool indirect = r.kind == objfmt::RelocKind::kCallInd;
    if (!more) break;
    if (!indirect && !r.is_direct_call()) continue;
    f(StackCall{int64_t{frames.value()} + rules.call_size, indirect,
                indirect ? SymId::kNil : program.target(object, r.target)});
  }
  for (; more; more = frames.next()) largest = std::max(largest, frames.value());
  *damaged |= frames.damaged();
  return largest;
}

}  // namespace dovetail::loader
