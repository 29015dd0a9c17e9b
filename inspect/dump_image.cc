// What an image is: headers, segments, sections, notes, the build information and the module data.
#include "inspect/dump_image.h"

#include "absl/strings/str_format.h"
#include "base/text.h"
#include "inspect/build_info.h"
#include "objfmt/image_headers.h"

namespace dovetail::inspect {
namespace {

using objfmt::ImageView;

struct Named {
  uint32_t number;
  std::string_view name;
};
// Tool Interface Standard, ELF-64 Object File Format, and the GNU extensions that Go's linker uses.
constexpr Named kSegmentTypes[] = {{0, "null"}, {1, "load"}, {2, "dynamic"}, {3, "interp"}, {4, "note"}, {6, "phdr"},
                                   {7, "tls"}, {0x6474e550, "gnu_eh_frame"}, {0x6474e551, "gnu_stack"},
                                   {0x6474e552, "gnu_relro"}, {0x65041580, "pax_flags"}};
constexpr Named kSectionTypes[] = {{0, "null"}, {1, "progbits"}, {2, "symtab"}, {3, "strtab"}, {4, "rela"}, {5, "hash"},
                                   {6, "dynamic"}, {7, "note"}, {8, "nobits"}, {9, "rel"}, {11, "dynsym"}, {objfmt::kMachoSymbolTable, "symtab"}, {objfmt::kCoffSymbolTable, "symtab"},
                                   {14, "init_array"}, {0x6ffffffe, "gnu_verneed"}, {0x6fffffff, "gnu_versym"}};
constexpr Named kFileTypes[] = {{1, "rel"}, {2, "exec"}, {3, "dyn"}, {4, "core"}};
constexpr Named kMachines[] = {{3, "386"},     {40, "arm"},    {62, "amd64"},
                               {183, "arm64"}, {243, "riscv"}, {258, "loong64"}};

template <size_t N>
std::string name_of(const Named (&table)[N], uint32_t number) {
  for (const Named& n : table) {
    if (n.number == number) return std::string(n.name);
  }
  return absl::StrFormat("0x%x", number);
}

std::string segment_flags(uint32_t flags) {
  return base::concat(flags & 4 ? "r" : "-", flags & 2 ? "w" : "-", flags & 1 ? "x" : "-");
}

std::vector<std::string_view> section_flags(uint64_t flags) {
  constexpr struct {
    uint64_t bit;
    std::string_view name;
  } kFlags[] = {{1, "write"}, {2, "alloc"}, {4, "exec"}, {0x10, "merge"}, {0x20, "strings"}, {0x400, "tls"},
                {0x800, "compressed"}};
  std::vector<std::string_view> names;
  for (auto f : kFlags) {
    if (flags & f.bit) names.push_back(f.name);
  }
  return names;
}

void dump_notes(const ImageView& view, DumpWriter& w) {
  constexpr uint32_t kGoBuildId = 4;
  w.begin_list("notes", "notes:");
  for (const objfmt::ImageSection& s : view.sections()) {
    if (s.type != objfmt::kElfSectionNote) continue;
    for (const objfmt::ImageNote& note : ImageView::notes(s)) {
      bool text = note.owner == "Go" && note.type == kGoBuildId;
      w.begin_row();
      w.text("section", s.name, Show::value(-20));
      w.text("owner", note.owner, Show::value(-5));
      w.number("type", note.type, Show::value());
      if (text && !w.json()) w.text("data", base::as_text(note.desc), Show::value());
      else w.bytes("data", note.desc, Show::value());
      w.end_row();
    }
  }
  w.end_list();
}

void dump_image_header(const NamedImage& image, DumpWriter& w) {
  const objfmt::ImageHeader& h = image.view().header();
  w.begin_block("header", "header:");
  w.text("type", name_of(kFileTypes, h.type));
  w.text("machine", name_of(kMachines, h.machine));
  w.hex("entry", h.entry);
  w.text("entry_symbol", image.describe(h.entry));
  w.number("size", static_cast<int64_t>(image.view().image().size()));
  w.number("segments", h.phnum);
  w.number("sections", h.shnum);
  const objfmt::ImageSection* symbols = image.view().symtab();
  w.number("symbols", symbols == nullptr ? 0 : static_cast<int64_t>(image.view().symbol_count(*symbols)));
  w.number("functions", static_cast<int64_t>(image.pclntab().count));
  w.number("typelinks", static_cast<int64_t>(image.module().typelink_count()));
  w.number("itabs", static_cast<int64_t>(image.module().itab_count()));
  dump_notes(image.view(), w);
  if (!image.view().problems().empty()) w.begin_list("problems", "problems:");
  for (const std::string& problem : image.view().problems()) {
    w.begin_row();
    w.text("problem", problem, Show::value());
    w.end_row();
  }
  if (!image.view().problems().empty()) w.end_list();
  w.end_block();
}

void dump_segments(const ImageView& view, DumpWriter& w) {
  bool elf = view.format() == objfmt::ImageFormat::kElf;
  w.begin_list("segments", elf ? "segments (type, flags, offset, address, in file, in memory):"
                               : "segments (type, name, flags, offset, address, in file, in memory):");
  for (const objfmt::ImageSegment& s : view.segments()) {
    w.begin_row();
    w.text("type", name_of(kSegmentTypes, s.type), Show::value(-12));
    w.text("name", s.name, elf ? Show::hidden() : Show::value(-18));
    w.text("flags", segment_flags(s.flags), Show::value(-3));
    w.hex("offset", s.offset, Show::value(10));
    w.hex("address", s.vaddr, Show::value(10));
    w.hex("file_size", s.filesz, Show::value(10));
    w.hex("memory_size", s.memsz, Show::value(10));
    w.hex("align", s.align);
    w.end_row();
  }
  w.end_list();
  w.begin_list("sections", "sections (name, type, address, offset, size):");
  for (const objfmt::ImageSection& s : view.sections()) {
    w.begin_row();
    w.text("name", s.name, Show::value(-20));
    w.text("type", name_of(kSectionTypes, s.type), Show::value(-10));
    w.hex("address", s.addr, Show::value(10));
    w.hex("offset", s.offset, Show::value(10));
    w.hex("size", s.size, Show::value(10));
    w.words("flags", section_flags(s.flags));
    w.number("align", static_cast<int64_t>(s.addralign));
    w.number("entry_size", static_cast<int64_t>(s.entsize));
    w.number("link", s.link);
    w.number("info", s.info);
    w.end_row();
  }
  w.end_list();
}

// Text: fields that are zero are left out, and data directories that are not used.
void dump_native_headers(const ImageView& view, DumpWriter& w) {
  w.begin_list("native", "headers of the format:");
  for (const objfmt::HeaderRecord& r : objfmt::read_headers(view)) {
    std::string line;
    for (const objfmt::HeaderField& f : r.fields) {
      if (f.value != 0) absl::StrAppendFormat(&line, "%s%s %#x", line.empty() ? "" : "  ", base::to_absl(f.name), f.value);
      if (!f.text.empty()) absl::StrAppendFormat(&line, "%s%s %s", line.empty() ? "" : "  ", base::to_absl(f.name), printable(f.text));
    }
    if (!w.json() && line.empty()) continue;
    w.begin_row();
    w.text("name", printable(r.name), Show::value(-26));
    w.hex("offset", r.offset, Show::hidden());
    w.number("size", static_cast<int64_t>(r.size), Show::hidden());
    if (!w.json()) w.text("fields", line, Show::value());
    if (w.json()) w.begin_list("fields", "");
    for (size_t i = 0; w.json() && i < r.fields.size(); i++) {
      w.begin_row();
      w.text("name", r.fields[i].name);
      if (r.fields[i].text.empty()) w.number("value", static_cast<int64_t>(r.fields[i].value));
      else w.text("value", r.fields[i].text);
      w.end_row();
    }
    if (w.json()) w.end_list();
    w.end_row();
  }
  w.end_list();
}

void dump_module(const BuildModule& m, DumpWriter& w) {
  w.begin_row();
  w.text("kind", m.kind, Show::value(-4));
  w.text("path", m.path, Show::value());
  w.text("version", m.version, Show::value());
  w.text("sum", m.sum, Show::value());
  w.end_row();
}

void dump_build_info(const ImageView& view, DumpWriter& w) {
  absl::StatusOr<BuildInfo> info = read_build_info(view);
  w.begin_block("buildinfo", "build information:");
  w.text("problem", info.ok() ? "" : base::concat(info.status().message()));
  w.text("go", info.ok() ? info->go_version : "");
  w.text("path", info.ok() ? info->path : "");
  w.begin_list("modules", "");
  if (info.ok()) {
    for (const BuildModule& m : info->modules) dump_module(m, w);
  }
  w.end_list();
  w.begin_list("settings", "");
  if (info.ok()) {
    for (const BuildSetting& s : info->settings) {
      w.begin_row();
      w.text("key", s.key, Show::value(0, "build "));
      w.text("value", s.value, Show::value());
      w.end_row();
    }
  }
  w.end_list();
  w.end_block();
}

void dump_moduledata(const NamedImage& image, DumpWriter& w) {
  const ModuleData& module = image.module();
  w.begin_list("moduledata", "moduledata (offset, field, value, meaning):");
  for (size_t at = 0; module.found && at + 8 <= module.bytes.size(); at += 8) {
    uint64_t value = module.word(at);
    w.begin_row();
    w.hex("offset", at, Show::value(6));
    w.text("field", ModuleData::field_at(at), Show::value(-20));
    w.hex("value", value, Show::value(12));
    w.text("meaning", image.is_mapped(value) ? image.describe(value) : "", Show::value());
    w.end_row();
  }
  w.end_list();
}

}  // namespace

absl::Status dump_image(const Member& member, const DumpOptions& options, DumpWriter& w) {
  absl::StatusOr<ImageView> view = ImageView::parse(member.object);
  if (!view.ok()) return view.status();
  NamedImage image(*view, view->symtab() != nullptr);
  if (options.has(DumpSection::kHeader)) dump_image_header(image, w);
  if (options.has(DumpSection::kNative) && view->format() != objfmt::ImageFormat::kElf) dump_native_headers(*view, w);
  if (options.has(DumpSection::kSegments)) dump_segments(*view, w);
  if (options.has(DumpSection::kBuildinfo)) dump_build_info(*view, w);
  if (options.has(DumpSection::kModuledata)) dump_moduledata(image, w);
  if (options.has(DumpSection::kFunctab)) dump_functab(image, options, w);
  if (options.has(DumpSection::kFuncs)) dump_image_funcs(image, options, w);
  if (options.has(DumpSection::kTypelinks)) dump_typelinks(image, options, w);
  if (options.has(DumpSection::kItabs)) dump_itabs(image, options, w);
  if (options.has(DumpSection::kTypes)) dump_image_types(image, options, w);
  return absl::OkStatus();
}

}  // namespace dovetail::inspect
