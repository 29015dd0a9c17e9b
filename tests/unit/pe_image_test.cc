// PE images that cmd/link made: what the view finds in them, stripped too; the rules that only they have, each broken
// once; and damaged ones.
#include <random>

#include "inspect/go_tables.h"
#include "inspect/pe_tables.h"
#include "inspect/size.h"
#include "objfmt/image_headers.h"
#include "objfmt/image_view.h"
#include "objfmt/pe_header.h"
#include "verify_fixture.h"

namespace {

using namespace verify_fixture;
namespace objfmt = dovetail::objfmt;
using objfmt::ImageView;

const dovetail::oracle::GoProgram& windows_program() {
  static const dovetail::oracle::GoProgram go({{"main.go", kSource}, {"other.go", kOtherSource}}, "fmt time",
                                              "GOOS=windows GOARCH=amd64");
  return go;
}

Bytes linked(const std::string& flags) {
  const dovetail::oracle::GoProgram& go = windows_program();
  if (!go.ok() || go.stock_link(flags).status != 0) return {};
  std::string text = dovetail::oracle::read_file(go.path("main.exe"));
  return Bytes(text.begin(), text.end());
}

// Movable, so it has base relocations.
const Bytes& movable_image() {
  static const Bytes bytes = linked("-buildmode=pie");
  return bytes;
}

class Image {
 public:
  Image() : file(movable_image()), view(*ImageView::parse(movable_image())), header(*objfmt::read_pe_header(movable_image())) {}
  // The offset in the file of a section's begin.
  uint8_t* section(std::string_view name) {
    REQUIRE(view.find(name) != nullptr);
    return &file[view.find(name)->offset];
  }
  uint8_t* section_header(size_t i) { return &file[header.sections_at + i * objfmt::kPeSectionHeaderBytes]; }
  uint8_t* directory(size_t i) { return &file[header.directories_at + i * 8]; }
  uint8_t* optional(size_t at) { return &file[header.optional_at + at]; }
  uint8_t* record(std::string_view name) {
    const objfmt::ImageSection& table = *view.symtab();
    for (size_t i = 1; i < view.symbol_count(table); i++) {
      if (view.symbol(table, i).name == name) return &file[table.offset + view.record_of(i) * objfmt::kCoffRecordBytes];
    }
    FAIL("no symbol " << name);
    return nullptr;
  }
  // Of memory, by its address relative to the image.
  uint8_t* at(uint64_t address) {
    base::Bytes place = view.at(header.image_base + address);
    REQUIRE_FALSE(place.empty());
    return &file[static_cast<size_t>(place.data() - view.image().data())];
  }

  Bytes file;
  ImageView view;
  objfmt::PeHeader header;
};

struct Case {
  const char* rule;
  std::function<void(Image&)> damage;
};

void add32(uint8_t* p, uint32_t n) { base::store32(p, base::load32(p) + n); }

const Case kCases[] = {
    {"pe.header-size", [](Image& i) { base::store32(i.optional(60), 100u); }},
    {"pe.image-size", [](Image& i) { add32(i.optional(56), 0x1000); }},
    {"pe.section-align", [](Image& i) { base::store32(i.optional(36), 0x10000u); }},
    {"pe.directory", [](Image& i) { base::store32(i.directory(objfmt::kPeImports) + 4, 0x10000000u); }},
    {"coff.name", [](Image& i) { base::store32(i.record("runtime.main") + 4, 0x7fffffffu); }},
    {"coff.section", [](Image& i) { i.record("runtime.main")[12] = 99; }},
    {"coff.value", [](Image& i) { base::store32(i.record("runtime.main") + 8, 0x7fffffffu); }},
    {"pdata.order", [](Image& i) { base::store32(i.section(".pdata") + 4, 0x7fff0000u); }},
    {"pdata.function", [](Image& i) { base::store32(i.section(".pdata") + 4, base::load32(i.section(".pdata"))); }},
    {"pdata.unwind", [](Image& i) { *i.section(".xdata") = 7; }},
    {"reloc.block", [](Image& i) { base::store32(i.section(".reloc") + 4, 7u); }},
    {"reloc.kind", [](Image& i) { i.section(".reloc")[9] |= 0x70; }},
    {"reloc.place", [](Image& i) { base::store32(i.section(".reloc"), 0x7ffff000u); }},
    {"reloc.value",
     [](Image& i) {
       const uint8_t* block = i.section(".reloc");
       base::store64(i.at(base::load32(block) + (base::load16(block + 8) & 0xfff)), uint64_t{8});
     }},
    {"import.table", [](Image& i) { base::store32(i.section(".idata") + 12, 0x7fffffffu); }},
    {"import.address", [](Image& i) { base::store32(i.section(".idata") + 16, 0x1000u); }},
};

// Every reader over it; nothing to be said of what they find.
void read_all(const Bytes& file) {
  inspect::Findings findings;
  (void)inspect::verify_file(file, &findings);
  for (inspect::SizeBy by : {inspect::SizeBy::kBlock, inspect::SizeBy::kSymbol}) {
    inspect::SizeTable table, expanded;
    if (!inspect::measure_file(file, by, &table, &expanded).ok()) continue;
    uint64_t total = 0;
    for (const inspect::SizeRow& row : table.rows()) total += row.bytes;
    CHECK(total == file.size());
  }
  absl::StatusOr<ImageView> view = ImageView::parse(file);
  if (view.ok()) (void)objfmt::read_headers(*view).size();
}

}  // namespace

TEST_CASE("Go's tables are found in PE images, with symbols and without") {
  if (!dovetail::oracle::have_go()) return;
  Bytes plain = linked(""), stripped = linked("-s -w");
  REQUIRE_FALSE(plain.empty());
  REQUIRE_FALSE(stripped.empty());
  for (const Bytes* bytes : {&plain, &stripped}) {
    ImageView view = *ImageView::parse(*bytes);
    CHECK(view.problems().empty());
    CHECK(view.format() == objfmt::ImageFormat::kPe);
    inspect::ModuleData module = inspect::ModuleData::find(view);
    REQUIRE(module.found);
    inspect::Pclntab table = inspect::Pclntab::find(view, module);
    REQUIRE(table.found);
    CHECK(module.word(0) == table.address);
    CHECK(module.text() == view.find(".text")->addr);
    bool found = false;
    for (uint64_t i = 0; i < table.count; i++) found |= table.name(table.func(i)) == "main.work";
    CHECK(found);
    for (const char* name : {".gopclntab", ".typelink", ".itablink", ".go.buildinfo", ".go.fipsinfo", ".noptrdata", ".bss"}) {
      INFO(name);
      CHECK(view.find(name) != nullptr);
    }
  }
  // What symbols say of the same places.
  ImageView view = *ImageView::parse(plain);
  std::map<std::string_view, uint64_t> symbols;
  for (size_t i = 1; i < view.symbol_count(*view.symtab()); i++) {
    objfmt::ImageSymbol s = view.symbol(*view.symtab(), i);
    symbols[s.name] = s.value;
  }
  for (auto [symbol, section] : {std::pair("runtime.firstmoduledata", ".go.module"), {"runtime.pclntab", ".gopclntab"},
                                 {"runtime.typelink", ".typelink"}, {"runtime.itablink", ".itablink"},
                                 {"runtime.noptrdata", ".noptrdata"}, {"runtime.bss", ".bss"}, {"go:buildinfo", ".go.buildinfo"},
                                 {"go:fipsinfo", ".go.fipsinfo"}}) {
    INFO(symbol);
    REQUIRE(symbols.contains(symbol));
    CHECK(symbols[symbol] == view.find(section)->addr);
  }
  CHECK(ImageView::parse(stripped)->symtab() == nullptr);
}

TEST_CASE("a PE image of cmd/link's breaks no rule, whatever it was linked with") {
  if (!dovetail::oracle::have_go()) return;
  for (const char* flags : {"", "-s -w", "-w", "-compressdwarf=false", "-buildmode=pie", "-buildmode=pie -s", "-H=windowsgui"}) {
    INFO(flags);
    Bytes image = linked(flags);
    REQUIRE_FALSE(image.empty());
    CHECK(broken_rules(image) == std::set<std::string>{});
  }
}

TEST_CASE("each rule of PE images is named where it is broken") {
  if (!dovetail::oracle::have_go()) return;
  REQUIRE_FALSE(movable_image().empty());
  check_all_tested(inspect::RuleScope::kPe, check_cases<Image>(kCases), {});
}

TEST_CASE("imports and base relocations are read as they stand") {
  if (!dovetail::oracle::have_go()) return;
  REQUIRE_FALSE(movable_image().empty());
  Image image;
  inspect::PeImportTable imports = inspect::read_pe_imports(image.view, image.header);
  CHECK(imports.problem.empty());
  auto has = [&](std::string_view name) {
    return std::any_of(imports.symbols.begin(), imports.symbols.end(),
                       [&](const inspect::PeImportedSymbol& s) { return s.library == "kernel32.dll" && s.name == name; });
  };
  CHECK(has("WriteFile"));
  CHECK(has("ExitProcess"));
  inspect::PeTable relocs = inspect::pe_table(image.view, image.header, objfmt::kPeBaseRelocs);
  CHECK(relocs.section == ".reloc");
  bool module = false;
  uint64_t moduledata = image.view.find(".go.module")->addr - image.header.image_base;
  CHECK(inspect::for_each_base_reloc(relocs.bytes, [](size_t, uint64_t) {},
                                     [&](size_t, inspect::BaseReloc r) { module |= r.place == moduledata; })
            .empty());
  CHECK(module);
}

TEST_CASE("damaged PE images are read as far as they go") {
  if (!dovetail::oracle::have_go()) return;
  REQUIRE_FALSE(movable_image().empty());
  std::mt19937 random(20261);
  auto below = [&](size_t n) { return static_cast<size_t>(random() % n); };
  Image whole;
  std::vector<std::pair<size_t, size_t>> places = {{0, 0x600}, {whole.header.file_header_at, 300}};
  for (const objfmt::ImageSection& s : whole.view.sections()) {
    if (!s.bytes.empty()) places.push_back({s.offset, s.bytes.size()});
  }
  for (int round = 0; round < 60; round++) {
    Bytes bytes = movable_image();
    for (int i = 0; i < 6; i++) {
      auto [at, size] = places[i == 0 ? static_cast<size_t>(round % 2) : below(places.size())];
      size_t from = at + below(size);
      for (size_t k = 0; k < (i % 2 == 0 ? 1u : 32u) && from + k < bytes.size(); k++)
        bytes[from + k] = static_cast<uint8_t>(random());
    }
    if (round % 5 == 4) bytes.resize(round % 2 ? below(bytes.size()) : below(2000));
    read_all(bytes);
  }
}
