// Executables and objects of Windows, in the terms of ImageView. A PE image's sections are what the system maps, so they
// are its segments. What Go's tables tell apart within .rdata and .data are sections with the names that ELF gives them;
// the symbol table and its strings are sections that are not loaded, as is what the system may discard: debug
// information and base relocations. Of objects, where nothing is mapped, sections are sections.
//
// cmd/link gives Go's tables no sections of their own here (ld/data.go dodataSect and address, Go 1.26), and a stripped
// image has no symbols. So they are found by what they hold: the pclntab by its magic, the module data by its first
// words, which point there.
#include <algorithm>
#include <array>
#include <optional>

#include "absl/strings/str_format.h"
#include "objfmt/image_view.h"
#include "objfmt/pe_header.h"

namespace dovetail::objfmt {
namespace {

using base::load16, base::load32, base::load64;

constexpr uint32_t kLoad = 1, kProgbits = 1;
constexpr std::string_view kPclntabMagic("\xf1\xff\xff\xff\0\0", 6), kBuildInfoMagic("\xff Go buildinf:"),
    kFipsInfoMagic("\xff Go fipsinfo \xff\0", 16);
constexpr size_t kModuleSize = 592, kPclntabHeaderSize = 72, kFipsInfoSize = 120;

struct Part {
  std::string_view name;
  uint64_t begin, end;  // addresses
};

// DWARF's sections as they are called elsewhere; compressed ones begin with "ZLIB".
std::string_view plain_name(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 13> kCompressed = {{
      {".zdebug_abbrev", ".debug_abbrev"}, {".zdebug_line", ".debug_line"}, {".zdebug_frame", ".debug_frame"},
      {".zdebug_info", ".debug_info"}, {".zdebug_loc", ".debug_loc"}, {".zdebug_loclists", ".debug_loclists"},
      {".zdebug_ranges", ".debug_ranges"}, {".zdebug_rnglists", ".debug_rnglists"}, {".zdebug_addr", ".debug_addr"},
      {".zdebug_str", ".debug_str"}, {".zdebug_line_str", ".debug_line_str"}, {".zdebug_types", ".debug_types"},
      {".zdebug_gdb_scripts", ".debug_gdb_scripts"},
  }};
  for (auto [zipped, plain] : kCompressed) {
    if (zipped == name) return plain;
  }
  return name;
}

uint64_t elf_flags(uint32_t characteristics, bool is_image) {
  if ((characteristics & kPeIsDiscardable) || !(characteristics & kPeMayRead)) return 0;
  bool code = characteristics & (is_image ? kPeMayExecute : kPeMayExecute | kPeHoldsCode);
  return kElfFlagAlloc | (characteristics & kPeMayWrite ? kElfFlagWrite : 0) | (code ? kElfFlagExec : 0);
}

}  // namespace

class PeReader {
 public:
  PeReader(base::Bytes image, PeHeader header) : image_(image), header_(std::move(header)) {}

  ImageView run() {
    view_.image_ = image_;
    view_.format_ = ImageFormat::kPe;
    view_.problems_ = header_.problems;
    view_.sections_.emplace_back();
    if (header_.is_image) find_go_tables();
    for (const PeSectionHeader& s : header_.sections) {
      view_.numbered_.push_back({address(s), static_cast<uint32_t>(view_.sections_.size())});
      add_section(s);
    }
    view_.numbered_.push_back({0, static_cast<uint32_t>(view_.sections_.size())});
    if (header_.symbols_at != 0) add_symbols();
    finish_header();
    view_.index_addresses();
    return std::move(view_);
  }

 private:
  void problem(std::string text) { view_.problems_.push_back(std::move(text)); }

  base::Bytes clamp(uint64_t offset, uint64_t size) const {
    if (offset >= image_.size()) return {};
    return image_.subspan(offset, std::min<uint64_t>(size, image_.size() - offset));
  }
  base::Bytes contents(const PeSectionHeader& s) const { return s.offset == 0 ? base::Bytes() : clamp(s.offset, s.content_size()); }
  uint64_t address(const PeSectionHeader& s) const { return header_.image_base + s.address; }

  // ---- Go's tables ----

  // Sections of a damaged file may overlap, and hold many a beginning of a pclntab: what is searched is bounded.
  bool afford(size_t bytes) {
    bool enough = bytes <= budget_;
    budget_ -= std::min(bytes, budget_);
    return enough;
  }

  void find_go_tables() {
    for (const PeSectionHeader& s : header_.sections) {
      if ((s.characteristics & (kPeMayWrite | kPeMayExecute | kPeIsDiscardable)) == 0 && find_pclntab(s)) return;
    }
  }

  bool find_pclntab(const PeSectionHeader& s) {
    base::Bytes bytes = contents(s);
    std::string_view text = base::as_text(bytes);
    if (!afford(bytes.size())) return false;
    for (size_t at = text.find(kPclntabMagic); at != text.npos; at = text.find(kPclntabMagic, at + 1)) {
      if (at % 8 != 0 || bytes.size() - at < kPclntabHeaderSize) continue;
      uint64_t table = address(s) + at, names = table + load64(&bytes[at + 32]);
      for (const PeSectionHeader& data : header_.sections) {
        if ((data.characteristics & kPeMayWrite) && find_module(data, table, names)) return true;
      }
    }
    return false;
  }

  // The module data begins with the addresses of the pclntab and of its names; one of them may be damaged.
  bool find_module(const PeSectionHeader& s, uint64_t table, uint64_t names) {
    base::Bytes bytes = contents(s);
    std::optional<size_t> best;
    if (!afford(bytes.size())) return false;
    for (size_t at = 0; at + kModuleSize <= bytes.size(); at += 8) {
      bool first = load64(&bytes[at]) == table, second = load64(&bytes[at + 8]) == names;
      if (first && second) return add_parts(s, at), true;
      if ((first || second) && !best) best = at;
    }
    if (best) add_parts(s, *best);
    return best.has_value();
  }

  // moduledata's words: src/runtime/symtab.go, Go 1.26. In .data, build information and FIPS's are found by their magic.
  void add_parts(const PeSectionHeader& data, size_t at) {
    base::Bytes bytes = contents(data), module = bytes.subspan(at, kModuleSize);
    auto word = [&](size_t i) { return load64(&module[i]); };
    auto add = [&](std::string_view name, uint64_t begin, uint64_t size) {
      if (size != 0 && begin + size > begin) parts_.push_back({name, begin, begin + size});
    };
    add(".gopclntab", word(0), word(0x148) - word(0));
    add(".typelink", word(0x168), word(0x170) * 4);
    add(".itablink", word(0x180), word(0x188) * 8);
    uint64_t start = address(data);
    std::string_view front = base::as_text(bytes.first(at));
    size_t build = front.find(kBuildInfoMagic), fips = front.find(kFipsInfoMagic);
    // The magic of FIPS is what the information begins with; the symbol of it stands at the table's start.
    if (build != front.npos) add(".go.buildinfo", start + build, end_of_build_info(bytes.first(std::min(at, fips)), build) - build);
    if (fips != front.npos) add(".go.fipsinfo", start + fips, std::min(kFipsInfoSize, at - fips));
    PeDirectoryEntry imports = header_.directory(kPeImportAddresses);
    add(".windynamic", header_.image_base + imports.address, imports.size);
    add(".go.module", start + at, kModuleSize);
    add(".noptrdata", word(0xc0), word(0xc8) - word(0xc0));
    add(".data", word(0xd0), word(0xd8) - word(0xd0));
    add(".bss", word(0xe0), word(0xe8) - word(0xe0));
    add(".noptrbss", word(0xf0), word(0xf8) - word(0xf0));
    std::stable_sort(parts_.begin(), parts_.end(), [](const Part& a, const Part& b) { return a.begin < b.begin; });
  }

  // Behind 32 bytes two strings, each with its length in front (debug/buildinfo, Go 1.18 and later).
  static size_t end_of_build_info(base::Bytes bytes, size_t at) {
    constexpr size_t kHead = 32;
    if (bytes.size() - at < kHead) return bytes.size();
    const uint8_t *p = bytes.data() + at + kHead, *end = bytes.data() + bytes.size();
    for (int i = 0; i < 2; i++) {
      uint64_t length = base::read_uleb(p, end);
      if (length > static_cast<uint64_t>(end - p)) return bytes.size();
      p += length;
    }
    return static_cast<size_t>(p - bytes.data());
  }

  // ---- Sections ----

  void add_section(const PeSectionHeader& s) {
    base::Bytes bytes = contents(s);
    if (s.offset != 0 && bytes.size() < s.content_size()) {
      problem(absl::StrFormat("section %s: %d bytes at %#x, the file holds %d of them", s.name, s.content_size(), s.offset, bytes.size()));
    }
    bool loaded = header_.is_image;
    if (loaded) {
      uint32_t c = s.characteristics, flags = (c & kPeMayRead ? 4 : 0) | (c & kPeMayWrite ? 2 : 0) | (c & kPeMayExecute ? 1 : 0);
      view_.segments_.push_back({kLoad, flags, s.offset, address(s), address(s), s.content_size(), s.memory_size, 1, s.name});
    }
    if (header_.symbols_at != 0 && s.offset == header_.symbols_at) return;  // add_symbols has it
    uint64_t begin = address(s), end = begin + std::max(s.memory_size, s.content_size()), at = begin;
    if (s.name.starts_with(".zdebug_")) end = begin + s.content_size();
    for (const Part& p : parts_) {
      if (p.begin < at || p.end > end) continue;
      add_rest(s, at, p.begin);
      add_piece(s, p.name, p.begin, p.end);
      at = p.end;
    }
    if (at == begin) add_piece(s, plain_name(s.name), begin, end);
    else add_rest(s, at, end);
  }

  // What lies between parts, if it is more than padding.
  void add_rest(const PeSectionHeader& s, uint64_t begin, uint64_t end) {
    uint64_t offset = begin - address(s);
    base::Bytes bytes = contents(s);
    bytes = bytes.subspan(std::min<uint64_t>(offset, bytes.size()));
    bytes = bytes.first(std::min<uint64_t>(bytes.size(), end - begin));
    if (!afford(bytes.size())) return;
    if (std::any_of(bytes.begin(), bytes.end(), [](uint8_t b) { return b != 0; })) {
      add_piece(s, s.name == ".rdata" ? ".rodata" : s.name, begin, end);
    }
  }

  void add_piece(const PeSectionHeader& s, std::string_view name, uint64_t begin, uint64_t end) {
    ImageSection piece{};
    piece.name = name;
    piece.type = kProgbits;
    piece.flags = elf_flags(s.characteristics, header_.is_image);
    if (s.name.starts_with(".zdebug_")) piece.flags |= kElfFlagCompressed;
    piece.addr = begin;
    piece.size = end - begin;
    piece.addralign = 1;
    piece.characteristics = s.characteristics;
    uint64_t from = begin - address(s), held = s.offset == 0 ? 0 : s.content_size();
    piece.offset = s.offset == 0 ? 0 : s.offset + from;
    // What the file has of zeros is padding.
    bool zeros = name == ".bss" || name == ".noptrbss";
    if (from >= held || (zeros && header_.is_image)) piece.type = kElfSectionNobits, piece.offset = 0;
    else piece.bytes = clamp(s.offset + from, std::min(held - from, end - begin));
    view_.sections_.push_back(piece);
  }

  // ---- Symbols ----

  void add_symbols() {
    ImageSection table{}, strings{};
    table.name = ".symtab";
    table.type = kCoffSymbolTable;
    table.offset = header_.symbols_at;
    table.size = header_.symbol_count * kCoffRecordBytes;
    table.bytes = clamp(table.offset, table.size);
    table.link = static_cast<uint32_t>(view_.sections_.size() + 1);
    table.entsize = kCoffRecordBytes;
    table.addralign = strings.addralign = 1;
    strings.name = ".strtab";
    strings.type = kElfSectionStrtab;
    strings.offset = header_.strings_at();
    base::Bytes size = clamp(strings.offset, 4);
    strings.size = size.size() < 4 ? 4 : std::max<uint64_t>(4, load32(size.data()));
    strings.bytes = clamp(strings.offset, strings.size);
    for (const ImageSection* s : {&table, &strings}) {
      if (s->bytes.size() < s->size)
        problem(absl::StrFormat("%s: %d bytes at %#x, the file holds %d of them", s->name, s->size, s->offset, s->bytes.size()));
    }
    if (header_.symbol_count != 0) view_.sections_.push_back(table);
    view_.sections_.push_back(strings);
    // The number of records that belong to one is the last byte of it. Of their values each reaches to the next.
    // cmd/internal/objfile/pe.go symbols, debug/pe/symbol.go removeAuxSymbols, Go 1.26.
    uint64_t count = table.bytes.size() / kCoffRecordBytes;
    for (uint64_t i = 0; i < count; i++) {
      const uint8_t* record = table.bytes.data() + i * kCoffRecordBytes;
      view_.records_.push_back(static_cast<uint32_t>(i));
      view_.values_.push_back(view_.coff_value(record));
      i += record[17];
    }
    std::sort(view_.values_.begin(), view_.values_.end());
  }

  void finish_header() {
    constexpr uint16_t kRelocsStripped = 1, k386 = 0x14c, kAmd64 = 0x8664, kArm64 = 0xaa64, kArm = 0x1c4, kElf386 = 3, kElfArm = 40;
    ImageHeader& h = view_.header_;
    std::copy_n(image_.data(), sizeof h.ident, h.ident);
    h.ident[6] = 1;
    h.version = 1;
    h.machine = header_.machine == kAmd64   ? kElfMachineAmd64
                : header_.machine == kArm64 ? kElfMachineArm64
                : header_.machine == k386   ? kElf386
                : header_.machine == kArm   ? kElfArm
                                            : uint16_t{0};
    h.flags = header_.flags;
    h.type = !header_.is_image                   ? kElfTypeRelocatable
             : header_.flags & kRelocsStripped ? kElfTypeExecutable
                                               : kElfTypeDynamic;
    if (header_.entry != 0) h.entry = header_.image_base + header_.entry;
    h.phoff = h.shoff = header_.sections_at;
    h.phnum = static_cast<uint16_t>(view_.segments_.size());
    h.shnum = static_cast<uint16_t>(view_.sections_.size());
  }

  base::Bytes image_;
  PeHeader header_;
  size_t budget_ = image_.size() * 8;
  ImageView view_;
  std::vector<Part> parts_;  // by address
};

absl::StatusOr<ImageView> parse_pe(base::Bytes image) {
  absl::StatusOr<PeHeader> header = read_pe_header(image);
  if (!header.ok()) return header.status();
  return PeReader(image, *std::move(header)).run();
}

uint64_t ImageView::coff_value(const uint8_t* record) const {
  uint64_t value = load32(record + 8);
  size_t number = load16(record + 12);
  return number != 0 && number < numbered_.size() ? numbered_[number - 1].address + value : value;
}

ImageSymbol ImageView::coff_symbol(const ImageSection& table, size_t index) const {
  constexpr uint16_t kAbsolute = 0xffff, kDebug = 0xfffe, kFunctionType = 0x20;
  constexpr uint8_t kVariable = 1, kFunction = 2, kGlobal = 1, kExternal = 2;
  ImageSymbol s{};
  if (index == 0) return s;
  const uint8_t* p = table.bytes.data() + records_[index - 1] * kCoffRecordBytes;
  if (load32(p) != 0) {
    s.name = string_at({p, 8}, 0);
  } else if (s.name_offset = load32(p + 4); s.name_offset != 0 && table.link < sections_.size()) {
    s.name = string_at(sections_[table.link].bytes, s.name_offset);
  }
  size_t number = load16(p + 12);
  s.value = coff_value(p);
  s.size = size_up_to_next(s.value);
  bool function = load16(p + 14) == kFunctionType;
  s.info = static_cast<uint8_t>((p[16] == kExternal ? kGlobal << 4 : 0) | (number == 0 ? 0 : function ? kFunction : kVariable));
  s.other = p[16];
  if (number == kAbsolute || number == kDebug) {
    s.shndx = number == kAbsolute ? kElfAbsolute : kNumberOfNone;
  } else if (number >= numbered_.size()) {
    s.shndx = kNumberOutside;
  } else if (number != 0) {
    // Of the sections that it is here, the last one that begins no later.
    size_t at = numbered_[number - 1].first, end = numbered_[number].first;
    s.shndx = at < end && end <= kElfReserved ? static_cast<uint16_t>(at) : kNumberOfNone;
    for (; s.shndx == at && at + 1 < end && sections_[at + 1].addr <= s.value; at++) s.shndx = static_cast<uint16_t>(at + 1);
  }
  return s;
}

}  // namespace dovetail::objfmt
