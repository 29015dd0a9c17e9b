#include "linker/elf/elf_file.h"

namespace dovetail::linker {

void ElfFile::plan_dynamic(const TextPlan& text) {
  dynamic_ = linker::plan_dynamic(in_.sv, in_.program, in_.cgo, *in_.cpu.elf, text);
}

void ElfFile::plan_addresses(const DataBuckets& buckets, const AddressScan& scan) {
  if (!dynamic_.active) return;
  relative_ = std::make_unique<RelativeRelocs>(in_.program, scan, in_.cpu.elf->reloc_relative);
  relative_->plan(in_.sv, buckets, dynamic_);
}

void ElfFile::add_jobs(loader::EmitJobs* jobs) const {
  if (relative_) relative_->add_jobs(in_.sv, jobs);
}

void ElfFile::arrange(DataBuckets* buckets) const {
  if (dynamic_.active) join_relocation_sections(in_.program, &(*buckets)[SymKind::kElfRoSect]);
}

bool ElfFile::redirect(SymKind from, base::MutableBytes, loader::LinkReloc* r) const {
  return dynamic_.active && dynamic_.redirect(from, r);
}

void ElfFile::plan_symbols(const NativeSymbolInputs& symbols) {
  symbols_ = &symbols;
  symtab_ = plan_native_symbols(in_.sv, symbols);
}

uint64_t ElfFile::plan_file(uint64_t entry) {
  const loader::Options& options = in_.sv.options;
  ElfInputs elf;
  elf.machine = in_.cpu.elf;
  elf.position_independent = options.position_independent();
  elf.entry = entry;
  elf.build_id = options.build_id;
  elf.gnu_build_id = options.gnu_build_id;
  elf.strip_symbols = options.strip_symbols;
  elf.symtab_size = symtab_.symtab_size();
  elf.first_global = symtab_.first_global;
  elf.strtab_size = symtab_.strtab_size;
  elf.dynamic = dynamic_.active;
  if (dynamic_.active) elf.interpreter = elf_interpreter(*in_.cpu.elf, in_.cgo.interpreter);
  elf.version_needs = dynamic_.version_needs;
  plan_ = plan_elf(in_.image, elf, in_.sv.diag);
  return plan_.file_size;
}

void ElfFile::write_symbols(base::Sink sink) {
  emit_native_symbols(in_.sv, *symbols_, symtab_, {plan_.section_number, plan_.symtab_offset, plan_.strtab_offset, sink});
}

// The text segment begins behind the file header, where the program headers are.
uint64_t ElfFile::text_size() const {
  return in_.image.segment(SegmentId::kText).file_size + in_.image.header_size - kElfHeaderSize;
}

}  // namespace dovetail::linker
