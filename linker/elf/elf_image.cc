#include "linker/elf/elf_image.h"

#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "linker/elf/elf_headers.h"

namespace dovetail::linker {
namespace {

using base::round_up;

// What is complained about comes behind everything that was said of single symbols.
constexpr uint64_t kOrder = uint64_t{1} << 62;

constexpr uint64_t kReserve = 4096;  // ELFRESERVE: where notes begin to grow downwards
constexpr uint32_t kGnuBuildIdTag = 3, kGoBuildIdTag = 4;

// Owner and description of a note, each padded to 4. REQUIRES: owner's length (with its NULs) is 4.
std::string note_bytes(std::string_view owner, uint32_t tag, base::Bytes description) {
  std::string out(12 + owner.size() + round_up(description.size(), 4), '\0');
  auto* p = reinterpret_cast<uint8_t*>(out.data());
  base::store32(p, static_cast<uint32_t>(owner.size()));
  base::store32(p + 4, static_cast<uint32_t>(description.size()));
  base::store32(p + 8, tag);
  std::copy(owner.begin(), owner.end(), p + 12);
  std::copy(description.begin(), description.end(), p + 12 + owner.size());
  return out;
}

class Planner {
 public:
  Planner(const Image& image, const ElfInputs& in, base::Diagnostics& diag)
      : image_(image), in_(in), diag_(diag), text_(image.segment(SegmentId::kText)) {}

  ElfPlan run() {
    plan_.type = in_.position_independent ? kElfTypeDyn : kElfTypeExec;
    plan_.machine = in_.machine->machine;
    plan_.entry = in_.entry;
    create_sections();
    place_headers();
    place_notes();
    load_segments();
    if (in_.dynamic) describe_dynamic();
    plan_.segments.push_back({kPtGnuStack, kPfW | kPfR, 0, 0, 0, 0, 8});
    plan_.segments[0].file_size = plan_.segments[0].size = plan_.segments.size() * kElfProgramHeaderSize;
    describe_sections();
    number_sections();
    place_tables();
    check_room();
    headers_.finish(&plan_);
    return std::move(plan_);
  }

 private:
  // cmd/link ld/elf.go Asmbelfsetup: the null header, then one for each section of the image.
  void create_sections() {
    headers_.find_or_add("");
    header_of_.assign(image_.sections.size(), 0);
    for_sections([&](uint32_t i, const Section& s) { header_of_[i] = headers_.find_or_add(s.name); });
  }

  template <class F>
  void for_sections(F&& f) {
    for (SegmentId id :
         {SegmentId::kText, SegmentId::kRodata, SegmentId::kRelrodata, SegmentId::kData, SegmentId::kDwarf}) {
      for (uint32_t i : image_.segment(id).sections) f(i, image_.sections[i]);
    }
  }

  // The program header table must lie in a loaded segment: the text's begins below the text.
  void place_headers() {
    uint64_t base = image_.text_address - image_.header_size;
    uint64_t address = base + kElfHeaderSize;
    plan_.segments.push_back({kPtPhdr, kPfR, kElfHeaderSize, address, 0, 0, image_.round});
    uint64_t grown = text_.address - address;
    text_.address -= grown;
    text_.size += grown;
    grown = text_.file_offset - kElfHeaderSize;
    text_.file_offset -= grown;
    text_.file_size += grown;
  }

  // A header for `bytes`, laid below what was laid before. cmd/link ld/elf.go elfnote, elfinterp.
  ElfSectionHeader& place_below(std::string_view name, uint32_t type, uint32_t align, std::string bytes) {
    uint64_t size = bytes.size();
    room_ -= size + (align > 1 ? room_ % align : 0);
    ElfSectionHeader& h = headers_[headers_.find_or_add(name)];
    h.type = type;
    h.flags = kShfAlloc;
    h.align = align;
    h.address = image_.text_address - image_.header_size + room_;
    h.offset = room_;
    h.size = size;
    below_ += size;
    plan_.pieces.push_back({room_, std::move(bytes)});
    return h;
  }

  static ElfSegmentHeader segment_of(uint32_t type, uint32_t flags, const ElfSectionHeader& h) {
    return {type, flags, h.offset, h.address, h.size, h.size, h.align};
  }

  // One PT_NOTE for both notes, which tells of the last one only.
  void place_notes() {
    if (in_.dynamic) {
      const ElfSectionHeader& h = place_below(".interp", kShtProgbits, 1, in_.interpreter + '\0');
      plan_.segments.push_back(segment_of(kPtInterp, kPfR, h));
    }
    size_t note = plan_.segments.size();
    if (!in_.gnu_build_id.empty()) {
      const ElfSectionHeader& h = place_below(".note.gnu.build-id", kShtNote, 4,
                                              note_bytes({"GNU\0", 4}, kGnuBuildIdTag, in_.gnu_build_id));
      plan_.segments.push_back(segment_of(kPtNote, kPfR, h));
    }
    if (!in_.build_id.empty()) {
      const ElfSectionHeader& h =
          place_below(".note.go.buildid", kShtNote, 4,
                      note_bytes({"Go\0\0", 4}, kGoBuildIdTag, base::as_bytes(in_.build_id)));
      plan_.segments.resize(note);
      plan_.segments.push_back(segment_of(kPtNote, kPfR, h));
    }
  }

  void load(uint32_t type, const Segment& s) {
    uint32_t flags = type == kPtGnuRelro ? kPfR : s.rwx;
    plan_.segments.push_back({type, flags, s.file_offset, s.address, s.file_size, s.size, image_.round});
    if (type != kPtLoad) return;
    // Begins on a page (cmd/link ld/elf.go fixElfPhdr).
    ElfSegmentHeader& h = plan_.segments.back();
    uint64_t part = h.address & (h.align - 1);
    h.offset -= part;
    h.address -= part;
    h.file_size += part;
    h.size += part;
  }

  void load_segments() {
    load(kPtLoad, text_);
    const Segment& rodata = image_.segment(SegmentId::kRodata);
    const Segment& relro = image_.segment(SegmentId::kRelrodata);
    if (!rodata.sections.empty()) load(kPtLoad, rodata);
    if (!relro.sections.empty()) {
      load(kPtLoad, relro);
      load(kPtGnuRelro, relro);
    }
    load(kPtLoad, image_.segment(SegmentId::kData));
  }

  // File offset of an address in the text's or a later segment, by cmd/link's rule: only the data segment has
  // a distance of its own (ld/lib.go datoff).
  uint64_t data_offset(uint64_t address) const {
    const Segment& data = image_.segment(SegmentId::kData);
    const Segment& s = address >= data.address ? data : text_;
    return address - s.address + s.file_offset;
  }

  // One of the sections that the dynamic linker reads; its place is that of its symbol.
  ElfSectionHeader& describe(std::string_view name, uint32_t type, uint64_t flags, uint64_t align,
                             uint64_t entry, std::string_view link = {}) {
    uint32_t number = headers_.find_or_add(name);
    if (!link.empty()) headers_.set_link(number, headers_.find_or_add(link));
    ElfSectionHeader& h = headers_[number];
    h.type = type;
    h.flags = kShfAlloc | flags;
    h.align = align;
    h.entry_size = entry;
    for (const Section& s : image_.sections) {
      if (s.name != name) continue;
      h.address = s.address;
      h.offset = data_offset(s.address);
      h.size = s.size;
      break;
    }
    return h;
  }

  void describe_dynamic() {
    describe(".dynsym", kShtDynsym, 0, 8, kElfSymbolSize, ".dynstr").info = 1;
    describe(".dynstr", kShtStrtab, 0, 1, 0);
    if (in_.version_needs != 0) {
      describe(".gnu.version", kShtGnuVersym, 0, 2, 2, ".dynsym");
      describe(".gnu.version_r", kShtGnuVerneed, 0, 8, 0, ".dynstr").info = in_.version_needs;
    }
    describe(".rela.plt", kShtRela, 0, 8, kElfRelaSize, ".dynsym");
    headers_.set_info(headers_.find_or_add(".rela.plt"), headers_.find_or_add(".plt"));
    describe(".rela", kShtRela, 0, 8, kElfRelaSize, ".dynsym");
    describe(".plt", kShtProgbits, kShfExec, in_.machine->plt_entry_size, in_.machine->plt_entry_size);
    describe(".got", kShtProgbits, kShfWrite, 8, 8);
    describe(".got.plt", kShtProgbits, kShfWrite, 8, 8);
    describe(".hash", kShtHash, 0, 8, 4, ".dynsym");
    plan_.segments.push_back(
        segment_of(kPtDynamic, kPfR | kPfW, describe(".dynamic", kShtDynamic, kShfWrite, 8, 16, ".dynstr")));
    for (uint32_t i : image_.segment(SegmentId::kData).sections) {
      const Section& s = image_.sections[i];
      if (s.name == ".tbss" && s.size != 0) plan_.segments.push_back({kPtTls, kPfR, 0, 0, 0, s.size, 8});
    }
  }

  // cmd/link ld/elf.go asmbElf from the label elfobj, elfshbits.
  void describe_sections() {
    if (!in_.strip_symbols) {
      symtab_ = headers_.find_or_add(".symtab");
      strtab_ = headers_.find_or_add(".strtab");
    }
    names_ = headers_.find_or_add(".shstrtab");
    for_sections([&](uint32_t i, const Section& s) {
      ElfSectionHeader& h = headers_[header_of_[i]];
      if (h.type == kShtNull) describe_section(s, &h);
    });
  }

  void describe_section(const Section& s, ElfSectionHeader* h) const {
    const Segment& segment = s.segment == SegmentId::kText ? text_ : image_.segment(s.segment);
    bool tls = s.name == ".tbss", debug = s.name.starts_with(".debug") || s.name.starts_with(".zdebug");
    h->type = s.address >= segment.address + segment.file_size ? kShtNobits
              : s.name == ".init_array"                        ? kShtInitArray
                                                               : kShtProgbits;
    h->flags = kShfAlloc | (s.rwx & 1 ? kShfExec : 0) | (s.rwx & 2 ? kShfWrite : 0);
    h->address = s.address;
    if (tls) {
      h->flags |= kShfTls;
      h->type = kShtNobits;
    }
    if (debug) {
      h->flags = s.compressed ? kShfCompressed : 0;
      h->address = 0;
    }
    h->align = s.align;
    h->size = s.size;
    if (!tls) h->offset = segment.file_offset + s.address - segment.address;
  }

  void number_sections() {
    headers_.sort();
    plan_.names_section = headers_.number(names_);
    plan_.section_number.assign(image_.sections.size(), 0);
    for_sections(
        [&](uint32_t i, const Section&) { plan_.section_number[i] = headers_.number(header_of_[i]); });
    plan_.names = headers_.name_table();
    if (headers_.count() >= 0xffff) diag_.error(kOrder + 1, "too many ELF sections");
  }

  void place_tables() {
    const Segment& dwarf = image_.segment(SegmentId::kDwarf);
    uint64_t at = round_up(dwarf.file_offset + dwarf.file_size, 8);
    if (!in_.strip_symbols) {
      ElfSectionHeader& symtab = headers_[symtab_];
      symtab.type = kShtSymtab;
      symtab.offset = plan_.symtab_offset = at;
      symtab.size = in_.symtab_size;
      symtab.align = 8;
      symtab.entry_size = kElfSymbolSize;
      symtab.info = in_.first_global;
      headers_.set_link(symtab_, strtab_);
      at += in_.symtab_size;
      ElfSectionHeader& strtab = headers_[strtab_];
      strtab.type = kShtStrtab;
      strtab.offset = plan_.strtab_offset = at;
      strtab.size = in_.strtab_size;
      strtab.align = 1;
      at += in_.strtab_size;
    }
    ElfSectionHeader& names = headers_[names_];
    names.type = kShtStrtab;
    names.offset = plan_.names_offset = at;
    names.size = plan_.names.size();
    names.align = 1;
    plan_.file_size = at + plan_.names.size();
  }

  void check_room() {
    uint64_t used = kElfHeaderSize + plan_.segments.size() * kElfProgramHeaderSize +
                    headers_.count() * kElfSectionHeaderSize + below_;
    auto complain = [&](uint64_t order, const char* what, uint64_t limit) {
      if (used <= limit) return;
      diag_.error(order, base::concat(what, " too small: ", used, " > ", limit, " with 1 text sections"));
    };
    complain(kOrder + 2, "ELFRESERVE", kReserve);
    complain(kOrder + 3, "HEADR", image_.header_size);
  }

  const Image& image_;
  const ElfInputs& in_;
  base::Diagnostics& diag_;
  Segment text_;  // as the headers tell of it: grown downwards
  ElfPlan plan_;
  ElfHeaderTable headers_;
  std::vector<uint32_t> header_of_;  // of Image::sections
  uint32_t symtab_ = 0, strtab_ = 0, names_ = 0;
  uint64_t room_ = kReserve;  // next piece ends here
  uint64_t below_ = 0;        // bytes of all pieces
};

}  // namespace

ElfPlan plan_elf(const Image& image, const ElfInputs& inputs, base::Diagnostics& diag) {
  return Planner(image, inputs, diag).run();
}

std::string elf_interpreter(const ElfMachine& machine, std::string_view chosen) {
  if (!chosen.empty()) return std::string(chosen);
  // The output depends on the machine that links here, as cmd/link's does (ld/elf.go asmbElf).
  if (!base::file_exists(machine.interpreter) && base::file_exists(machine.musl_interpreter)) {
    return machine.musl_interpreter;
  }
  return machine.interpreter;
}

}  // namespace dovetail::linker
