// Executables and objects of macOS, in the terms of ImageView: a section's name is what ELF calls it, a segment that takes memory is
// PT_LOAD, parts of __LINKEDIT are sections that are not loaded.
//
// Layout (Apple's <mach-o/loader.h>, <mach-o/nlist.h>):
//
//   header 32 bytes:   magic:4 cpu:4 subcpu:4 type:4 commands:4 size of commands:4 flags:4 reserved:4
//   command:           type:4 size:4 …
//   segment 72:        command:8 name[16] address:8 memory:8 offset:8 file:8 max protection:4 protection:4 sections:4
//                      flags:4, then 80 for each section: name[16] segment[16] address:8 size:8 offset:4 align:4
//                      relocations:8 flags:4 reserved:12
//   symbol 16:         name:4 type:1 section:1 desc:2 value:8
#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_format.h"
#include "objfmt/image_headers.h"
#include "objfmt/image_view.h"

namespace dovetail::objfmt {
namespace {

using base::load32, base::load64;

constexpr size_t kHeaderSize = 32, kSegmentSize = 72, kSectionSize = 80;
constexpr uint32_t kObject = 1, kExecute = 2;
constexpr uint32_t kSegment64 = 0x19, kSymtab = 2, kDysymtab = 0xb, kUnixThread = 5, kMain = 0x80000028,
                   kDyldInfoOnly = 0x80000022, kCodeSignature = 0x1d;
constexpr uint32_t kLoad = 1, kZerofill = 1, kSectionTypeMask = 0xff, kSomeInstructions = 0x400;
constexpr uint32_t kProgbits = 1;

std::string_view fixed_text(const uint8_t* p) {
  auto text = base::as_text({p, p + 16});
  return text.substr(0, std::min(text.find('\0'), text.size()));
}

// Names of ELF sections by those of Mach-O; others keep their own. A name of 16 bytes may have been longer.
std::string_view elf_name(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 29> kNames = {{
      {"__text", ".text"}, {"__symbol_stub1", ".plt"}, {"__rodata", ".rodata"}, {"__typelink", ".typelink"},
      {"__itablink", ".itablink"}, {"__gopclntab", ".gopclntab"}, {"__go_buildinfo", ".go.buildinfo"},
      {"__go_fipsinfo", ".go.fipsinfo"}, {"__go_module", ".go.module"}, {"__go_fuzzcntrs", ".go.fuzzcntrs"},
      {"__got", ".got"}, {"__noptrdata", ".noptrdata"}, {"__data", ".data"}, {"__bss", ".bss"},
      {"__noptrbss", ".noptrbss"}, {"__debug_abbrev", ".debug_abbrev"}, {"__debug_line", ".debug_line"},
      {"__debug_frame", ".debug_frame"}, {"__debug_gdb_scri", ".debug_gdb_scripts"}, {"__debug_info", ".debug_info"},
      {"__debug_loc", ".debug_loc"}, {"__debug_ranges", ".debug_ranges"}, {"__zdebug_abbrev", ".debug_abbrev"},
      {"__zdebug_line", ".debug_line"}, {"__zdebug_frame", ".debug_frame"}, {"__zdebug_gdb_scr", ".debug_gdb_scripts"},
      {"__zdebug_info", ".debug_info"}, {"__zdebug_loc", ".debug_loc"}, {"__zdebug_ranges", ".debug_ranges"},
  }};
  for (auto [macho, elf] : kNames) {
    if (macho == name) return elf;
  }
  return name;
}

base::Bytes clamp(base::Bytes bytes, uint64_t offset, uint64_t size) {
  if (offset >= bytes.size()) return {};
  return bytes.subspan(offset, std::min<uint64_t>(size, bytes.size() - offset));
}

}  // namespace

class MachoReader {
 public:
  explicit MachoReader(base::Bytes image) : image_(image) {}

  absl::StatusOr<ImageView> run() {
    if (image_.size() < kHeaderSize) return absl::InvalidArgumentError("not a Mach-O file: shorter than its header");
    uint32_t type = load32(image_.data() + 12);
    if (type != kExecute && type != kObject) {
      return absl::InvalidArgumentError(
          absl::StrFormat("Mach-O file type %d, only objects (1) and executables (2) are read", type));
    }
    is_object_ = type == kObject;
    view_.image_ = image_;
    view_.format_ = ImageFormat::kMacho;
    view_.sections_.emplace_back();
    std::string wrong = for_each_load_command(
        image_, [this](uint64_t, base::Bytes command) { read_command(load32(command.data()), command); });
    if (!wrong.empty()) problem(std::move(wrong));
    for (ImageSection& s : linkedit_) view_.sections_.push_back(s);
    finish_header();
    link_symbols();
    view_.index_addresses();
    if (const ImageSection* table = view_.symtab()) read_values(*table);
    return std::move(view_);
  }

 private:
  void problem(std::string text) { view_.problems_.push_back(std::move(text)); }

  void read_command(uint32_t type, base::Bytes c) {
    auto word = [&](size_t i) { return 8 + 4 * i + 4 <= c.size() ? load32(c.data() + 8 + 4 * i) : 0; };
    switch (type) {
      case kSegment64: return read_segment(c);
      case kSymtab:
        if (std::exchange(has_symtab_, true)) return problem("a second symbol table");
        add_part(".symtab", kMachoSymbolTable, word(0), uint64_t{word(1)} * 16);
        linkedit_.back().link = 1;  // the section behind it, for the time being
        linkedit_.back().entsize = 16;
        add_part(".strtab", kElfSectionStrtab, word(2), word(3));
        return;
      case kDysymtab: return add_part(".indirect", kProgbits, word(12), uint64_t{word(13)} * 4);
      case kDyldInfoOnly:
        add_part(".rebase", kProgbits, word(0), word(1));
        return add_part(".bind", kProgbits, word(2), word(3));
      case kCodeSignature: return add_part(".signature", kProgbits, word(0), word(1));
      case kMain: entry_offset_ = uint64_t{word(1)} << 32 | word(0); return;
      case kUnixThread: view_.header_.entry = uint64_t{word(35)} << 32 | word(34); return;
    }
  }

  void add_part(std::string_view name, uint32_t type, uint64_t offset, uint64_t size) {
    ImageSection s{};
    s.name = name;
    s.type = type;
    s.offset = offset;
    s.size = size;
    s.addralign = 1;
    s.bytes = clamp(image_, offset, size);
    if (s.bytes.size() < size) problem(absl::StrFormat("%s: %d bytes at %#x, the file holds %d of them", name, size, offset, s.bytes.size()));
    linkedit_.push_back(s);
  }

  void read_segment(base::Bytes c) {
    if (c.size() < kSegmentSize) return problem("segment command of fewer than 72 bytes");
    const uint8_t* p = c.data();
    std::string_view name = fixed_text(p + 8);
    uint64_t address = load64(p + 24), memory = load64(p + 32), offset = load64(p + 40), size = load64(p + 48);
    uint32_t protection = load32(p + 60), count = load32(p + 64);
    uint32_t flags = (protection & 1) << 2 | (protection & 2) | (protection & 4) >> 2;
    if (memory != 0 && flags != 0 && !is_object_)
      view_.segments_.push_back({kLoad, flags, offset, address, address, size, memory, 1, name});
    if (name == "__TEXT") text_address_ = address;
    if (count > (c.size() - kSegmentSize) / kSectionSize) {
      problem(absl::StrFormat("segment %s: %d sections, the command holds %d", name, count, (c.size() - kSegmentSize) / kSectionSize));
      count = static_cast<uint32_t>((c.size() - kSegmentSize) / kSectionSize);
    }
    for (uint32_t i = 0; i < count; i++) read_section(p + kSegmentSize + i * kSectionSize);
  }

  void read_section(const uint8_t* p) {
    ImageSection s{};
    std::string_view name = fixed_text(p), segment = fixed_text(p + 16);
    s.name = elf_name(name);
    s.addr = load64(p + 32);
    s.size = load64(p + 40);
    s.offset = load32(p + 48);
    s.addralign = uint64_t{1} << std::min(load32(p + 52), 63u);
    uint32_t flags = load32(p + 64);
    s.type = (flags & kSectionTypeMask) == kZerofill ? kElfSectionNobits : kProgbits;
    if (segment == "__DWARF") {
      if (name.starts_with("__zdebug")) s.flags = kElfFlagCompressed;
    } else {
      s.flags = kElfFlagAlloc | (segment == "__DATA" ? kElfFlagWrite : 0) | (flags & kSomeInstructions ? kElfFlagExec : 0);
    }
    if (s.type != kElfSectionNobits) s.bytes = clamp(image_, s.offset, s.size);
    if (s.type != kElfSectionNobits && s.bytes.size() < s.size) {
      problem(absl::StrFormat("section %s: %d bytes at %#x, the file holds %d of them", name, s.size, s.offset, s.bytes.size()));
    }
    view_.sections_.push_back(s);
  }

  void finish_header() {
    ImageHeader& h = view_.header_;
    constexpr uint32_t kAmd64 = 0x01000007, kArm64 = 0x0100000c, kPie = 0x200000;
    uint32_t cpu = load32(image_.data() + 4);
    std::copy_n(image_.data(), sizeof h.ident, h.ident);
    h.ident[6] = 1;
    h.version = 1;
    h.machine = cpu == kAmd64 ? kElfMachineAmd64 : cpu == kArm64 ? kElfMachineArm64 : uint16_t{0};
    h.flags = load32(image_.data() + 24);
    h.type = is_object_ ? kElfTypeRelocatable : h.flags & kPie ? kElfTypeDynamic : kElfTypeExecutable;
    h.phoff = h.shoff = kHeaderSize;
    h.phnum = static_cast<uint16_t>(view_.segments_.size());
    h.shnum = static_cast<uint16_t>(view_.sections_.size());
    if (entry_offset_ != 0) h.entry = text_address_ + entry_offset_;
  }

  void link_symbols() {
    std::vector<ImageSection>& all = view_.sections_;
    for (size_t i = 0; i < all.size(); i++) {
      if (all[i].type == kMachoSymbolTable) all[i].link = static_cast<uint32_t>(i + 1);
    }
  }

  // A symbol reaches to the next; those for debuggers are passed over. cmd/internal/objfile/macho.go symbols, Go 1.26.
  void read_values(const ImageSection& table) {
    constexpr uint8_t kStab = 0xe0;
    for (uint32_t i = 0; (uint64_t{i} + 1) * 16 <= table.bytes.size(); i++) {
      const uint8_t* record = table.bytes.data() + uint64_t{i} * 16;
      if (record[4] & kStab) continue;
      view_.records_.push_back(i);
      view_.values_.push_back(load64(record + 8));
    }
    std::sort(view_.values_.begin(), view_.values_.end());
  }

  base::Bytes image_;
  ImageView view_;
  std::vector<ImageSection> linkedit_;
  uint64_t text_address_ = 0, entry_offset_ = 0;
  bool is_object_ = false, has_symtab_ = false;
};

absl::StatusOr<ImageView> parse_macho(base::Bytes image) { return MachoReader(image).run(); }

ImageSymbol ImageView::macho_symbol(const ImageSection& table, size_t index) const {
  ImageSymbol s{};
  if (index == 0) return s;
  const uint8_t* p = table.bytes.data() + uint64_t{records_[index - 1]} * 16;
  constexpr uint8_t kVariable = 1, kFunction = 2, kGlobal = 1;
  s.name_offset = load32(p);
  s.shndx = p[5];
  s.value = load64(p + 8);
  s.size = size_up_to_next(s.value);
  bool code = s.shndx < sections_.size() && sections_[s.shndx].name == ".text";
  s.info = static_cast<uint8_t>(kGlobal << 4 | (s.shndx == 0 ? 0 : code ? kFunction : kVariable));
  if (table.link < sections_.size()) s.name = string_at(sections_[table.link].bytes, s.name_offset);
  // The linker puts '_' before all names; those of C have no dot. debug/macho/file.go parseSymtab, Go 1.26.
  if (s.name.starts_with('_') && s.name.find('.') != std::string_view::npos) s.name.remove_prefix(1);
  return s;
}

}  // namespace dovetail::objfmt
