#include "linker/macho/macho_file.h"

#include "linker/macho/code_signature.h"

namespace dovetail::linker {

MachoFile::MachoFile(const FormatInputs& in)
    : in_(in), machine_(macho_machine(in.cpu.id)), imports_(in.sv, in.program, in.cgo, machine_),
      symbols_(in.sv, in.cgo, imports_) {}

void MachoFile::define_symbols() {
  reserve_header();
  imports_.define_sections();
}

// Load commands of libraries make the header, and move everything, by a page when those before them fill it: half of
// it is theirs. cmd/link ld/macho.go machoadddynlib, Go 1.26.
void MachoFile::reserve_header() {
  constexpr int64_t kPage = 4096;
  int64_t budget = kPage - 2048;
  for (std::string_view library : in_.cgo.mentioned_libraries) {
    budget -= static_cast<int64_t>((library.size() + 7) / 8 * 8 + 24);
    if (budget >= 0) continue;
    in_.image.header_size += kPage;
    in_.image.text_address += kPage;
    budget += kPage;
  }
}

void MachoFile::plan_addresses(const DataBuckets& buckets, const AddressScan& scan) {
  rebases_ = std::make_unique<MachoRebases>(in_.program, buckets, scan);
}

// cmd/link leaves the others as they are, whose targets are at 0.
bool MachoFile::redirect(SymKind from, base::MutableBytes bytes, loader::LinkReloc* r) const {
  imports_.redirect(from, bytes, r);
  return true;
}

void MachoFile::plan_symbols(const NativeSymbolInputs& symbols) {
  external_names_.assign(symbols.external_names.begin(), symbols.external_names.end());
  name_inode64();
  symbol_inputs_ = std::make_unique<NativeSymbolInputs>(symbols);
  symbol_inputs_->external_names = external_names_;
  symbols_.plan(*symbol_inputs_);
}

// Functions of libSystem with a newer version under another name. cmd/link ld/macho.go collectmachosyms, Go 1.26.
void MachoFile::name_inode64() {
  if (machine_.inode64_suffix == nullptr) return;
  long_names_.reserve(imports_.slots().size());
  for (const MachoImports::Slot& slot : imports_.slots()) {
    bool has_two = slot.name == "fdopendir" || slot.name == "readdir_r" || slot.name == "getfsstat";
    if (!has_two || slot.library != "/usr/lib/libSystem.B.dylib") continue;
    long_names_.push_back(std::string(slot.name) + machine_.inode64_suffix);
    imports_.rename(slot.symbol, long_names_.back());
    auto it = std::lower_bound(external_names_.begin(), external_names_.end(), slot.symbol,
                               [](const ExternalName& a, SymId b) { return index(a.symbol) < index(b); });
    if (it != external_names_.end() && it->symbol == slot.symbol) {
      it->name = long_names_.back();
    } else {
      external_names_.insert(it, {slot.symbol, long_names_.back()});
    }
  }
}

uint64_t MachoFile::plan_file(uint64_t entry) {
  const loader::Options& options = in_.sv.options;
  const Image& image = in_.image;
  MachoInputs in;
  in.machine = &machine_;
  in.position_independent = options.position_independent();
  in.debug = !options.no_dwarf;
  in.entry = entry;
  std::vector<uint8_t> uuid = options.gnu_build_id;
  if (!uuid.empty()) uuid.resize(16);
  in.uuid = uuid;
  in.libraries = in_.cgo.mentioned_libraries;
  if (in.position_independent) {
    std::vector<uint8_t> numbers = macho_segment_numbers(image);
    rebases_->encode(in_.sv.threads, image, numbers.data());
    in.rebase_size = rebases_->size();
    const loader::Symbols& syms = in_.program.syms;
    SegmentId segment = image.sections[syms.section[index(imports_.got())]].segment;
    bind_ = bind_opcodes(imports_, in.libraries, numbers[static_cast<size_t>(segment)],
                         syms.value[index(imports_.got())] - image.segment(segment).address);
    in.bind_size = bind_.size();
  }
  in.local_symbols = symbols_.count(MachoSymbols::kLocal);
  in.exported_symbols = symbols_.count(MachoSymbols::kExported);
  in.imported_symbols = symbols_.count(MachoSymbols::kImported);
  in.stub_count = imports_.stub_symbols().size();
  in.got_count = imports_.got_symbols().size();
  in.names_size = symbols_.names_size();
  plan_ = plan_macho(image, in, in_.sv.diag);
  return plan_.file_size;
}

void MachoFile::write_symbols(base::Sink sink) {
  symbols_.write(plan_.section_number, plan_.symbols, plan_.names, sink);
}

void MachoFile::write_headers(base::Sink sink) {
  sink(0, plan_.headers);
  if (rebases_) rebases_->write(plan_.rebase, sink);
  if (!bind_.empty()) sink(plan_.bind, bind_);
  std::vector<uint8_t> indices;
  for (const std::vector<SymId>* list : {&imports_.stub_symbols(), &imports_.got_symbols()}) {
    for (SymId s : *list) {
      indices.resize(indices.size() + 4);
      base::store32(indices.data() + indices.size() - 4, symbols_.number(s));
    }
  }
  if (!indices.empty()) sink(plan_.stub_indices, indices);
}

void MachoFile::finish(base::OutputFile& file) {
  if (machine_.is_signed) sign_code(in_.sv.threads, file, plan_.signature, plan_.text_size);
}

}  // namespace dovetail::linker
