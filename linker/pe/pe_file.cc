#include "linker/pe/pe_file.h"

#include "absl/strings/str_format.h"
#include "base/text.h"

namespace dovetail::linker {
namespace {

constexpr uint64_t kOrder = uint64_t{1} << 62;
constexpr uint32_t kStringTableHeader = 4;

}  // namespace

PeFile::PeFile(const FormatInputs& in) : in_(in), sections_(static_cast<uint32_t>(in.sv.options.platform->header_size)) {
  const loader::Options& options = in.sv.options;
  headers_.machine = in.cpu.pe;
  headers_.movable = options.position_independent() || !in.cpu.pe->fixed_executables;
  headers_.high_entropy = options.position_independent();
  headers_.gui = options.head_type == "windowsgui";
  headers_.image_base = options.platform->image_base;
  headers_.header_size = static_cast<uint32_t>(options.platform->header_size);
}

// Names by which C libraries know where the image is. cmd/link ld/pe.go Peinit.
void PeFile::define_setup_symbols() {
  loader::Symbols& syms = in_.program.syms;
  for (std::string_view name : {"__image_base__", "_image_base__"}) {
    SymId s = syms.make(name, 0, SymKind::kData);
    syms.value[index(s)] = headers_.image_base;
    syms.flags[index(s)] |= loader::kSymSpecial | loader::kSymLocal | loader::kSymNotInSymtab;
  }
}

// cmd/link ld/pe.go dope.
void PeFile::define_symbols() {
  imports_ = make_pe_imports(in_.sv, in_.program, in_.cgo);
  exports_ = list_pe_exports(in_.sv, in_.program, in_.cgo);
  if (in_.cpu.pe->unwind_tables) unwind_.emplace(in_.sv, in_.program, in_.image).define();
  if (headers_.movable) base_relocs_.emplace(in_.sv, in_.program, in_.image).begin();
}

void PeFile::scan_object(uint32_t object) {
  if (unwind_) unwind_->scan_object(object);
  if (base_relocs_) base_relocs_->scan_object(object);
}

void PeFile::plan_unwind(std::span<const SymId> functions) {
  if (unwind_) unwind_->plan(functions);
}

// Imported symbols are parts of .windynamic.
void PeFile::place_symbols() {
  loader::Symbols& syms = in_.program.syms;
  for (const PeImports::Library& library : imports_.libraries) {
    for (const PeImports::Symbol& s : library.symbols) syms.value[index(s.symbol)] += syms.value[index(imports_.table)];
  }
}

void PeFile::add_jobs(loader::EmitJobs* jobs) const {
  if (unwind_) unwind_->add_jobs(jobs);
  const std::vector<uint8_t>& addresses = import_tables_.addresses;
  jobs->jobs.push_back({imports_.table, addresses.size(), [&addresses](base::MutableBytes out) {
                          std::copy(addresses.begin(), addresses.end(), out.begin());
                        }});
}

void PeFile::plan_symbols(const NativeSymbolInputs& symbols) {
  symbols_.emplace(symbols);
  symbols_->external_names = {};  // exported symbols are known by their own names
  symtab_ = plan_coff_symbols(in_.sv, *symbols_);
}

uint64_t PeFile::plan_file(uint64_t entry) {
  headers_.entry = relative(entry);
  add_segment(".text", SegmentId::kText, kPeCode | kPeExecute | kPeRead);
  add_segment(".rdata", SegmentId::kRodata, kPeInitialized | kPeRead);
  add_segment(".data", SegmentId::kData, kPeInitialized | kPeRead | kPeWrite);
  if (in_.image.segment(SegmentId::kPdata).size != 0) {
    const PeSection& pdata = sections_[add_segment(".pdata", SegmentId::kPdata, kPeInitialized | kPeRead)];
    headers_.directory(PeDirectory::kException) = {pdata.address, pdata.size};
    if (in_.image.segment(SegmentId::kXdata).size != 0) add_segment(".xdata", SegmentId::kXdata, kPeInitialized | kPeRead);
  }
  const Segment& debug = in_.image.segment(SegmentId::kDwarf);
  if (!misplaced_.empty()) return debug.file_offset + debug.file_size;
  add_debug_sections();
  add_imports();
  add_exports();
  add_base_relocs();
  add_symbols();
  add_resources();
  return sections_.next_offset();
}

// The format gives out addresses a second time, by rules of its own: with -T, -R or -D they may differ. cmd/link tells of
// the first difference, when everything but headers is written.
size_t PeFile::add_segment(std::string_view name, SegmentId id, uint32_t flags) {
  const Segment& segment = in_.image.segment(id);
  size_t i = sections_.add(name, segment.size, segment.file_size, flags);
  uint64_t address = segment.address - headers_.image_base;
  if (!misplaced_.empty()) return i;
  auto complain = [&](const char* what, uint64_t have, uint64_t want) {
    if (have != want && misplaced_.empty()) misplaced_ = absl::StrFormat("%s.%s = 0x%x, want 0x%x", std::string(name), what, have, want);
  };
  complain("VirtualAddress", sections_[i].address, address);
  complain("PointerToRawData", sections_[i].file_offset, segment.file_offset);
  return i;
}

void PeFile::add_debug_sections() {
  for (uint32_t number : in_.image.segment(SegmentId::kDwarf).sections) {
    const Section& s = in_.image.sections[number];
    std::string name = base::concat("/", kStringTableHeader + section_names_.size());
    section_names_ += s.name + '\0';
    sections_.add(name, s.size, s.size, kPeAlign1 | kPeRead | kPeDiscardable | kPeInitialized);
  }
}

size_t PeFile::add_loader_section(std::string_view name, uint64_t size, uint32_t flags, PeDirectory directory) {
  size_t i = sections_.add(name, size, size, kPeInitialized | kPeRead | flags);
  headers_.directory(directory) = {sections_[i].address, sections_[i].size};
  return i;
}

void PeFile::add_imports() {
  const loader::Symbols& syms = in_.program.syms;
  uint32_t table = relative(syms.value[index(imports_.table)]);
  import_tables_ = write_pe_imports(imports_, sections_.next_address(), table);
  imports_at_ = add_loader_section(".idata", import_tables_.descriptors.size(), kPeWrite, PeDirectory::kImport);
  headers_.directory(PeDirectory::kImportAddresses) = {table, syms.size[index(imports_.table)]};
}

void PeFile::add_exports() {
  if (exports_.empty()) return;
  uint64_t size = pe_exports_size(exports_, in_.sv.options.output);
  exports_at_ = add_loader_section(".edata", size, 0, PeDirectory::kExport);
}

void PeFile::add_base_relocs() {
  if (!base_relocs_) return;
  base_relocs_->plan();
  base_relocs_at_ = add_loader_section(".reloc", base_relocs_->size(), kPeDiscardable, PeDirectory::kBaseReloc);
}

void PeFile::add_symbols() {
  uint64_t size = kStringTableHeader + section_names_.size() + symtab_.total.name_bytes +
                  symtab_.total.symbols * kCoffSymbolSize;
  symtab_at_ = sections_.add(".symtab", size, size, kPeRead | kPeDiscardable);
  headers_.symtab_offset = sections_[symtab_at_].file_offset;
  headers_.symbol_count = static_cast<uint32_t>(symtab_.total.symbols);
}

// cmd/link ld/pe.go addpersrc.
void PeFile::add_resources() {
  uint64_t size = 0;
  for (const objfmt::ResourceSection& s : in_.program.in.resources) size += s.data.size();
  if (!in_.program.in.resources.empty()) resources_at_ = add_loader_section(".rsrc", size, 0, PeDirectory::kResource);
}

void PeFile::write_resources(base::Sink sink) const {
  if (in_.program.in.resources.empty()) return;
  uint64_t at = sections_[resources_at_].file_offset;
  for (const objfmt::ResourceSection& s : in_.program.in.resources) {
    std::vector<uint8_t> bytes(s.data.begin(), s.data.end());
    // Directories apart from data: what they refer to begins behind them.
    uint32_t address = sections_[resources_at_].address + (s.split ? static_cast<uint32_t>(bytes.size()) : 0);
    for (const objfmt::ResourceReloc& r : s.relocs) base::store32(&bytes[r.offset], address + r.addend);
    sink(at, bytes);
    at += bytes.size();
  }
}

void PeFile::write_symbols(base::Sink sink) {
  if (!misplaced_.empty()) return;
  uint64_t strtab = headers_.symtab_offset + symtab_.total.symbols * kCoffSymbolSize;
  emit_coff_symbols(in_.sv, *symbols_, symtab_,
                    {in_.image, headers_.symtab_offset, strtab, kStringTableHeader + section_names_.size(), sink});
}

void PeFile::write_headers(base::Sink sink) {
  if (!misplaced_.empty()) return in_.sv.diag.error(kOrder, misplaced_);
  emit_pe_headers(headers_, sections_, sink);
  sink(sections_[imports_at_].file_offset, import_tables_.descriptors);
  if (!exports_.empty()) {
    const PeSection& s = sections_[exports_at_];
    sink(s.file_offset, write_pe_exports(in_.program, exports_, in_.sv.options.output, s.address, headers_.image_base));
  }
  if (base_relocs_) base_relocs_->write(sections_[base_relocs_at_].file_offset, sink);
  write_resources(sink);
  std::vector<uint8_t> names(kStringTableHeader);
  base::store32(names.data(), static_cast<uint32_t>(kStringTableHeader + section_names_.size() + symtab_.total.name_bytes));
  names.insert(names.end(), section_names_.begin(), section_names_.end());
  sink(headers_.symtab_offset + symtab_.total.symbols * kCoffSymbolSize, names);
}

}  // namespace dovetail::linker
