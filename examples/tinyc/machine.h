// What the code generator asks of a CPU. There is one value, in a register, and frame slots, which are
// counted in bytes from the stack pointer in the body of the function:
//
//     frame, from SP:  [arm64: return address] | space for the callee's arguments | variables and
//     intermediate values
//                      | [amd64: saved frame pointer, return address; arm64: the frame pointer that a callee
//                      saves]
//     behind it, in the caller's frame [arm64: after its return address]: space for this function's arguments
//
// An implementation encodes instructions and keeps account of relocations and of the stack pointer.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler-emit/object_parts.h"

namespace tinyc {

inline constexpr size_t kMostParameters = 9;
inline constexpr uint32_t kWord = 8;
inline constexpr uint32_t kUncheckedFrame = 128;  // so much there always is below the limit (StackSmall)

enum class Condition : uint8_t { kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual };

struct Label {
  uint32_t at = UINT32_MAX;     // UINT32_MAX until it is bound
  std::vector<uint32_t> jumps;  // instructions that wait for it
};

class Machine {
 public:
  virtual ~Machine() = default;

  // ---- The frame, with room for that many slots ----
  virtual void lay_out_frame(uint32_t slots) = 0;
  virtual uint32_t slot(uint32_t i) const = 0;
  virtual uint32_t parameter_slot(uint32_t i) const = 0;
  virtual uint32_t frame_size() const = 0;   // how far SP goes down
  virtual uint32_t locals_size() const = 0;  // as cmd/compile counts it
  virtual uint32_t call_frame() const = 0;   // from SP to DWARF's call frame address
  virtual bool enters_by_steps() const = 0;  // so that a goroutine may not be preempted while it does
  virtual void check_stack(Label* grow) = 0;
  virtual void enter() = 0;
  virtual void leave_and_return() = 0;
  virtual void save_return_address() = 0;  // for the function that grows the stack

  // ---- Jumps and calls ----
  virtual uint32_t pc() const = 0;
  virtual void bind(Label* label) = 0;
  virtual void jump(Label* label) = 0;
  virtual void jump_if_zero(Label* label) = 0;  // the value is
  virtual void call(dovetail::emit::SymbolId function) = 0;
  virtual void nop() = 0;

  // ---- The value ----
  virtual void load(uint32_t slot) = 0;
  virtual void store(uint32_t slot) = 0;
  virtual void load_number(int64_t value) = 0;
  virtual void negate() = 0;
  virtual void load_argument(size_t i, uint32_t slot) = 0;
  virtual void store_argument(size_t i, uint32_t slot) = 0;

  // ---- Two operands: the value becomes the second one, the first comes from a slot ----
  virtual void load_first(uint32_t slot) = 0;
  virtual void add() = 0;
  virtual void sub() = 0;
  virtual void multiply() = 0;
  virtual void jump_if_second_zero(Label* label) = 0;
  virtual void divide() = 0;  // wraps around, as Go's does
  virtual void remainder() = 0;
  virtual void compare(Condition c) = 0;  // 1 if it holds, else 0

  // ---- The outcome ----
  bool too_large() const { return too_large_; }  // a jump does not reach its label
  // The distance from SP to where it was when the function was called.
  void at_sp(uint32_t depth) {
    if (!sp_.empty() && sp_.back().pc == pc()) sp_.pop_back();
    sp_.push_back({pc(), static_cast<int32_t>(depth)});
  }
  std::vector<uint8_t> take_code() { return std::move(code_); }
  std::vector<dovetail::emit::Relocation> take_relocs() { return std::move(relocs_); }
  std::vector<dovetail::emit::PcValue> take_sp() { return std::move(sp_); }

 protected:
  std::vector<uint8_t> code_;
  std::vector<dovetail::emit::Relocation> relocs_;
  std::vector<dovetail::emit::PcValue> sp_;
  bool too_large_ = false;
};

// By Go's name of the architecture; null if there is none.
std::unique_ptr<Machine> make_machine(std::string_view goarch);
std::unique_ptr<Machine> make_amd64();
std::unique_ptr<Machine> make_arm64();

}  // namespace tinyc
