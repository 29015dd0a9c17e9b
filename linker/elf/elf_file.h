// ELF as a format of the link.
#pragma once

#include "linker/elf/dynamic.h"
#include "linker/elf/elf_image.h"
#include "linker/elf/relative_relocs.h"
#include "linker/format.h"

namespace dovetail::linker {

class ElfFile : public Format {
 public:
  explicit ElfFile(const FormatInputs& in) : in_(in) {}

  void plan_dynamic(std::span<const SymId> text) override;
  void plan_addresses(const DataBuckets& buckets, const AddressScan& scan) override;
  bool thread_local_section() const override { return dynamic_.active; }
  void arrange(DataBuckets* buckets) const override;
  bool redirect(SymKind from, base::MutableBytes, loader::LinkReloc* r) const override;
  // An executable's own thread-local data are where they are, wherever the image is.
  bool local_thread_data() const override { return in_.sv.options.position_independent(); }
  // They would have to go through the table of addresses, which no code of Go's asks for.
  bool addresses_in_code() const override { return !in_.sv.options.position_independent(); }
  void add_jobs(loader::EmitJobs* jobs) const override;
  void plan_symbols(const NativeSymbolInputs& symbols) override;
  uint64_t plan_file(uint64_t entry) override;
  void write_symbols(base::Sink sink) override;
  void write_headers(base::Sink sink) override { emit_elf(plan_, sink); }
  uint64_t symtab_size() const override { return symtab_.symtab_size(); }
  uint64_t text_size() const override;

 private:
  FormatInputs in_;
  DynamicPlan dynamic_;
  std::unique_ptr<RelativeRelocs> relative_;
  const NativeSymbolInputs* symbols_ = nullptr;
  NativeSymbolPlan symtab_;
  ElfPlan plan_;
};

}  // namespace dovetail::linker
