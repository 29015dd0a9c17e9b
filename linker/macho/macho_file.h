// Mach-O as a format of the link: executables for macOS.
#pragma once

#include <memory>

#include "linker/format.h"
#include "linker/macho/imports.h"
#include "linker/macho/macho_image.h"
#include "linker/macho/macho_symbols.h"
#include "linker/macho/rebases.h"

namespace dovetail::linker {

class MachoFile : public Format {
 public:
  explicit MachoFile(const FormatInputs& in);

  void define_symbols() override;
  void plan_dynamic(std::span<const SymId> text) override { imports_.scan(text); }
  bool keep_address_offsets() const override { return in_.sv.options.position_independent(); }
  void plan_addresses(const DataBuckets& buckets, const AddressScan& scan) override;
  bool redirect(SymKind from, base::MutableBytes bytes, loader::LinkReloc* r) const override;
  SymtabRules symtab_rules() const override { return {.etext_first = true}; }
  bool keeps_dynamic_symbols() const override { return true; }
  void plan_symbols(const NativeSymbolInputs& symbols) override;
  uint64_t plan_file(uint64_t entry) override;
  void write_symbols(base::Sink sink) override;
  void write_headers(base::Sink sink) override;
  void finish(base::OutputFile& file) override;
  uint64_t symtab_size() const override { return 0; }
  uint64_t text_size() const override { return in_.image.segment(SegmentId::kText).file_size; }

 private:
  void reserve_header();
  void name_inode64();

  FormatInputs in_;
  const MachoMachine& machine_;
  MachoImports imports_;
  std::unique_ptr<MachoRebases> rebases_;
  std::vector<ExternalName> external_names_;
  std::vector<std::string> long_names_;
  std::unique_ptr<NativeSymbolInputs> symbol_inputs_;
  MachoSymbols symbols_;
  std::vector<uint8_t> bind_;
  MachoPlan plan_;
};

}  // namespace dovetail::linker
