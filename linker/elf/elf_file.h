// ELF as a format of the link.
#pragma once

#include "linker/elf/dynamic.h"
#include "linker/elf/elf_image.h"
#include "linker/format.h"

namespace dovetail::linker {

class ElfFile : public Format {
 public:
  explicit ElfFile(const FormatInputs& in) : in_(in) {}

  bool can_import() const override { return in_.cpu.dynamic; }
  void plan_dynamic(std::span<const SymId> text) override;
  bool thread_local_section() const override { return dynamic_.active; }
  void arrange(DataBuckets* buckets) const override;
  bool redirect(SymKind from, loader::LinkReloc* r) const override;
  void plan_symbols(const NativeSymbolInputs& symbols) override;
  uint64_t plan_file(uint64_t entry) override;
  void write_symbols(base::Sink sink) override;
  void write_headers(base::Sink sink) override { emit_elf(plan_, sink); }
  uint64_t symtab_size() const override { return symtab_.symtab_size(); }
  uint64_t text_size() const override;

 private:
  FormatInputs in_;
  DynamicPlan dynamic_;
  const NativeSymbolInputs* symbols_ = nullptr;
  NativeSymbolPlan symtab_;
  ElfPlan plan_;
};

}  // namespace dovetail::linker
