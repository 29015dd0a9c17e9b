// arm64: the value is X0, the second operand X1, the goroutine X28. The return address comes in X30 and is
// kept at SP; the frame pointer, X29, is kept below it, in what is the next frame's last word
// (cmd/compile/abi-internal.md and cmd/internal/obj/arm64/obj7.go, Go 1.26).
#include "machine.h"

namespace tinyc {
namespace {

constexpr uint32_t kSp = 31, kZero = 31, kScratch = 16, kScratch2 = 17, kNewSp = 20, kG = 28, kFp = 29,
                   kLr = 30;

// As instructions encode them.
constexpr uint32_t kLowerOrSame = 9;
constexpr uint32_t kConditions[] = {0, 1, 11, 13, 12, 10};

class Arm64 final : public Machine {
 public:
  // With the return address in front and the word for a callee behind. SP is a multiple of 16.
  void lay_out_frame(uint32_t slots) override { frame_ = (slots * kWord + 2 * kWord + 15) / 16 * 16; }
  uint32_t slot(uint32_t i) const override { return kWord + i * kWord; }
  uint32_t parameter_slot(uint32_t i) const override { return frame_ + kWord + i * kWord; }
  uint32_t frame_size() const override { return frame_; }
  uint32_t locals_size() const override { return frame_ - kWord; }
  uint32_t call_frame() const override { return frame_; }
  // A frame that a signal opened below SP would overwrite what is stored there before SP moves.
  bool enters_by_steps() const override { return true; }

  void check_stack(Label* grow) override {
    word(0xf9400000 | 16 / kWord << 10 | kG << 5 | kScratch);  // ldr x16, [x28, #16]
    if (frame_ <= kUncheckedFrame) {
      word(0xeb206000 | kScratch << 16 | kSp << 5 | kZero);  // cmp sp, x16
    } else {
      add_immediate(0xd1000000, kScratch2, kSp, frame_ - kUncheckedFrame);
      registers(0xeb000000, kZero, kScratch2, kScratch);  // cmp x17, x16
    }
    branch(0x54000000 | kLowerOrSame, grow);
  }
  void enter() override {
    add_immediate(0xd1000000, kNewSp, kSp, frame_);
    pair(0xa9000000, kNewSp);                   // stp x29, x30, [x20, #-8]
    add_immediate(0x91000000, kSp, kNewSp, 0);  // mov sp, x20
    at_sp(frame_);
    add_immediate(0xd1000000, kFp, kSp, kWord);
  }
  void leave_and_return() override {
    pair(0xa9400000, kSp);  // ldp x29, x30, [sp, #-8]
    add_immediate(0x91000000, kSp, kSp, frame_);
    at_sp(0);
    word(0xd65f03c0);  // ret
    at_sp(frame_);
  }
  void save_return_address() override { move(3, kLr); }

  uint32_t pc() const override { return static_cast<uint32_t>(code_.size()); }
  void bind(Label* label) override {
    label->at = pc();
    for (uint32_t at : label->jumps) patch(at, label->at);
    label->jumps.clear();
  }
  void jump(Label* label) override { branch(0x14000000, label); }
  void jump_if_zero(Label* label) override { branch(0xb4000000, label); }             // cbz x0
  void jump_if_second_zero(Label* label) override { branch(0xb4000000 | 1, label); }  // cbz x1
  void call(dovetail::emit::SymbolId function) override {
    relocs_.push_back({pc(), 4, dovetail::objfmt::RelocKind::kCallArm64, function});
    word(0x94000000);
  }
  void nop() override { word(0xd503201f); }

  void load(uint32_t slot) override { load_argument(0, slot); }
  void store(uint32_t slot) override { store_argument(0, slot); }
  void load_argument(size_t i, uint32_t slot) override { memory(0xf9400000, i, slot); }
  void store_argument(size_t i, uint32_t slot) override { memory(0xf9000000, i, slot); }
  void load_number(int64_t value) override {
    auto v = static_cast<uint64_t>(value);
    word(0xd2800000 | static_cast<uint32_t>(v & 0xffff) << 5);  // movz x0
    for (uint32_t i = 1; i < 4; i++) {
      auto part = static_cast<uint32_t>(v >> 16 * i & 0xffff);
      if (part != 0) word(0xf2800000 | i << 21 | part << 5);  // movk x0
    }
  }
  void negate() override { registers(0xcb000000, 0, kZero, 0); }

  void load_first(uint32_t slot) override {
    move(1, 0);
    load(slot);
  }
  void add() override { registers(0x8b000000, 0, 0, 1); }
  void sub() override { registers(0xcb000000, 0, 0, 1); }
  void multiply() override { registers(0x9b007c00, 0, 0, 1); }
  void divide() override { registers(0x9ac00c00, 0, 0, 1); }
  void remainder() override {
    registers(0x9ac00c00, 2, 0, 1);  // sdiv x2, x0, x1
    registers(0x9b008000, 0, 2, 1);  // msub x0, x2, x1, x0
  }
  void compare(Condition c) override {
    registers(0xeb000000, kZero, 0, 1);                                  // cmp x0, x1
    word(0x9a9f07e0 | (kConditions[static_cast<size_t>(c)] ^ 1) << 12);  // cset x0: the opposite condition
  }

 private:
  void word(uint32_t w) {
    for (uint32_t i = 0; i < 4; i++) code_.push_back(static_cast<uint8_t>(w >> 8 * i));
  }
  void registers(uint32_t opcode, uint32_t to, uint32_t a, uint32_t b) {
    word(opcode | b << 16 | a << 5 | to);
  }
  void move(uint32_t to, uint32_t from) { registers(0xaa000000, to, kZero, from); }
  void add_immediate(uint32_t opcode, uint32_t to, uint32_t from, uint32_t n) {
    word(opcode | n << 10 | from << 5 | to);
  }
  void memory(uint32_t opcode, size_t reg, uint32_t slot) {
    word(opcode | slot / kWord << 10 | kSp << 5 | static_cast<uint32_t>(reg));
  }
  void pair(uint32_t opcode, uint32_t base) { word(opcode | 0x7fu << 15 | kLr << 10 | base << 5 | kFp); }

  void branch(uint32_t opcode, Label* label) {
    uint32_t at = pc();
    word(opcode);
    if (label->at == UINT32_MAX)
      label->jumps.push_back(at);
    else
      patch(at, label->at);
  }
  void patch(uint32_t at, uint32_t target) {
    bool is_jump = code_[at + 3] == 0x14;  // 26 bits of distance at 0; others have 19 at 5
    int32_t distance = (static_cast<int32_t>(target) - static_cast<int32_t>(at)) / 4;
    int32_t limit = is_jump ? 1 << 25 : 1 << 18;
    if (distance >= limit || distance < -limit) too_large_ = true;
    uint32_t bits = is_jump ? static_cast<uint32_t>(distance) & 0x3ffffff
                            : (static_cast<uint32_t>(distance) & 0x7ffff) << 5;
    for (uint32_t i = 0; i < 4; i++) code_[at + i] = static_cast<uint8_t>(code_[at + i] | bits >> 8 * i);
  }

  uint32_t frame_ = 0;
};

}  // namespace

std::unique_ptr<Machine> make_arm64() { return std::make_unique<Arm64>(); }

}  // namespace tinyc
