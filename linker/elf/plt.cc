#include "linker/elf/plt.h"

namespace dovetail::linker {
namespace {

using objfmt::RelocKind;

void start_got_plt(DynamicSections* s) {
  s->got_plt.put_address(s->dynamic.id(), 0);
  s->got_plt.put64(0);
  s->got_plt.put64(0);
}

void add_jump_slot(DynamicSections* s, const ElfMachine& machine, uint32_t word, uint32_t number) {
  s->rela_plt.put_address(s->got_plt.id(), word);
  s->rela_plt.put64(uint64_t{number} << 32 | machine.reloc_jump_slot);
  s->rela_plt.put64(0);
}

// x16 = address of a word of .got.plt, x17 = its value.
void put_load_word(DynamicSections* s, int64_t word) {
  s->plt.put_instruction(0x90000010, RelocKind::kArm64Got, s->got_plt.id(), word);    // adrp x16, word
  s->plt.put_instruction(0xf9400211, RelocKind::kArm64Got, s->got_plt.id(), word);    // ldr x17, [x16, #:lo12:word]
  s->plt.put_instruction(0x91000210, RelocKind::kArm64Pcrel, s->got_plt.id(), word);  // add x16, x16, #:lo12:word
  s->plt.put32(0xd61f0220);                                                            // br x17
}

}  // namespace

// System V ABI, AMD64 supplement 5.2: .got.plt holds the address of .dynamic and two words of the dynamic
// linker.
void start_plt_amd64(DynamicSections* s) {
  s->plt.put({0xff, 0x35});  // pushq 8(.got.plt)
  s->plt.put_distance(s->got_plt.id(), 8);
  s->plt.put({0xff, 0x25});  // jmpq *16(.got.plt)
  s->plt.put_distance(s->got_plt.id(), 16);
  s->plt.put({0x0f, 0x1f, 0x40, 0x00});  // nopl 0(AX)
  start_got_plt(s);
}

int32_t add_plt_slot_amd64(DynamicSections* s, const ElfMachine& machine, uint32_t number) {
  uint32_t slot = s->plt.size(), word = s->got_plt.size();
  s->plt.put({0xff, 0x25});  // jmpq *word(.got.plt), which leads to the next instruction at first
  s->plt.put_distance(s->got_plt.id(), word);
  s->got_plt.put_address(s->plt.id(), s->plt.size());
  s->plt.put({0x68});  // pushq index
  s->plt.put32((word - 24) / 8);
  s->plt.put({0xe9});  // jmpq .plt
  s->plt.put32(0u - (s->plt.size() + 4));
  add_jump_slot(s, machine, word, number);
  return static_cast<int32_t>(slot);
}

// As cmd/link internal/arm64/asm.go elfsetupplt and addpltsym have it, Go 1.26.
void start_plt_arm64(DynamicSections* s) {
  s->plt.put32(0xa9bf7bf0);  // stp x16, x30, [sp, #-16]!
  put_load_word(s, 16);
  for (int i = 0; i < 3; i++) s->plt.put32(0xd503201f);  // nop
  start_got_plt(s);
}

int32_t add_plt_slot_arm64(DynamicSections* s, const ElfMachine& machine, uint32_t number) {
  uint32_t slot = s->plt.size(), word = s->got_plt.size();
  put_load_word(s, word);
  s->got_plt.put_address(s->plt.id(), 0);
  add_jump_slot(s, machine, word, number);
  return static_cast<int32_t>(slot);
}

}  // namespace dovetail::linker
