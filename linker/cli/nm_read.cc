// What go tool nm takes for an object, and what it says of a symbol: cmd/internal/archive/archive.go,
// cmd/internal/objfile/{objfile,goobj,elf}.go and debug/elf/file.go, Go 1.26.
//
// The address of an object's symbol is the offset of its data in the goobj, which depends on the sizes of all blocks
// in front of it. A dense object does not keep that layout, it can only be made again: so a dense member is turned
// back into goobj, and the rest is the same for both.
#include "linker/cli/nm_read.h"

#include "base/go_text.h"
#include "base/pdqsort.h"
#include "base/text.h"
#include "compiler-emit/to_goobj.h"
#include "objfmt/archive.h"
#include "objfmt/dense/view.h"
#include "objfmt/elf_view.h"
#include "objfmt/goobj/view.h"

namespace dovetail::linker {
namespace {

namespace goobj = objfmt::goobj;
using objfmt::ElfView;

constexpr std::string_view kObjectStart = "go objec", kTextEnd = "\n!\n";
constexpr size_t kMagicSize = 8;

absl::Status failure(std::string_view text) { return absl::InvalidArgumentError(base::to_absl(text)); }
absl::Status unrecognized() { return failure("unrecognized object file"); }

bool starts_with(base::Bytes bytes, std::string_view text) { return base::as_text(bytes).starts_with(text); }

// The binary part of an object of Go's, whose text header has been recognized.
absl::StatusOr<base::Bytes> object_behind_text(base::Bytes contents) {
  size_t end = base::as_text(contents).find(kTextEnd);
  if (end == std::string_view::npos) return unrecognized();
  base::Bytes object = contents.subspan(end + kTextEnd.size());
  std::string_view magic = base::as_text(object).substr(0, kMagicSize);
  if (magic == std::string_view(goobj::kMagic, kMagicSize) || objfmt::dense::is_dense(object)) return object;
  if (magic.starts_with(std::string_view("\0go1", 4)) && magic.ends_with("ld")) {
    return failure(base::concat("go object of a different version: ", base::quote(magic.substr(1))));
  }
  return unrecognized();
}

// Whether debug/elf opens it.
bool is_elf(base::Bytes bytes) {
  constexpr uint32_t kCurrent = 1;
  absl::StatusOr<ElfView> view = ElfView::parse(bytes);
  if (!view.ok()) return false;
  const objfmt::ElfHeader& h = view->header();
  if (h.ident[6] != kCurrent || h.version != kCurrent) return false;
  if (view->segments().size() != h.phnum || view->sections().size() != h.shnum) return false;
  if (h.shnum == 0) return h.shoff == 0;
  if (h.shoff == 0 || h.shstrndx >= h.shnum) return false;
  const objfmt::ElfSection& names = view->sections()[h.shstrndx];
  return h.shstrndx == 0 || (names.type == objfmt::kElfSectionStrtab && names.bytes.size() == names.size);
}

absl::StatusOr<NmMember> recognize(std::string_view name, base::Bytes contents) {
  if (!starts_with(contents, kObjectStart)) {
    if (is_elf(contents)) return NmMember{name, contents, true};
    return unrecognized();
  }
  absl::StatusOr<base::Bytes> object = object_behind_text(contents);
  if (!object.ok()) return object.status();
  return NmMember{name, *object, false};
}

// What the go command leaves in an archive for the linker.
bool is_sentinel(const objfmt::ArchiveMember& member) {
  return member.size == 0 && (member.name == "preferlinkext" || member.name == "dynimportfail");
}

absl::StatusOr<std::vector<NmMember>> list_archive(base::Bytes file) {
  std::vector<NmMember> members;
  objfmt::ArchiveReader reader(file);
  uint64_t end = objfmt::kArchiveHeadSize - 60;
  while (auto member = reader.next()) {
    if (reader.truncated() || base::as_text(file.subspan(member->offset - 2, 2)) != "`\n") return unrecognized();
    end = member->offset + member->size + (member->size & 1);
    if (member->name == "__.PKGDEF" || is_sentinel(*member)) continue;
    absl::StatusOr<NmMember> found = recognize(member->name, member->contents);
    if (!found.ok()) return found.status();
    // A nameless member goes by the name that the compiler gives to its own.
    if (found->name.empty()) found->name = "_go_.o";
    members.push_back(*found);
  }
  if (end < file.size()) return unrecognized();
  return members;
}

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

constexpr uint16_t kElfUndefined = 0, kElfCommon = 0xfff2;

void describe_elf_symbol(const ElfView& v, const objfmt::ElfSymbol& symbol, NmSymbol* s) {
  constexpr uint64_t kWrite = 1, kAlloc = objfmt::kElfFlagAlloc, kExec = objfmt::kElfFlagExec;
  static constexpr const char* kTypes[] = {"notype", "object", "func", "section", "file", "common", "tls"};
  s->kind = (symbol.info & 15) < sizeof kTypes / sizeof kTypes[0] ? kTypes[symbol.info & 15] : "unknown";
  if (symbol.shndx == kElfUndefined) {
    s->code = 'U';
  } else if (symbol.shndx == kElfCommon) {
    s->code = 'B';
  } else if (symbol.shndx < v.sections().size()) {
    const objfmt::ElfSection& section = v.sections()[symbol.shndx];
    s->section = section.name;
    uint64_t flags = section.flags & (kWrite | kAlloc | kExec);
    s->code = flags == (kAlloc | kExec) ? 'T' : flags == kAlloc ? 'R' : flags == (kAlloc | kWrite) ? 'D' : '?';
  }
  bool local = symbol.info >> 4 == 0;
  if (local) s->code = local_code(s->code);
}

absl::Status check_loaded(const objfmt::ElfSection& section, std::string_view what) {
  if (section.bytes.size() == section.size) return absl::OkStatus();
  return failure(base::concat("cannot load ", what, section.bytes.empty() ? ": EOF" : ": unexpected EOF"));
}

absl::Status read_elf(base::Bytes image, NmTable* table) {
  absl::StatusOr<ElfView> parsed = ElfView::parse(image);
  if (!parsed.ok()) return parsed.status();
  const ElfView& v = *parsed;
  const objfmt::ElfSection* symtab = v.symtab();
  if (symtab == nullptr || symtab->size == 0) return failure("no symbol section");
  if (absl::Status s = check_loaded(*symtab, "symbol section"); !s.ok()) return s;
  if (symtab->size % 24 != 0) return failure("length of symbol section is not a multiple of Sym64Size");
  if (symtab->link == 0 || symtab->link >= v.sections().size()) {
    return failure("cannot load string table section: section has invalid string table link");
  }
  if (absl::Status s = check_loaded(v.sections()[symtab->link], "string table section"); !s.ok()) return s;
  size_t count = ElfView::symbol_count(*symtab);
  table->symbols.reserve(count);
  for (size_t i = 1; i < count; i++) {
    objfmt::ElfSymbol symbol = v.symbol(*symtab, i);
    NmSymbol s;
    s.name = symbol.name;
    s.address = symbol.value;
    s.size = static_cast<int64_t>(symbol.size);
    describe_elf_symbol(v, symbol, &s);
    table->symbols.push_back(s);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<NmMember>> list_nm_members(base::Bytes file) {
  if (objfmt::is_archive(file)) return list_archive(file);
  absl::StatusOr<NmMember> member = recognize({}, file);
  if (!member.ok()) return member.status();
  return std::vector<NmMember>{*member};
}

absl::StatusOr<NmTable> read_nm_table(const NmMember& member) {
  NmTable table;
  base::Bytes object = member.object;
  if (!member.elf && objfmt::dense::is_dense(object)) {
    absl::StatusOr<objfmt::dense::View> dense = objfmt::dense::View::parse(object);
    if (!dense.ok()) return dense.status();
    absl::StatusOr<std::vector<uint8_t>> bytes = emit::goobj_from_dense(dense->bytes());
    if (!bytes.ok()) return bytes.status();
    table.goobj = *std::move(bytes);
    object = table.goobj;
  }
  absl::Status s = member.elf ? read_elf(object, &table) : read_goobj(object, &table);
  if (!s.ok()) return s;
  base::go_sort(std::span(table.symbols), [](const NmSymbol& a, const NmSymbol& b) { return a.address < b.address; });
  return table;
}

}  // namespace dovetail::linker
