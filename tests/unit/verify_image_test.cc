// Rules of linked images: what cmd/link writes keeps them; damaged in one place, an image breaks the rule and verify
// names it.
#include "inspect/go_tables.h"
#include "objfmt/image_view.h"
#include "verify_fixture.h"

namespace {

using namespace verify_fixture;
using dovetail::objfmt::ImageView;

// Without compression of debug information, which could not be damaged in place. Empty if there is no linker.
const Bytes& linked_image() {
  static const Bytes bytes = [] {
    dovetail::oracle::GoProgram go({{"main.go", kSource}, {"other.go", kOtherSource}}, "fmt time");
    if (!go.ok() || go.stock_link("-compressdwarf=false").status != 0) return Bytes();
    std::string text = dovetail::oracle::read_file(go.path("main.exe"));
    return Bytes(text.begin(), text.end());
  }();
  return bytes;
}

class Image {
 public:
  Image()
      : file(linked_image()),
        view(*ImageView::parse(linked_image())),
        module(inspect::ModuleData::find(view)),
        table(inspect::Pclntab::find(view, module)) {}
  // Places are those of the intact image.
  uint8_t* at(base::Bytes place, size_t offset = 0) {
    REQUIRE_FALSE(place.empty());
    return &file[static_cast<size_t>(place.data() - view.image().data()) + offset];
  }
  uint8_t* section(std::string_view name, size_t offset = 0) {
    REQUIRE(view.find(name) != nullptr);
    return at(view.find(name)->bytes, offset);
  }
  uint8_t* section_header(std::string_view name) {
    return &file[view.header().shoff + view.index_of(*view.find(name)) * 64];
  }
  uint8_t* segment(uint32_t nth_load) {
    for (size_t k = 0; k < view.segments().size(); k++) {
      if (view.segments()[k].type == 1 && nth_load-- == 0) return &file[view.header().phoff + k * 56];
    }
    FAIL("no such segment");
    return nullptr;
  }
  uint8_t* module_word(size_t i) { return section(".go.module", i * 8); }
  uint8_t* functab(uint64_t i) { return at(table.funcs, i * 8); }
  uint8_t* func(uint64_t i) { return at(table.func(i).bytes); }
  uint64_t func_named(std::string_view name) {
    for (uint64_t i = 0; i < table.count; i++) {
      if (table.name(table.func(i)) == name) return i;
    }
    FAIL("no function " << name);
    return 0;
  }

  Bytes file;
  ImageView view;
  inspect::ModuleData module;
  inspect::Pclntab table;
};

struct Case {
  const char* rule;
  std::function<void(Image&)> damage;
};

void add64(uint8_t* p, uint64_t n) { base::store64(p, base::load64(p) + n); }

const Case kCases[] = {
    {"image.entry", [](Image& i) { base::store64(&i.file[24], i.view.find(".rodata")->addr); }},
    {"segment.file",
     [](Image& i) {
       base::store64(i.segment(2) + 32, i.file.size()), base::store64(i.segment(2) + 40, i.file.size() * 2);
     }},
    {"segment.memory", [](Image& i) { base::store64(i.segment(0) + 40, uint64_t{1}); }},
    {"segment.order", [](Image& i) { add64(i.segment(2) + 16, ~uint64_t{0xfffff}); }},
    {"segment.align", [](Image& i) { add64(i.segment(1) + 16, 1); }},
    {"image.headers", [](Image& i) { base::store64(i.section_header(".debug_info") + 32, uint64_t{i.file.size()}); }},
    {"section.segment", [](Image& i) { add64(i.section_header(".rodata") + 16, 64); }},
    {"pclntab.header", [](Image& i) { i.at(i.table.header)[6] = 4; }},
    {"pclntab.parts", [](Image& i) { base::store64(i.at(i.table.header, 5 * 8), uint64_t{1} << 40); }},
    {"pclntab.count", [](Image& i) { base::store64(i.at(i.table.header, 8), uint64_t{1} << 40); }},
    {"moduledata.pclntab", [](Image& i) { add64(i.module_word(0), 8); }},
    {"moduledata.range", [](Image& i) { base::store64(i.module_word(23), uint64_t{1}); }},
    {"functab.end", [](Image& i) { base::store32(i.functab(i.table.count), 5u); }},
    {"functab.record", [](Image& i) { base::store32(i.functab(10) + 4, 0xffffff0u); }},
    {"functab.order", [](Image& i) { base::store32(i.functab(10), 0u); }},
    {"func.entry", [](Image& i) { base::store32(i.func(10), 7u); }},
    {"func.name", [](Image& i) { base::store32(i.func(10) + 4, 0xffffff0u); }},
    {"func.pc-table", [](Image& i) { base::store32(i.func(10) + 4 * 6, 0xffffff0u); }},
    {"func.file", [](Image& i) { base::store32(i.func(i.func_named("main.work")) + 4 * 8, 0xfffff0u); }},
    {"func.funcdata", [](Image& i) { base::store32(i.func(10) + 44 + 4 * i.table.func(10).npcdata(), 0x7ffffff0u); }},
    {"func.inline",
     [](Image& i) {
       uint64_t k = i.func_named("main.work");
       inspect::FuncRecord f = i.table.func(k);
       REQUIRE(f.nfuncdata() > 3);
       base::store32(i.func(k) + 44 + 4 * (f.npcdata() + 3), ~0u);
     }},
    {"findfunctab.bucket", [](Image& i) { i.at(i.table.findfunc)[4 + 3] ^= 0x40; }},
    {"typelinks.count", [](Image& i) { base::store64(i.module_word(46), uint64_t{1} << 40); }},
    {"typelinks.offset", [](Image& i) { base::store32(i.at(i.view.at(i.module.word(45 * 8))), 0x7ffffff0u); }},
    {"itabs.count", [](Image& i) { base::store64(i.module_word(49), uint64_t{1} << 40); }},
    {"itabs.address", [](Image& i) { base::store64(i.at(i.view.at(i.module.word(48 * 8))), uint64_t{8}); }},
    {"itabs.type",
     [](Image& i) {
       base::store64(i.at(i.view.at(base::load64(i.view.at(i.module.word(48 * 8)).data()))), uint64_t{8});
     }},
    {"dwarf.section",
     [](Image& i) {
       // A header of compression before what is no stream.
       add64(i.section_header(".debug_info") + 8, 0x800);
       uint8_t* p = i.section(".debug_info");
       base::store64(p, uint64_t{1}), base::store64(p + 8, uint64_t{100}), base::store64(p + 16, uint64_t{1});
     }},
    {"dwarf.unit", [](Image& i) { base::store32(i.section(".debug_info"), 3u); }},
    {"dwarf.abbreviation", [](Image& i) { i.section(".debug_info")[12] = 0x7f; }},
    {"dwarf.form", [](Image& i) { i.section(".debug_abbrev")[4] = 0x7e; }},
    {"dwarf.tree", [](Image& i) { i.section(".debug_abbrev")[2] = 0; }},  // the unit has no children
    {"dwarf.reference",  // the number of a file (DW_AT_decl_file, DW_FORM_data4) is taken for a reference
     [](Image& i) {
       base::Bytes abbrevs = i.view.find(".debug_abbrev")->bytes;
       size_t at = base::as_text(abbrevs).find("\x3a\x06");
       REQUIRE(at != std::string_view::npos);
       i.section(".debug_abbrev")[at + 1] = 0x13;
     }},
    {"dwarf.string", [](Image& i) { i.section(".debug_abbrev")[4] = 0x0e; }},  // the text is taken for an offset
    {"dwarf.address", [](Image& i) { base::store64(i.section(".debug_addr", 8), uint64_t{8}); }},
    {"dwarf.line", [](Image& i) { base::store32(i.section(".debug_line"), 0xffffffu); }},
};

}  // namespace

TEST_CASE("an image of cmd/link's breaks no rule, whatever it was linked with") {
  if (!dovetail::oracle::have_go()) return;
  dovetail::oracle::GoProgram go({{"main.go", kSource}, {"other.go", kOtherSource}}, "fmt time");
  REQUIRE(go.ok());
  for (const char* flags : {"", "-s -w", "-w", "-compressdwarf=false", "-funcalign=128", "-randlayout=5"}) {
    INFO(flags);
    REQUIRE(go.stock_link(flags).status == 0);
    std::string text = dovetail::oracle::read_file(go.path("main.exe"));
    CHECK(broken_rules(Bytes(text.begin(), text.end())) == std::set<std::string>{});
  }
}

TEST_CASE("each rule of images is named where it is broken") {
  if (!dovetail::oracle::have_go()) return;
  REQUIRE_FALSE(linked_image().empty());
  check_all_tested(inspect::RuleScope::kImage, check_cases<Image>(kCases), {});
}
