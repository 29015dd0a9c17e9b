#include "amd64.h"

namespace tinyc {

void Amd64::patch(uint32_t at, uint32_t target) {
  uint32_t distance = target - (at + 4);
  for (int i = 0; i < 4; i++) code_[at + static_cast<uint32_t>(i)] = static_cast<uint8_t>(distance >> 8 * i);
}

void Amd64::bind(Label* label) {
  label->at = pc();
  for (uint32_t at : label->jumps) patch(at, label->at);
  label->jumps.clear();
}

void Amd64::displacement(Label* label) {
  uint32_t at = pc();
  number32(0);
  if (label->at == UINT32_MAX)
    label->jumps.push_back(at);
  else
    patch(at, label->at);
}

void Amd64::jump(Label* label) {
  bytes({0xe9});
  displacement(label);
}

void Amd64::jump_if(Condition c, Label* label) {
  bytes({0x0f, static_cast<uint8_t>(0x80 | uint8_t(c))});
  displacement(label);
}

void Amd64::call(dovetail::emit::SymbolId function) {
  bytes({0xe8});
  relocs_.push_back({pc(), 4, dovetail::objfmt::RelocKind::kCall, function});
  number32(0);
}

void Amd64::load_number(Reg to, int64_t value) {
  bytes({rex(Reg::kAx, to), static_cast<uint8_t>(0xb8 | (uint8_t(to) & 7))});
  auto v = static_cast<uint64_t>(value);
  number32(static_cast<uint32_t>(v));
  number32(static_cast<uint32_t>(v >> 32));
}

void Amd64::multiply(Reg to, Reg from) { bytes({rex(to, from), 0x0f, 0xaf, modrm(3, uint8_t(to), from)}); }

void Amd64::set_ax_if(Condition c) {
  bytes({0x0f, static_cast<uint8_t>(0x90 | uint8_t(c)), 0xc0});  // setcc al
  bytes({0x0f, 0xb6, 0xc0});                                     // movzx eax, al
}

void Amd64::subtract_sp(uint32_t n) {
  bytes({0x48, 0x81, 0xec});
  number32(n);
}
void Amd64::add_sp(uint32_t n) {
  bytes({0x48, 0x81, 0xc4});
  number32(n);
}

void Amd64::compare_stack_limit(uint32_t below) {
  if (below == 0) {
    bytes({0x49, 0x3b, 0x66, 0x10});  // cmp rsp, [r14 + 16]
  } else {
    bytes({0x4c, 0x8d, 0xa4, 0x24});  // lea r12, [rsp - below]
    number32(0 - below);
    bytes({0x4d, 0x3b, 0x66, 0x10});  // cmp r12, [r14 + 16]
  }
}

}  // namespace tinyc
