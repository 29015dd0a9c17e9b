// What go tool nm says of a symbol: cmd/internal/objfile/{objfile,goobj,elf,macho,pe}.go and debug/elf/file.go, Go 1.26.
//
// The address of an object's symbol is the offset of its data in the goobj, which depends on the sizes of all blocks
// in front of it. A dense object does not keep that layout, it can only be made again: so a dense member is turned
// back into goobj, and the rest is the same for both.
#include "linker/cli/nm_read.h"

#include "base/go_text.h"
#include "base/pdqsort.h"
#include "base/text.h"
#include "compiler-emit/to_goobj.h"
#include "objfmt/dense/view.h"
#include "objfmt/image_view.h"
#include "objfmt/pe_header.h"
#include "objfmt/goobj/view.h"

namespace dovetail::linker {
namespace {

namespace goobj = objfmt::goobj;
using objfmt::ImageFormat;
using objfmt::ImageView;

absl::Status failure(std::string_view text) { return absl::InvalidArgumentError(base::to_absl(text)); }

// objabi.SymKind's names.
const char* kind_name(uint8_t kind) {
  static constexpr const char* kNames[] = {
      "none", "text", "textfips", "rodata", "rodatafips", "noptrdata", "noptrdatafips", "data", "datafips",
      "bss", "noptrbss", "tlsbss", "dwarfcuinfo", "dwarfconst", "dwarffcn", "dwarfabsfcn", "dwarftype", "dwarfvar",
      "dwarfrange", "dwarfloc", "dwarflines", "dwarfaddr", "libfuzzer_8bit_counter", "coverage_counter",
      "coverage_auxvar", "sehunwindinfo",
  };
  return kind < sizeof kNames / sizeof kNames[0] ? kNames[kind] : "unknown";
}

char goobj_code(objfmt::SymKind kind) {
  using objfmt::SymKind;
  switch (kind) {
    case SymKind::kText: case SymKind::kTextFips: return 'T';
    case SymKind::kRodata: case SymKind::kRodataFips: return 'R';
    case SymKind::kNoptrdata: case SymKind::kNoptrdataFips: case SymKind::kData: case SymKind::kDataFips: return 'D';
    case SymKind::kBss: case SymKind::kNoptrbss: case SymKind::kTlsBss: return 'B';
    default: return '?';
  }
}

// Also of '?', which becomes '_'.
char local_code(char code) { return static_cast<char>(code + ('a' - 'A')); }

absl::Status read_goobj(base::Bytes object, NmTable* table) {
  absl::StatusOr<goobj::View> parsed = goobj::View::parse(object);
  if (!parsed.ok()) return parsed.status();
  const goobj::View& v = *parsed;
  for (uint32_t i = 0; i < v.def_count(); i++) {
    NmSymbol s;
    s.name = v.name(i);
    if (s.name.empty()) continue;
    s.code = goobj_code(v.kind(i));
    if (v.abi(i) == goobj::kAbiStatic) {
      s.name = table->names.keep(base::concat(s.name, "<1>"));
      s.code = local_code(s.code);
    }
    s.address = v.data_offset(i);
    s.size = v.size(i);
    s.kind = kind_name(v.symbol_record(i)[10]);
    table->symbols.push_back(s);
  }
  for (uint32_t i = v.def_count(); i < v.symbol_count(); i++) {
    table->symbols.push_back({.name = v.name(i), .code = 'U', .kind = "undefined"});
  }
  for (uint32_t i = 0; i < v.ref_name_count(); i++) {
    table->symbols.push_back({.name = v.ref_name(i), .code = 'U', .kind = "undefined"});
  }
  return absl::OkStatus();
}

// The letter of a section of an image's.
char section_code(const ImageView& v, const objfmt::ImageSection& section) {
  using namespace objfmt;
  if (v.format() == ImageFormat::kPe) {
    uint32_t c = section.characteristics;
    return c & kPeHoldsCode    ? 'T'
           : c & kPeHoldsData  ? (c & kPeMayWrite ? 'D' : 'R')
           : c & kPeHoldsZeros ? 'B'
                               : '?';
  }
  uint64_t flags = section.flags & (kElfFlagWrite | kElfFlagAlloc | kElfFlagExec);
  bool macho = v.format() == ImageFormat::kMacho, zeroed = section.name == ".bss" || section.name == ".noptrbss";
  if (flags == (kElfFlagAlloc | kElfFlagExec)) return !macho || section.name == ".text" ? 'T' : 'R';
  if (flags == (kElfFlagAlloc | kElfFlagWrite)) return macho && zeroed ? 'B' : 'D';
  return flags == kElfFlagAlloc ? 'R' : '?';
}

void describe_image_symbol(const ImageView& v, const objfmt::ImageSymbol& symbol, NmSymbol* s) {
  static constexpr const char* kTypes[] = {"notype", "object", "func", "section", "file", "common", "tls"};
  s->kind = (symbol.info & 15) < sizeof kTypes / sizeof kTypes[0] ? kTypes[symbol.info & 15] : "unknown";
  if (symbol.shndx == objfmt::kElfUndefined) {
    s->code = 'U';
  } else if (v.format() == ImageFormat::kElf && symbol.shndx == objfmt::kElfCommon) {
    s->code = 'B';
  } else if (v.format() == ImageFormat::kPe && symbol.shndx == objfmt::kElfAbsolute) {
    s->code = 'C';
  } else if (symbol.shndx < v.sections().size()) {
    s->section = v.sections()[symbol.shndx].name;
    s->code = section_code(v, v.sections()[symbol.shndx]);
  }
  bool local = symbol.info >> 4 == 0;
  if (local && v.format() == ImageFormat::kElf) s->code = local_code(s->code);
}

absl::Status check_loaded(const objfmt::ImageSection& section, std::string_view what) {
  if (section.bytes.size() == section.size) return absl::OkStatus();
  return failure(base::concat("cannot load ", what, section.bytes.empty() ? ": EOF" : ": unexpected EOF"));
}

absl::Status read_image(base::Bytes image, NmTable* table) {
  absl::StatusOr<ImageView> parsed = ImageView::parse(image);
  if (!parsed.ok()) return parsed.status();
  const ImageView& v = *parsed;
  const objfmt::ImageSection* symtab = v.symtab();
  bool elf = v.format() == ImageFormat::kElf;
  if (!elf && symtab == nullptr) return absl::OkStatus();
  if (symtab == nullptr || symtab->size == 0) return failure("no symbol section");
  if (absl::Status s = check_loaded(*symtab, "symbol section"); !s.ok()) return s;
  if (elf && symtab->size % 24 != 0) return failure("length of symbol section is not a multiple of Sym64Size");
  if (symtab->link == 0 || symtab->link >= v.sections().size()) {
    return failure("cannot load string table section: section has invalid string table link");
  }
  if (absl::Status s = check_loaded(v.sections()[symtab->link], "string table section"); !s.ok()) return s;
  size_t count = v.symbol_count(*symtab);
  table->symbols.reserve(count);
  for (size_t i = 1; i < count; i++) {
    objfmt::ImageSymbol symbol = v.symbol(*symtab, i);
    if (symbol.shndx == objfmt::kNumberOutside && v.format() == ImageFormat::kPe) {
      return failure("invalid section number in symbol table");
    }
    NmSymbol s;
    s.name = symbol.name;
    s.address = symbol.value;
    s.size = static_cast<int64_t>(symbol.size);
    describe_image_symbol(v, symbol, &s);
    table->symbols.push_back(s);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<NmTable> read_nm_table(const inspect::Member& member) {
  NmTable table;
  base::Bytes object = member.object;
  if (member.kind == inspect::MemberKind::kDense) {
    absl::StatusOr<objfmt::dense::View> dense = objfmt::dense::View::parse(object);
    if (!dense.ok()) return dense.status();
    absl::StatusOr<std::vector<uint8_t>> bytes = emit::goobj_from_dense(dense->bytes());
    if (!bytes.ok()) return bytes.status();
    table.goobj = *std::move(bytes);
    object = table.goobj;
  }
  absl::Status s = member.kind == inspect::MemberKind::kImage ? read_image(object, &table) : read_goobj(object, &table);
  if (!s.ok()) return s;
  base::go_sort(std::span(table.symbols), [](const NmSymbol& a, const NmSymbol& b) { return a.address < b.address; });
  return table;
}

}  // namespace dovetail::linker
