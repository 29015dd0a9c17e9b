#include "linker/elf/dynamic_sections.h"

namespace dovetail::linker {

// In cmd/link's order of creation: sections of one size are laid out in it (ld/elf.go doelf, Go 1.26).
DynamicSections::DynamicSections(loader::Program& program)
    : dynsym(program, ".dynsym", SymKind::kElfRoSect),
      dynstr(program, ".dynstr", SymKind::kElfRoSect),
      rela(program, ".rela", SymKind::kElfRoSect),
      got(program, ".got", SymKind::kElfGot),
      hash(program, ".hash", SymKind::kElfRoSect),
      got_plt(program, ".got.plt", SymKind::kElfSect),
      plt(program, ".plt", SymKind::kElfRxSect),
      rela_plt(program, ".rela.plt", SymKind::kElfRoSect),
      version(program, ".gnu.version", SymKind::kElfRoSect),
      version_r(program, ".gnu.version_r", SymKind::kElfRoSect),
      dynamic(program, ".dynamic", SymKind::kElfSect) {}

// System V ABI, AMD64 supplement 5.2: .got.plt holds the address of .dynamic and two words of the dynamic
// linker.
void start_plt_amd64(DynamicSections* s) {
  s->plt.put({0xff, 0x35});  // pushq 8(.got.plt)
  s->plt.put_distance(s->got_plt.id(), 8);
  s->plt.put({0xff, 0x25});  // jmpq *16(.got.plt)
  s->plt.put_distance(s->got_plt.id(), 16);
  s->plt.put({0x0f, 0x1f, 0x40, 0x00});  // nopl 0(AX)
  s->got_plt.put_address(s->dynamic.id(), 0);
  s->got_plt.put64(0);
  s->got_plt.put64(0);
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
  s->rela_plt.put_address(s->got_plt.id(), word);
  s->rela_plt.put64(uint64_t{number} << 32 | machine.reloc_jump_slot);
  s->rela_plt.put64(0);
  return static_cast<int32_t>(slot);
}

}  // namespace dovetail::linker
