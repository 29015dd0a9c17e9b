// Encodes the few amd64 instructions that tinyc needs. Frame slots are addressed from the stack pointer with
// 32-bit displacements; jumps are 32 bits wide, too: short forms would save bytes and cost a second pass.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler-emit/object_parts.h"

namespace tinyc {

enum class Reg : uint8_t {
  kAx = 0,
  kCx = 1,
  kDx = 2,
  kBx = 3,
  kSp = 4,
  kBp = 5,
  kSi = 6,
  kDi = 7,
  kR8 = 8,
  kR9,
  kR10,
  kR11,
  kR12
};

// As instructions encode it.
enum class Condition : uint8_t {
  kBelowEqual = 6,
  kEqual = 4,
  kNotEqual = 5,
  kLess = 12,
  kGreaterEqual = 13,
  kLessEqual = 14,
  kGreater = 15
};

class Amd64 {
 public:
  struct Label {
    uint32_t at = UINT32_MAX;     // UINT32_MAX until it is bound
    std::vector<uint32_t> jumps;  // displacements that wait for it
  };

  uint32_t pc() const { return static_cast<uint32_t>(code_.size()); }
  void bind(Label* label);
  void jump(Label* label);
  void jump_if(Condition c, Label* label);
  void call(dovetail::emit::SymbolId function);

  void load(Reg to, uint32_t slot) { memory(0x8b, to, slot); }
  void store(uint32_t slot, Reg from) { memory(0x89, from, slot); }
  void load_number(Reg to, int64_t value);
  void move(Reg to, Reg from) { registers(0x89, from, to); }
  void add(Reg to, Reg from) { registers(0x01, from, to); }
  void sub(Reg to, Reg from) { registers(0x29, from, to); }
  void compare(Reg a, Reg b) { registers(0x39, b, a); }
  void multiply(Reg to, Reg from);
  void negate(Reg r) { bytes({rex(Reg::kAx, r), 0xf7, modrm(3, 3, r)}); }
  void test(Reg r) { registers(0x85, r, r); }
  void compare_minus_one(Reg r) { bytes({rex(Reg::kAx, r), 0x83, modrm(3, 7, r), 0xff}); }
  void divide_ax_by_cx() { bytes({0x48, 0x99, 0x48, 0xf7, 0xf9}); }  // quotient in AX, remainder in DX
  void set_ax_if(Condition c);
  void clear_ax() { bytes({0x31, 0xc0}); }

  void push_bp() { bytes({0x55}); }
  void pop_bp() { bytes({0x5d}); }
  void frame_pointer() { bytes({0x48, 0x89, 0xe5}); }
  void subtract_sp(uint32_t n);
  void add_sp(uint32_t n);
  void ret() { bytes({0xc3}); }
  void nop() { bytes({0x90}); }
  // Compares the stack pointer, less `below` bytes, with the limit that the goroutine keeps at 16(R14).
  void compare_stack_limit(uint32_t below);

  std::vector<uint8_t> take_code() { return std::move(code_); }
  std::vector<dovetail::emit::Relocation> take_relocs() { return std::move(relocs_); }

 private:
  void bytes(std::initializer_list<uint8_t> b) { code_.insert(code_.end(), b); }
  void number32(uint32_t v) { bytes({uint8_t(v), uint8_t(v >> 8), uint8_t(v >> 16), uint8_t(v >> 24)}); }
  static uint8_t rex(Reg reg, Reg base) {
    return static_cast<uint8_t>(0x48 | (uint8_t(reg) >> 3 << 2) | uint8_t(base) >> 3);
  }
  static uint8_t modrm(uint8_t mode, uint8_t reg, Reg base) {
    return static_cast<uint8_t>(mode << 6 | (reg & 7) << 3 | (uint8_t(base) & 7));
  }
  void registers(uint8_t opcode, Reg reg, Reg base) {
    bytes({rex(reg, base), opcode, modrm(3, uint8_t(reg), base)});
  }
  void memory(uint8_t opcode, Reg reg, uint32_t slot) {
    bytes({rex(reg, Reg::kSp), opcode, modrm(2, uint8_t(reg), Reg::kSp), 0x24});
    number32(slot);
  }
  void displacement(Label* label);
  void patch(uint32_t at, uint32_t target);

  std::vector<uint8_t> code_;
  std::vector<dovetail::emit::Relocation> relocs_;
};

}  // namespace tinyc
