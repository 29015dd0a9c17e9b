// What PE images have beside segments and sections: headers, symbols, and the tables that Windows reads. Microsoft's "PE
// Format" and "x64 exception handling"; which of them cmd/link writes: ld/pe.go, ld/seh.go, Go 1.26.
#include <algorithm>

#include "absl/strings/str_format.h"
#include "base/text.h"
#include "inspect/pe_tables.h"
#include "inspect/verify_image.h"
#include "objfmt/pe_header.h"

namespace dovetail::inspect {
namespace {

using base::concat;
using objfmt::ImageView;
using objfmt::PeDirectoryEntry;
using objfmt::PeHeader;
using objfmt::PeSectionHeader;

bool multiple(uint64_t value, uint64_t of) { return of == 0 || value % of == 0; }

class PeVerifier {
 public:
  PeVerifier(const ImageView& view, const PeHeader& header, Findings* findings)
      : view_(view), h_(header), findings_(findings) {}

  void run() {
    check_header();
    check_directories();
    check_symbols();
    check_unwind();
    check_base_relocs();
    check_imports();
  }

 private:
  void add(std::string_view rule, std::string_view block, uint64_t offset, std::string text) {
    findings_->add(rule, {.block = block, .offset = offset}, std::move(text));
  }

  void check_header() {
    uint64_t table_end = h_.sections_at + h_.sections.size() * objfmt::kPeSectionHeaderBytes, end = 0;
    for (size_t i = 0; i < h_.sections.size(); i++) {
      const PeSectionHeader& s = h_.sections[i];
      uint64_t at = h_.sections_at + i * objfmt::kPeSectionHeaderBytes;
      if (!multiple(s.address, h_.section_align))
        add("pe.section-align", s.name, at, absl::StrFormat("address %#x is no multiple of %#x", s.address, h_.section_align));
      if (s.offset != 0 && (!multiple(s.offset, h_.file_align) || !multiple(s.file_size, h_.file_align)))
        add("pe.section-align", s.name, at,
            absl::StrFormat("%d bytes at offset %#x are no multiples of %#x", s.file_size, s.offset, h_.file_align));
      if (s.offset != 0 && s.offset < h_.headers_size)
        add("pe.header-size", s.name, at, absl::StrFormat("offset %#x, headers take %#x bytes", s.offset, h_.headers_size));
      end = std::max(end, uint64_t{s.address} + std::max(s.memory_size, s.content_size()));
    }
    if (h_.headers_size < table_end)
      add("pe.header-size", "header", h_.optional_at + 60, want_have(table_end, h_.headers_size));
    uint64_t image = h_.section_align == 0 ? end : (end + h_.section_align - 1) / h_.section_align * h_.section_align;
    if (!h_.sections.empty() && h_.image_size != image) add("pe.image-size", "header", h_.optional_at + 56, want_have(image, h_.image_size));
  }

  bool in_section(uint64_t address, uint64_t size) const {
    return std::any_of(h_.sections.begin(), h_.sections.end(), [&](const PeSectionHeader& s) {
      uint64_t bytes = std::max(s.memory_size, s.content_size());
      return address >= s.address && address - s.address <= bytes && size <= bytes - (address - s.address);
    });
  }

  void check_directories() {
    for (size_t i = 0; i < h_.directories.size(); i++) {
      PeDirectoryEntry d = h_.directories[i];
      if (d.address == 0 && d.size == 0) continue;
      bool good = i == objfmt::kPeCertificates ? uint64_t{d.address} + d.size <= view_.image().size() : in_section(d.address, d.size);
      if (!good)
        add("pe.directory", "header", h_.directories_at + i * 8,
            absl::StrFormat("%s: %d bytes at %#x are in no section", base::to_absl(objfmt::pe_directory_name(i)), d.size, d.address));
    }
  }

  void check_symbols() {
    const objfmt::ImageSection* table = view_.symtab();
    if (table == nullptr) return;
    base::Bytes strings = objfmt::coff_strings(view_.image(), h_);
    for (size_t i = 1; i < view_.symbol_count(*table); i++) {
      objfmt::ImageSymbol s = view_.symbol(*table, i);
      auto wrong = [&](std::string_view rule, std::string text) {
        findings_->add(rule, {.block = ".symtab", .offset = view_.record_of(i) * objfmt::kCoffRecordBytes, .name = s.name}, std::move(text));
      };
      if (s.name_offset != 0 && (s.name_offset < 4 || s.name_offset >= strings.size()))
        wrong("coff.name", concat("offset ", s.name_offset, " in strings of ", strings.size(), " bytes"));
      if (s.shndx == objfmt::kNumberOutside) wrong("coff.section", concat("there are ", h_.sections.size(), " sections"));
      const uint8_t* record = table->bytes.data() + view_.record_of(i) * objfmt::kCoffRecordBytes;
      size_t number = base::load16(record + 12), value = base::load32(record + 8);
      if (number == 0 || number > h_.sections.size()) continue;
      const PeSectionHeader& section = h_.sections[number - 1];
      if (value > std::max(section.memory_size, section.content_size()))
        wrong("coff.value", absl::StrFormat("%#x in section %s of %#x bytes", value, base::to_absl(section.name),
                                            std::max(section.memory_size, section.content_size())));
    }
  }

  // Functions in ascending order, with what tells how to leave each.
  void check_unwind() {
    constexpr uint16_t kAmd64 = 0x8664;
    if (h_.machine != kAmd64) return;
    PeTable table = pe_table(view_, h_, objfmt::kPeExceptions);
    if (table.bytes.size() % kUnwindEntry != 0) add("pdata.function", table.section, 0, concat(table.bytes.size(), " bytes are no whole entries"));
    uint64_t last = 0;
    for (size_t at = 0; at + kUnwindEntry <= table.bytes.size(); at += kUnwindEntry) {
      UnwindEntry e = unwind_entry(table.bytes, at);
      if (e.begin < last) add("pdata.order", table.section, at, absl::StrFormat("begins at %#x, the one before ends at %#x", e.begin, last));
      last = e.end;
      const objfmt::ImageSection* code = view_.section_at(h_.image_base + e.begin);
      bool good = e.begin < e.end && code != nullptr && (code->flags & objfmt::kElfFlagExec) &&
                  h_.image_base + e.end <= code->addr + code->size;
      if (!good) add("pdata.function", table.section, at, absl::StrFormat("%#x to %#x is no code", e.begin, e.end));
      std::string problem = unwind_problem(e);
      if (!problem.empty()) add("pdata.unwind", table.section, at, std::move(problem));
    }
  }

  // UNWIND_INFO: version:3 flags:5, prologue:1, codes:1, register:4 offset:4, then two bytes per code.
  std::string unwind_problem(const UnwindEntry& e) const {
    if (e.unwind % 4 != 0) return absl::StrFormat("unwind information at %#x, no multiple of 4", e.unwind);
    base::Bytes head = view_.at(h_.image_base + e.unwind, 4);
    if (head.empty()) return absl::StrFormat("no unwind information at %#x", e.unwind);
    if (unsigned version = head[0] & 7; version != 1 && version != 2) return concat("unwind information of version ", version);
    if (view_.at(h_.image_base + e.unwind, 4 + uint64_t{head[2]} * 2).empty())
      return absl::StrFormat("%d codes at %#x do not fit", head[2], e.unwind);
    return "";
  }

  void check_base_relocs() {
    PeTable table = pe_table(view_, h_, objfmt::kPeBaseRelocs);
    uint64_t last = 0;
    std::string wrong = for_each_base_reloc(
        table.bytes,
        [&](size_t at, uint64_t page) {
          if (page % kRelocPage != 0) add("reloc.block", table.section, at, absl::StrFormat("%#x is no page", page));
          if (page < last) add("reloc.block", table.section, at, absl::StrFormat("page %#x stands behind %#x", page, last));
          last = page;
        },
        [&](size_t at, BaseReloc r) { check_base_reloc(table.section, at, r); });
    if (!wrong.empty()) add("reloc.block", table.section, table.bytes.size(), std::move(wrong));
  }

  void check_base_reloc(std::string_view section, size_t at, BaseReloc r) {
    if (r.kind == kRelocPadding) return;
    uint64_t size = r.kind == kRelocDir64 ? 8 : r.kind == kRelocHighLow ? 4 : 0;
    if (size == 0) return add("reloc.kind", section, at, concat("kind ", r.kind));
    base::Bytes word = view_.at(h_.image_base + r.place, size);
    if (word.empty()) return add("reloc.place", section, at, absl::StrFormat("nothing to relocate at %#x", r.place));
    uint64_t value = size == 8 ? base::load64(word.data()) : base::load32(word.data());
    if (size == 8 && (value < h_.image_base || value - h_.image_base > h_.image_size))
      add("reloc.value", section, at, absl::StrFormat("%#x at %#x is no address in the image", value, r.place));
  }

  void check_imports() {
    PeTable table = pe_table(view_, h_, objfmt::kPeImports);
    if (table.bytes.empty()) return;
    PeImportTable imports = read_pe_imports(view_, h_);
    if (!imports.problem.empty()) add("import.table", table.section, imports.problem_at, imports.problem);
    PeDirectoryEntry addresses = h_.directory(objfmt::kPeImportAddresses);
    for (const PeImportedSymbol& s : imports.symbols) {
      auto wrong = [&](std::string text) {
        findings_->add("import.address", {.block = table.section, .offset = s.at, .name = s.name}, std::move(text));
      };
      if (s.slot < addresses.address || s.slot - addresses.address >= addresses.size)
        wrong(absl::StrFormat("address at %#x, outside the table of addresses", s.slot));
      else if (base::Bytes slot = view_.at(h_.image_base + s.slot, 8); slot.empty() || base::load64(slot.data()) != s.lookup)
        wrong(absl::StrFormat("what stands at %#x is not %#x", s.slot, s.lookup));
    }
  }

  const ImageView& view_;
  const PeHeader& h_;
  Findings* findings_;
};

}  // namespace

void verify_pe(const ImageView& view, Findings* findings) {
  absl::StatusOr<PeHeader> header = objfmt::read_pe_header(view.image());
  if (header.ok()) PeVerifier(view, *header, findings).run();
}

}  // namespace dovetail::inspect
