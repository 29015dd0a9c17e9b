// amd64: the value is AX, the second operand CX, the goroutine R14. Frame slots are addressed from the stack
// pointer with 32-bit displacements; jumps are 32 bits wide, too: short forms would save bytes and cost a
// second pass.
#include <initializer_list>

#include "machine.h"

namespace tinyc {
namespace {

enum class Reg : uint8_t {
  kAx = 0,
  kCx = 1,
  kDx = 2,
  kBx = 3,
  kSp = 4,
  kSi = 6,
  kDi = 7,
  kR8 = 8,
  kR9,
  kR10,
  kR11
};
constexpr Reg kArguments[kMostParameters] = {Reg::kAx, Reg::kBx, Reg::kCx,  Reg::kDi, Reg::kSi,
                                             Reg::kR8, Reg::kR9, Reg::kR10, Reg::kR11};

// As instructions encode them.
enum : uint8_t { kBelowEqual = 6, kEqual = 4, kNotEqual = 5 };
constexpr uint8_t kConditions[] = {kEqual, kNotEqual, 12, 14, 15, 13};

class Amd64 final : public Machine {
 public:
  void lay_out_frame(uint32_t slots) override { frame_ = slots * kWord; }
  uint32_t slot(uint32_t i) const override { return i * kWord; }
  uint32_t parameter_slot(uint32_t i) const override { return frame_ + 2 * kWord + i * kWord; }
  uint32_t frame_size() const override { return frame_ + kWord; }  // with BP
  uint32_t locals_size() const override { return frame_ + kWord; }
  uint32_t call_frame() const override { return frame_ + 2 * kWord; }
  bool enters_by_steps() const override { return false; }

  void check_stack(Label* grow) override {
    uint32_t below = frame_size() <= kUncheckedFrame ? 0 : frame_size() - kUncheckedFrame;
    if (below == 0) {
      bytes({0x49, 0x3b, 0x66, 0x10});  // cmp rsp, [r14 + 16]
    } else {
      bytes({0x4c, 0x8d, 0xa4, 0x24});  // lea r12, [rsp - below]
      number32(0 - below);
      bytes({0x4d, 0x3b, 0x66, 0x10});  // cmp r12, [r14 + 16]
    }
    jump_if(kBelowEqual, grow);
  }
  void enter() override {
    bytes({0x55});  // push rbp
    at_sp(kWord);
    bytes({0x48, 0x89, 0xe5});  // mov rbp, rsp
    bytes({0x48, 0x81, 0xec});  // sub rsp, frame
    number32(frame_);
    at_sp(frame_ + kWord);
  }
  void leave_and_return() override {
    bytes({0x48, 0x81, 0xc4});  // add rsp, frame
    number32(frame_);
    at_sp(kWord);
    bytes({0x5d});  // pop rbp
    at_sp(0);
    bytes({0xc3});  // ret
    at_sp(frame_ + kWord);
  }
  void save_return_address() override {}  // it is on the stack

  uint32_t pc() const override { return static_cast<uint32_t>(code_.size()); }
  void bind(Label* label) override {
    label->at = pc();
    for (uint32_t at : label->jumps) patch(at, label->at);
    label->jumps.clear();
  }
  void jump(Label* label) override {
    bytes({0xe9});
    displacement(label);
  }
  void jump_if_zero(Label* label) override {
    registers(0x85, Reg::kAx, Reg::kAx);  // test rax, rax
    jump_if(kEqual, label);
  }
  void call(dovetail::emit::SymbolId function) override {
    bytes({0xe8});
    relocs_.push_back({pc(), 4, dovetail::objfmt::RelocKind::kCall, function});
    number32(0);
  }
  void nop() override { bytes({0x90}); }

  void load(uint32_t slot) override { memory(0x8b, Reg::kAx, slot); }
  void store(uint32_t slot) override { memory(0x89, Reg::kAx, slot); }
  void load_number(int64_t value) override {
    bytes({0x48, 0xb8});  // mov rax, value
    auto v = static_cast<uint64_t>(value);
    number32(static_cast<uint32_t>(v));
    number32(static_cast<uint32_t>(v >> 32));
  }
  void negate() override { bytes({0x48, 0xf7, 0xd8}); }
  void load_argument(size_t i, uint32_t slot) override { memory(0x8b, kArguments[i], slot); }
  void store_argument(size_t i, uint32_t slot) override { memory(0x89, kArguments[i], slot); }

  void load_first(uint32_t slot) override {
    registers(0x89, Reg::kAx, Reg::kCx);  // mov rcx, rax
    load(slot);
  }
  void add() override { registers(0x01, Reg::kCx, Reg::kAx); }
  void sub() override { registers(0x29, Reg::kCx, Reg::kAx); }
  void multiply() override { bytes({0x48, 0x0f, 0xaf, 0xc1}); }  // imul rax, rcx
  void jump_if_second_zero(Label* label) override {
    registers(0x85, Reg::kCx, Reg::kCx);
    jump_if(kEqual, label);
  }
  void divide() override {
    divide_and([this] { negate(); }, [] {});
  }
  void remainder() override {
    divide_and([this] { bytes({0x31, 0xc0}); }, [this] { registers(0x89, Reg::kDx, Reg::kAx); });
  }
  void compare(Condition c) override {
    registers(0x39, Reg::kCx, Reg::kAx);                                                    // cmp rax, rcx
    bytes({0x0f, static_cast<uint8_t>(0x90 | kConditions[static_cast<size_t>(c)]), 0xc0});  // setcc al
    bytes({0x0f, 0xb6, 0xc0});                                                              // movzx eax, al
  }

 private:
  // The processor traps where the quotient by -1 overflows; Go's wraps around.
  template <class ByMinusOne, class After>
  void divide_and(ByMinusOne by_minus_one, After after) {
    Label ordinary, end;
    bytes({0x48, 0x83, 0xf9, 0xff});  // cmp rcx, -1
    jump_if(kNotEqual, &ordinary);
    by_minus_one();
    jump(&end);
    bind(&ordinary);
    bytes({0x48, 0x99, 0x48, 0xf7, 0xf9});  // cqo; idiv rcx: quotient in AX, remainder in DX
    after();
    bind(&end);
  }

  void bytes(std::initializer_list<uint8_t> b) { code_.insert(code_.end(), b); }
  void number32(uint32_t v) { bytes({uint8_t(v), uint8_t(v >> 8), uint8_t(v >> 16), uint8_t(v >> 24)}); }
  static uint8_t rex(Reg reg, Reg base) {
    return static_cast<uint8_t>(0x48 | (uint8_t(reg) >> 3 << 2) | uint8_t(base) >> 3);
  }
  static uint8_t modrm(uint8_t mode, Reg reg, Reg base) {
    return static_cast<uint8_t>(mode << 6 | (uint8_t(reg) & 7) << 3 | (uint8_t(base) & 7));
  }
  void registers(uint8_t opcode, Reg reg, Reg base) { bytes({rex(reg, base), opcode, modrm(3, reg, base)}); }
  void memory(uint8_t opcode, Reg reg, uint32_t slot) {
    bytes({rex(reg, Reg::kSp), opcode, modrm(2, reg, Reg::kSp), 0x24});
    number32(slot);
  }
  void jump_if(uint8_t condition, Label* label) {
    bytes({0x0f, static_cast<uint8_t>(0x80 | condition)});
    displacement(label);
  }
  void displacement(Label* label) {
    uint32_t at = pc();
    number32(0);
    if (label->at == UINT32_MAX)
      label->jumps.push_back(at);
    else
      patch(at, label->at);
  }
  void patch(uint32_t at, uint32_t target) {
    uint32_t distance = target - (at + 4);
    for (uint32_t i = 0; i < 4; i++) code_[at + i] = static_cast<uint8_t>(distance >> 8 * i);
  }

  uint32_t frame_ = 0;  // without BP
};

}  // namespace

std::unique_ptr<Machine> make_amd64() { return std::make_unique<Amd64>(); }

}  // namespace tinyc
