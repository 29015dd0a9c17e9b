// Everything of an ELF executable that is not section content, against cmd/link's own output: an image is
// rebuilt from a stock executable's headers, planned and emitted by us, and the header page and the section
// names compared.
#include "linker/elf/elf_image.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "objfmt/image_view.h"
#include "tests/oracle/oracle.h"

namespace {

namespace base = dovetail::base;
namespace objfmt = dovetail::objfmt;
namespace oracle = dovetail::oracle;
using namespace dovetail::linker;

constexpr char kHello[] = R"(package main

func main() { println("hello") }
)";

// A program that the dynamic linker has to load: it imports a function of the C library without cgo.
constexpr char kDynamic[] = R"(package main

import _ "unsafe"

//go:cgo_import_dynamic libc_puts puts "libc.so.6"
//go:cgo_import_dynamic libc_getpid getpid#GLIBC_2.2.5 "libc.so.6"
//go:cgo_import_dynamic _ _ "libc.so.6"

func trampoline()

func main() {
	if len(osArgs()) > 100 {
		trampoline()
	}
	println("hello")
}

//go:linkname osArgs os.runtime_args
func osArgs() []string
)";
constexpr char kDynamicAsm[] = R"(#include "textflag.h"
TEXT ·trampoline(SB), NOSPLIT, $0-0
	CALL libc_puts(SB)
	CALL libc_getpid(SB)
	RET
)";

struct Rebuilt {
  Image image;
  ElfInputs inputs;
  std::string build_id;
};

uint32_t rwx_of(const objfmt::ImageSection& s) {
  return 4u | (s.flags & kShfWrite ? 2u : 0) | (s.flags & kShfExec ? 1u : 0);
}

void add_section(Image& image, SegmentId segment, const objfmt::ImageSection& s, uint64_t address) {
  Section section;
  section.name = std::string(s.name);
  section.segment = segment;
  section.rwx = static_cast<uint8_t>(rwx_of(s));
  section.align = static_cast<uint32_t>(s.addralign);
  section.address = address;
  section.size = s.size;
  section.compressed = s.flags & kShfCompressed;
  image.segment(segment).sections.push_back(static_cast<uint32_t>(image.sections.size()));
  image.sections.push_back(section);
}

SegmentId segment_of(uint32_t flags) {
  return flags == 5 ? SegmentId::kText : flags == 4 ? SegmentId::kRodata : SegmentId::kData;
}

void rebuild_segments(const objfmt::ImageView& view, Image& image) {
  for (const objfmt::ImageSegment& s : view.segments()) {
    if (s.type != kPtLoad) continue;
    SegmentId id = segment_of(s.flags);
    uint64_t skip = 0;
    if (id == SegmentId::kText) {
      image.round = s.align;
      skip = view.segments()[0].vaddr - kElfHeaderSize + image.header_size - s.vaddr;
      image.text_address = s.vaddr + skip;
    }
    Segment& segment = image.segment(id);
    segment.rwx = static_cast<uint8_t>(s.flags);
    segment.address = s.vaddr + skip;
    segment.size = s.memsz - skip;
    segment.file_offset = s.offset + skip;
    segment.file_size = s.filesz - skip;
  }
}

void rebuild_sections(const objfmt::ImageView& view, Image& image) {
  Segment& dwarf = image.segment(SegmentId::kDwarf);
  dwarf.address = 0x10000000;
  for (const objfmt::ImageSection& s : view.sections()) {
    if (s.name == ".tbss") {
      add_section(image, SegmentId::kData, s, 0);
    } else if (s.flags & kShfAlloc) {
      if (s.addr < image.text_address) continue;  // notes, interpreter
      SegmentId id = SegmentId::kText;
      for (SegmentId i : {SegmentId::kRodata, SegmentId::kData}) {
        if (s.addr >= image.segment(i).address) id = i;
      }
      add_section(image, id, s, s.addr);
    } else if (s.name.rfind(".debug", 0) == 0) {
      if (dwarf.sections.empty()) dwarf.file_offset = s.offset;
      add_section(image, SegmentId::kDwarf, s, dwarf.address + s.offset - dwarf.file_offset);
      dwarf.file_size = s.offset + s.size - dwarf.file_offset;
    }
  }
}

Rebuilt rebuild(const objfmt::ImageView& view) {
  Rebuilt r;
  r.image.sections.resize(1);
  rebuild_segments(view, r.image);
  rebuild_sections(view, r.image);
  r.inputs.entry = view.header().entry;
  r.inputs.strip_symbols = view.find(".symtab") == nullptr;
  const objfmt::ImageSection* behind = view.find(r.inputs.strip_symbols ? ".shstrtab" : ".symtab");
  REQUIRE(behind != nullptr);
  if (r.image.segment(SegmentId::kDwarf).sections.empty()) {
    r.image.segment(SegmentId::kDwarf).file_offset = behind->offset;
  }
  if (!r.inputs.strip_symbols) {
    r.inputs.symtab_size = behind->size;
    r.inputs.first_global = behind->info;
    r.inputs.strtab_size = view.find(".strtab")->size;
  }
  if (const objfmt::ImageSection* s = view.find(".note.go.buildid")) {
    r.build_id = std::string(base::as_text(view.notes(*s).at(0).desc));
  }
  if (const objfmt::ImageSection* s = view.find(".note.gnu.build-id"))
    r.inputs.gnu_build_id = view.notes(*s).at(0).desc;
  if (const objfmt::ImageSection* s = view.find(".interp")) {
    r.inputs.dynamic = true;
    r.inputs.interpreter = std::string(base::as_text(s->bytes.first(s->bytes.size() - 1)));
    if (const objfmt::ImageSection* v = view.find(".gnu.version_r")) r.inputs.version_needs = v->info;
  }
  return r;
}

// The number of the first byte that differs, or nothing.
void require_equal(base::Bytes want, base::Bytes got) {
  REQUIRE(want.size() == got.size());
  auto [w, g] = std::mismatch(want.begin(), want.end(), got.begin());
  INFO("first difference at offset " << (w - want.begin()));
  CHECK(w == want.end());
}

auto into(std::vector<uint8_t>& out) {
  return [&out](uint64_t offset, base::Bytes bytes) {
    REQUIRE(offset + bytes.size() <= out.size());
    std::copy(bytes.begin(), bytes.end(), out.begin() + static_cast<ptrdiff_t>(offset));
  };
}

void check_file(const std::string& path) {
  std::string file = oracle::read_file(path);
  auto view = objfmt::ImageView::parse(base::as_bytes(file));
  REQUIRE(view.ok());
  Rebuilt r = rebuild(*view);
  r.inputs.build_id = r.build_id;
  base::Diagnostics diag;
  ElfPlan plan = plan_elf(r.image, r.inputs, diag);
  CHECK(!diag.failed());
  CHECK(plan.file_size == file.size());
  std::vector<uint8_t> out(file.size());
  emit_elf(plan, into(out));
  require_equal(base::as_bytes(file).first(r.image.header_size), base::Bytes(out).first(r.image.header_size));
  require_equal(base::as_bytes(file).subspan(plan.names_offset), base::Bytes(out).subspan(plan.names_offset));
}

void check_program(const oracle::TempDir& dir, const std::string& flags) {
  INFO("go build -ldflags='" << flags << "'");
  std::string out = dir.file("out").string();
  auto built = oracle::output_of("cd " + oracle::shell_word(dir.file("").string()) + " && " +
                                 oracle::environment() + "go build -o " + oracle::shell_word(out) +
                                 " -ldflags=" + oracle::shell_word(flags) + " 2>&1");
  REQUIRE(built);
  check_file(out);
}

}  // namespace

TEST_CASE("headers, notes and section names equal cmd/link's") {
  if (!oracle::have_go()) return;
  oracle::TempDir dir;
  oracle::write_file(dir.file("go.mod"), "module m\n\ngo 1.26\n");
  oracle::write_file(dir.file("main.go"), kHello);
  for (const char* flags : {"", "-s", "-w", "-s -w", "-s -w=false", "-compressdwarf=false", "-B none",
                            "-B 0x0123456789abcd", "-B none -s -w", "-R 0x10000", "-T 0x800000 -R 0x1000",
                            "-D 0x8000000", "-E runtime.rt0_go", "-E 0x401234"}) {
    check_program(dir, flags);
  }
}

TEST_CASE("headers of a dynamically linked image equal cmd/link's") {
  if (!oracle::have_go()) return;
  oracle::TempDir dir;
  oracle::write_file(dir.file("go.mod"), "module m\n\ngo 1.26\n");
  oracle::write_file(dir.file("main.go"), kDynamic);
  oracle::write_file(dir.file("a_amd64.s"), kDynamicAsm);
  for (const char* flags : {"-checklinkname=0", "-checklinkname=0 -s -w", "-checklinkname=0 -I /lib/ld.so",
                            "-checklinkname=0 -r /a:/b -bindnow"}) {
    check_program(dir, flags);
  }
}

TEST_CASE("a build ID that does not fit into the header page is an error, not an overflow") {
  Image image;
  image.sections.resize(1);
  image.text_address = 0x401000;
  image.segment(SegmentId::kText).address = image.text_address;
  image.segment(SegmentId::kText).file_offset = image.header_size;
  std::string id(5000, 'x');
  ElfInputs inputs;
  inputs.build_id = id;
  base::Diagnostics diag;
  ElfPlan plan = plan_elf(image, inputs, diag);
  auto said = diag.take();
  REQUIRE(said.size() == 2);
  CHECK(said[0].text.rfind("ELFRESERVE too small: 5", 0) == 0);
  CHECK(said[1].text.rfind("HEADR too small: 5", 0) == 0);
  std::vector<uint8_t> out(plan.file_size);
  emit_elf(plan, into(out));
}
