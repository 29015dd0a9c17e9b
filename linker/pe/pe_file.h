// PE/COFF as a format of the link. Sections of the file:
//
//   .text .rdata .data             the segments of the program
//   .pdata .xdata                  unwind tables (unwind.h), amd64
//   .debug_* .zdebug_*             names in the string table
//   .idata .edata .reloc           what Windows' loader reads (imports.h, exports.h, base_relocs.h)
//   .symtab                        symbol table and string table (coff_symbols.h); the string table also with -s
//   .rsrc                          resources of a .syso file
//
// cmd/link ld/pe.go asmbPe, Go 1.26.
#pragma once

#include <optional>

#include "linker/format.h"
#include "linker/pe/base_relocs.h"
#include "linker/pe/coff_symbols.h"
#include "linker/pe/exports.h"
#include "linker/pe/headers.h"
#include "linker/pe/imports.h"
#include "linker/pe/unwind.h"

namespace dovetail::linker {

class PeFile : public Format {
 public:
  explicit PeFile(const FormatInputs& in);

  void define_setup_symbols() override;
  void define_symbols() override;
  void scan_object(uint32_t object) override;
  void plan_unwind(std::span<const SymId> functions) override;
  void plan_dynamic(const TextPlan&) override {}
  void place_symbols() override;
  void add_jobs(loader::EmitJobs* jobs) const override;
  // cmd/link fills in a header of 32 bits as well.
  bool asks_entry_twice() const override { return true; }
  SymtabRules symtab_rules() const override { return kCoffSymtabRules; }
  void plan_symbols(const NativeSymbolInputs& symbols) override;
  uint64_t plan_file(uint64_t entry) override;
  void write_symbols(base::Sink sink) override;
  void write_headers(base::Sink sink) override;
  uint64_t symtab_size() const override { return 0; }  // as cmd/link counts it
  uint64_t text_size() const override { return in_.image.segment(SegmentId::kText).file_size; }

 private:
  uint32_t relative(uint64_t address) const { return static_cast<uint32_t>(address - headers_.image_base); }
  size_t add_segment(std::string_view name, SegmentId id, uint32_t flags);
  void add_debug_sections();
  size_t add_loader_section(std::string_view name, uint64_t size, uint32_t flags, PeDirectory directory);
  void add_imports();
  void add_exports();
  void add_base_relocs();
  void add_symbols();
  void add_resources();
  void write_resources(base::Sink sink) const;

  FormatInputs in_;
  PeImports imports_;
  std::vector<PeExport> exports_;
  std::optional<PeUnwind> unwind_;
  std::optional<PeBaseRelocs> base_relocs_;
  std::optional<NativeSymbolInputs> symbols_;
  CoffSymbolPlan symtab_;
  PeHeaders headers_;
  PeSectionTable sections_;
  PeImportTables import_tables_;
  std::string section_names_;  // the beginning of the string table, behind its size
  std::string misplaced_;      // what is wrong with a segment's place
  size_t imports_at_ = 0, exports_at_ = 0, base_relocs_at_ = 0, symtab_at_ = 0, resources_at_ = 0;  // in sections_
};

}  // namespace dovetail::linker
