// `dovetail diff` as a user runs it: a stock executable is patched at known places, and the report must name
// them.
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "objfmt/image_view.h"
#include "tests/oracle/oracle.h"

namespace {

namespace base = dovetail::base;
namespace oracle = dovetail::oracle;
using dovetail::objfmt::ImageSection;
using dovetail::objfmt::ImageSymbol;
using dovetail::objfmt::ImageView;

constexpr char kProgram[] = R"(package main

var counter = 42
var table = [4]*int{&counter, &other}
var other = 7
var version = "v1"

type shape interface{ area() int }
type square struct{ side int }

func (s *square) area() int { return s.side * s.side }

//go:noinline
func work(s shape) int {
	counter++
	return s.area() + *table[1]
}

//go:noinline
func idle() { counter-- }

func main() {
	idle()
	println(work(&square{3}), version, table[0])
}
)";

// Built once; the executables stay for the length of the test run.
struct Fixture {
  oracle::TempDir dir;
  bool ok = false;
  std::string plain, compressed, other, stripped;

  Fixture() {
    oracle::write_file(dir.file("main.go"), kProgram);
    oracle::write_file(dir.file("go.mod"), "module example\n");
    ok = build("plain", "-compressdwarf=false") && build("compressed", "") &&
         build("other", "-compressdwarf=false -X main.version=longer -X main.unused=x") &&
         build("stripped", "-s -w");
    plain = oracle::read_file(dir.file("plain"));
    compressed = oracle::read_file(dir.file("compressed"));
    other = oracle::read_file(dir.file("other"));
    stripped = oracle::read_file(dir.file("stripped"));
  }
  bool build(const std::string& name, const std::string& ldflags) {
    std::string command = "cd " + oracle::shell_word(dir.file("").string()) + " && " + oracle::environment() +
                          "go build -buildvcs=false -o " + name + " -ldflags=" + oracle::shell_word(ldflags) +
                          " .";
    return std::system(command.c_str()) == 0;
  }
};

const Fixture& fixture() {
  static const Fixture f;
  return f;
}

struct Outcome {
  int status = -1;
  std::string out, err;

  // Is there a line that contains all of these?
  bool has(std::initializer_list<std::string_view> parts) const {
    for (size_t at = 0; at < out.size();) {
      size_t end = std::min(out.find('\n', at), out.size());
      std::string_view line(out.data() + at, end - at);
      bool all = true;
      for (std::string_view p : parts) all = all && line.find(p) != std::string_view::npos;
      if (all) return true;
      at = end + 1;
    }
    return false;
  }
};

std::string dovetail() {
  return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "dovetail").string();
}

Outcome run(const std::string& arguments) {
  oracle::TempDir dir;
  std::string command = oracle::shell_word(dovetail()) + " diff " + arguments + " >" +
                        oracle::shell_word(dir.file("out").string()) + " 2>" +
                        oracle::shell_word(dir.file("err").string());
  int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, oracle::read_file(dir.file("out")),
          oracle::read_file(dir.file("err"))};
}

Outcome compare(std::string_view a, std::string_view b, const std::string& options = "") {
  oracle::TempDir dir;
  oracle::write_file(dir.file("a"), a);
  oracle::write_file(dir.file("b"), b);
  return run(options + " " + oracle::shell_word(dir.file("a").string()) + " " +
             oracle::shell_word(dir.file("b").string()));
}

// An executable in memory, to find places in and to patch.
class Executable {
 public:
  explicit Executable(std::string bytes) : bytes_(std::move(bytes)) {}

  ImageView view() const { return *ImageView::parse(base::as_bytes(bytes_)); }
  const std::string& bytes() const { return bytes_; }
  uint64_t load(uint64_t offset, size_t size) const {
    uint64_t v = 0;
    std::memcpy(&v, bytes_.data() + offset, size);
    return v;
  }
  void store(uint64_t offset, uint64_t value, size_t size) {
    std::memcpy(bytes_.data() + offset, &value, size);
  }
  void flip(uint64_t offset, uint8_t mask = 0xff) {
    bytes_[offset] = static_cast<char>(bytes_[offset] ^ mask);
  }

  ImageSection section(std::string_view name) const {
    ImageView v = view();
    const ImageSection* s = v.find(name);
    REQUIRE(s != nullptr);
    return *s;
  }
  uint64_t at(std::string_view name) const { return section(name).offset; }
  // File offset of an address.
  uint64_t offset_of(uint64_t address) const {
    ImageView v = view();
    const ImageSection* s = v.section_at(address);
    REQUIRE(s != nullptr);
    return s->offset + (address - s->addr);
  }
  struct Entry {
    ImageSymbol symbol;
    uint64_t offset;  // of the entry in the file
  };
  Entry symbol(std::string_view name) const {
    ImageView v = view();
    for (size_t i = 0; i < v.symbol_count(*v.symtab()); i++) {
      ImageSymbol s = v.symbol(*v.symtab(), i);
      if (s.name == name) return {s, v.symtab()->offset + i * 24};
    }
    FAIL("no symbol " << name);
    return {};
  }
  uint64_t address(std::string_view name) const { return symbol(name).symbol.value; }
  uint64_t offset(std::string_view name) const { return offset_of(address(name)); }

  // The record of a function in the pclntab: file offset of its _func.
  uint64_t func_record(std::string_view name) const {
    uint64_t tab = at(".gopclntab"), names = tab + load(tab + 32, 8), funcs = tab + load(tab + 64, 8);
    for (uint64_t i = 0; i < load(tab + 8, 8); i++) {
      uint64_t record = funcs + load(funcs + i * 8 + 4, 4);
      if (name == bytes_.data() + names + load(record + 4, 4)) return record;
    }
    FAIL("no function " << name);
    return 0;
  }

 private:
  std::string bytes_;
};

// The patch turns `plain` into B; the report must have a line with all of `parts`.
void check_patch(const std::function<void(Executable&)>& patch,
                 std::initializer_list<std::string_view> parts) {
  Executable b(fixture().plain);
  patch(b);
  Outcome o = compare(fixture().plain, b.bytes());
  INFO(o.out << o.err);
  CHECK(o.status == 1);
  CHECK(o.has(parts));
}

#define NEEDS_GO()                              \
  if (!oracle::have_go()) return;               \
  REQUIRE(std::filesystem::exists(dovetail())); \
  REQUIRE(fixture().ok)

TEST_CASE("exit status and usage") {
  NEEDS_GO();
  Outcome same = compare(fixture().plain, fixture().plain);
  CHECK(same.status == 0);
  CHECK(same.out.empty());
  CHECK(run("").status == 2);
  CHECK(run("--nonsense a b").status == 2);
  CHECK(run("--limit=x a b").status == 2);
  CHECK(run("/nonexistent/a /nonexistent/b").status == 2);
  CHECK(compare("garbage", fixture().plain).status == 2);
  CHECK(compare("", fixture().plain).status == 2);
  Outcome help = run("--help");
  CHECK(help.status == 0);
  CHECK(help.has({"--limit=N"}));
}

TEST_CASE("headers") {
  NEEDS_GO();
  check_patch([](Executable& e) { e.store(24, e.address("main.work"), 8); },
              {"(file header): file header: e_entry", "_rt0_amd64_linux", "main.work"});
  check_patch([](Executable& e) { e.store(64 + 48, 0x2000, 8); },
              {"(program headers): [0] PHDR", "p_align", "B=0x2000"});
  check_patch(
      [](Executable& e) {
        ImageView v = e.view();
        size_t i = v.index_of(*v.find(".rodata"));
        e.store(v.header().shoff + i * 64 + 48, 64, 8);
      },
      {"(section headers): [", ".rodata: sh_addralign: A=0x20 B=0x40"});
  check_patch([](Executable& e) { e.flip(e.at(".data") - 1); },
              {"(outside sections): file offset", "padding behind .noptrdata"});
}

TEST_CASE("symbol table") {
  NEEDS_GO();
  check_patch([](Executable& e) { e.store(e.symbol("main.work").offset + 16, 0x999, 8); },
              {".symtab: [", "] main.work: st_size: A=", "B=0x999"});
  check_patch([](Executable& e) { e.store(e.symbol("main.work").offset + 8, e.address("main.idle"), 8); },
              {".symtab: [", "] main.work: st_value: A="});
  check_patch([](Executable& e) { e.store(e.symbol("main.work").offset + 4, 0x02, 1); },
              {"] main.work: st_info:"});
  check_patch(
      [](Executable& e) {
        e.store(e.symbol("main.work").offset, e.symbol("main.idle").symbol.name_offset, 4);
      },
      {".symtab: [", "main.work: symbol only in A"});
  check_patch(
      [](Executable& e) { e.flip(e.at(".strtab") + e.symbol("main.work").symbol.name_offset + 5, 1); },
      {".strtab: [", "string only in A: A=\"main.work\""});
}

TEST_CASE("code: the target of a call, other bytes") {
  NEEDS_GO();
  check_patch(
      [](Executable& e) {
        uint64_t main = e.address("main.main"), at = e.offset("main.main"), idle = e.address("main.idle");
        for (uint64_t i = 0; i < e.symbol("main.main").symbol.size; i++) {
          uint64_t target =
              main + i + 5 + static_cast<uint64_t>(int64_t{static_cast<int32_t>(e.load(at + i + 1, 4))});
          if (e.load(at + i, 1) != 0xe8 || target != idle) continue;
          e.store(at + i + 1, e.address("main.work") - (main + i + 5), 4);
        }
      },
      {".text: main.main+0x", "call target: A=main.idle (0x", "B=main.work (0x"});
  check_patch([](Executable& e) { e.flip(e.offset("main.work")); },
              {".text: main.work (0x", "code bytes: A="});
}

TEST_CASE("data: words, addresses, type descriptors") {
  NEEDS_GO();
  check_patch([](Executable& e) { e.store(e.offset("main.counter"), 43, 8); },
              {"data: main.counter (0x", "word: A=0x2a B=0x2b"});
  check_patch([](Executable& e) { e.store(e.offset("main.table"), e.address("main.other"), 8); },
              {"data: main.table (0x", "relocated word: A=main.counter (0x", "B=main.other (0x"});
  // The itab's second word is the type; there the hash is at 16, the name at 40.
  auto type_of = [](const Executable& e) {
    return e.offset_of(e.load(e.offset("go:itab.*main.square,main.shape") + 8, 8));
  };
  check_patch([&](Executable& e) { e.flip(type_of(e) + 16); },
              {".rodata: type:*main.square+0x10 (hash)", "type field hash: A=0x"});
  check_patch([&](Executable& e) { e.store(type_of(e) + 44, 8, 4); },
              {".rodata: type:*main.square+0x2c (ptrToThis)", "type field ptrToThis"});
  check_patch([&](Executable& e) { e.store(type_of(e) + 24, e.address("main.work"), 8); },
              {".rodata: type:*main.square+0x18 (equal)", "B=main.work (0x"});
}

TEST_CASE("a pointer into go:string.* that is wrong is no consequence of a move") {
  NEEDS_GO();
  // "v1" is in the middle of a carrier; one byte further is another string.
  check_patch(
      [](Executable& e) { e.store(e.offset("main.version"), e.load(e.offset("main.version"), 8) + 1, 8); },
      {"data: main.version (0x", "relocated word: A=go:string.*+0x", "B=go:string.*+0x"});
}

TEST_CASE("runtime tables outside the pclntab") {
  NEEDS_GO();
  check_patch([](Executable& e) { e.store(e.at(".go.module") + 0xa8, e.address("main.work"), 8); },
              {".go.module: runtime.firstmoduledata+0xa8", "moduledata.maxpc: A=", "B=main.work"});
  check_patch(
      [](Executable& e) {
        uint64_t at = e.at(".typelink"), first = e.load(at, 4), second = e.load(at + 4, 4);
        e.store(at, second, 4), e.store(at + 4, first, 4);
      },
      {".typelink: sequence first differs at type 0 of "});
  check_patch([](Executable& e) { e.store(e.at(".itablink"), e.address("main.counter"), 8); },
              {".itablink: [0]: itab only in A: A=go:itab."});
  check_patch([](Executable& e) { e.flip(e.at(".go.buildinfo") + 36, 1); },
              {".go.buildinfo: +0x20: version: A=go1."});
  check_patch([](Executable& e) { e.flip(e.at(".go.fipsinfo") + 20); },
              {".go.fipsinfo: go:fipsinfo+0x10: sum: A="});
  check_patch([](Executable& e) { e.flip(e.at(".note.go.buildid") + 20, 1); },
              {".note.go.buildid: note 0 (Go): desc: A="});
}

TEST_CASE("pclntab") {
  NEEDS_GO();
  auto word = [](size_t i, uint64_t value) {
    return [=](Executable& e) { e.store(e.func_record("main.work") + i * 4, value, 4); };
  };
  check_patch([](Executable& e) { e.store(e.at(".gopclntab") + 16, 999, 8); },
              {".gopclntab/header: header: nfiles: A=", "B=0x3e7"});
  check_patch(word(9, 777), {".gopclntab/functab: func[", "] main.work: startLine: A=14 B=777"});
  check_patch(word(2, 64), {"] main.work: args: A=0x10 B=0x40"});
  check_patch([](Executable& e) { e.flip(e.func_record("main.work") + 40, 3); },
              {"] main.work: funcID: A=0 B=3"});
  check_patch(
      [&](Executable& e) {
        e.store(e.func_record("main.work") + 24, e.load(e.func_record("main.idle") + 24, 4), 4);
      },
      {"] main.work: pcln at +0: A=14 up to +0x", "B=20 up to +0x"});
  check_patch(
      [](Executable& e) {
        uint64_t tab = e.at(".gopclntab"), names = tab + e.load(tab + 32, 8);
        e.flip(names + e.load(e.func_record("main.work") + 4, 4) + 5, 1);
      },
      {".gopclntab/functab: func[", "function only in A: A=main.work"});
  // The first step of the table: value delta, pc delta.
  check_patch(
      [](Executable& e) {
        uint64_t tab = e.at(".gopclntab"), pctab = tab + e.load(tab + 56, 8);
        e.flip(pctab + e.load(e.func_record("main.work") + 24, 4) + 1, 1);
      },
      {"] main.work: pcln at +0: A=14 up to +0x"});
  check_patch([](Executable& e) { e.flip(e.offset("runtime.findfunctab") + 20 * 3 + 4 + 5, 1); },
              {".gopclntab/findfunctab: bucket[3] (text+0x3000): subbucket[5]: A="});
}

// The offset in .debug_info of the DIE with that name, told by the text: the name follows the abbreviation
// code.
uint64_t die_name_at(const Executable& e, std::string_view name) {
  ImageSection s = e.section(".debug_info");
  std::string_view bytes = base::as_text(s.bytes);
  size_t at = bytes.find(std::string(1, '\0').insert(0, name));
  REQUIRE(at != std::string_view::npos);
  return s.offset + at;
}

TEST_CASE("DWARF") {
  NEEDS_GO();
  check_patch([](Executable& e) { e.flip(die_name_at(e, "main.counter") + 15, 1); },
              {".debug_info: compile_unit main / variable main.counter", "DW_AT_location: A="});
  check_patch([](Executable& e) { e.store(e.at(".debug_addr") + 8, e.address("main.work"), 8); },
              {".debug_addr: [0] (+0x8, unit ", "B=main.work (0x"});
  check_patch([](Executable& e) { e.flip(e.at(".debug_abbrev") + 1, 3); },
              {".debug_abbrev: entry 0: abbreviation: A=1 compile_unit"});
  check_patch([](Executable& e) { e.flip(e.at(".debug_line") + 15, 1); },
              {".debug_line: unit ", "line_base: A=-4 B=-3"});
  check_patch(
      [](Executable& e) {
        // The opcode behind main.work's DW_LNE_set_address.
        ImageSection s = e.section(".debug_line");
        std::string address(8, '\0');
        uint64_t work = e.address("main.work");
        std::memcpy(address.data(), &work, 8);
        size_t at = base::as_text(s.bytes).find(std::string("\x00\x09\x02", 3) + address);
        REQUIRE(at != std::string_view::npos);
        e.store(s.offset + at + 11, 1, 1);
      },
      {".debug_line: unit main, main.work: opcode behind main.work line 1 file 1", "B=copy at"});
  check_patch(
      [](Executable& e) {
        ImageSection s = e.section(".debug_frame");
        std::string address(8, '\0');
        uint64_t work = e.address("main.work");
        std::memcpy(address.data(), &work, 8);
        size_t at = base::as_text(s.bytes).find(address);
        REQUIRE(at != std::string_view::npos);
        e.flip(s.offset + at + 8, 1);
        e.flip(s.offset + at + 17, 1);
      },
      {".debug_frame: main.work <0x", "pc_range: A="});
  check_patch([](Executable& e) { e.flip(e.at(".debug_rnglists") + 12 + 5 + 2, 1); },
              {".debug_rnglists: compile_unit ", "DW_AT_ranges: entry 1 (list A +0xc, B +0xc): A=offsets"});
  check_patch([](Executable& e) { e.flip(e.at(".debug_loclists") + 12 + 3 + 4, 1); },
              {".debug_loclists: compile_unit ", "DW_AT_location: entry 1 (list A +0xc, B +0xc): A=offsets"});
}

TEST_CASE("debug sections that differ in compression alone") {
  NEEDS_GO();
  Outcome o = compare(fixture().compressed, fixture().plain);
  INFO(o.out);
  CHECK(o.has({".debug_frame: same contents", "A is compressed, B is not compressed"}));

  // The same contents through another coder, in the same space.
  Executable b(fixture().compressed);
  ImageSection s = b.section(".debug_frame");
  std::string contents(b.load(s.offset + 8, 8), '\0'), again(s.size - 24, '\0');
  uLongf size = contents.size();
  REQUIRE(uncompress(reinterpret_cast<Bytef*>(contents.data()), &size, s.bytes.data() + 24, s.size - 24) ==
          Z_OK);
  uLongf packed = again.size();
  REQUIRE(compress2(reinterpret_cast<Bytef*>(again.data()), &packed,
                    reinterpret_cast<const Bytef*>(contents.data()), size, 9) == Z_OK);
  for (size_t i = 0; i < packed; i++) b.store(s.offset + 24 + i, static_cast<uint8_t>(again[i]), 1);
  Outcome c = compare(fixture().compressed, b.bytes());
  INFO(c.out);
  CHECK(c.has({".debug_frame: same contents (", "compressed differently"}));
  CHECK(c.has({".debug_frame: zlib streams first differ at byte 1 (zlib header)"}));
  for (size_t i = 0; i < 2; i++) b.store(s.offset + 24 + i, fixture().compressed[s.offset + 24 + i], 1);
  Outcome d = compare(fixture().compressed, b.bytes());
  INFO(d.out);
  CHECK(d.has({".debug_frame: zlib streams first differ at byte ", "block 1, output offset 0", "dynamic"}));
}

TEST_CASE("debug sections that zstd has compressed are read, others skipped aloud") {
  NEEDS_GO();
  Executable b(fixture().compressed);
  ImageSection s = b.section(".debug_frame");
  const size_t room = s.size - 24;
  std::string contents(b.load(s.offset + 8, 8), '\0'), again(ZSTD_compressBound(contents.size()), '\0');
  uLongf size = contents.size();
  REQUIRE(uncompress(reinterpret_cast<Bytef*>(contents.data()), &size, s.bytes.data() + 24, room) == Z_OK);
  auto pack = [&] {
    size_t packed = ZSTD_compress(again.data(), again.size(), contents.data(), contents.size(), 19);
    // A frame that a reader skips fills the section.
    REQUIRE(packed + 8 <= room);
    for (size_t i = 0; i < packed; i++) b.store(s.offset + 24 + i, static_cast<uint8_t>(again[i]), 1);
    b.store(s.offset + 24 + packed, 0x184d2a50, 4);
    b.store(s.offset + 24 + packed + 4, room - packed - 8, 4);
    b.store(s.offset, 2, 4);
  };
  pack();
  Outcome same = compare(fixture().compressed, b.bytes());
  INFO(same.out << same.err);
  CHECK(same.has({".debug_frame: same contents (", "compressed differently"}));
  CHECK(same.has({".debug_frame: Elf64_Chdr: ch_type: A=1 B=2"}));
  CHECK(same.err.empty());

  contents[4 + 1] = static_cast<char>(contents[4 + 1] ^ 1);  // of the common entry
  pack();
  Outcome other = compare(fixture().compressed, b.bytes());
  INFO(other.out << other.err);
  CHECK(other.has({".debug_frame: decompressed: A ", "1 differ"}));

  b.store(s.offset, 3, 4);
  Outcome unknown = compare(fixture().compressed, b.bytes());
  INFO(unknown.err);
  CHECK(unknown.err.find(".debug_frame: skipped: neither zlib nor zstd (ch_type 3)") != std::string::npos);
  b.store(s.offset, 2, 4);
  b.store(s.offset + 24 + 40, 0x1234567890, 8);
  CHECK(compare(fixture().compressed, b.bytes()).status == 1);
}

TEST_CASE("one symbol more: said once, not a flood") {
  NEEDS_GO();
  Outcome o = compare(fixture().plain, fixture().other, "--json");
  REQUIRE(o.status == 1);
  auto report = nlohmann::json::parse(o.out);
  std::map<std::string, nlohmann::json> sections;
  for (const auto& s : report["sections"]) sections[s["section"]] = s;
  INFO(o.out);
  CHECK(sections[".text"]["differences"] == 0);
  CHECK(sections[".text"]["moved_words"] > 100);
  CHECK(sections[".go.module"]["differences"] == 0);
  CHECK(sections[".rodata"]["differences"] <= 3);  // the new string; the modinfo, which has the flags
  bool said = false;
  for (const auto& f : sections[".rodata"]["findings"]) {
    said |= f["field"] == "symbol only in B" &&
            f["where"].get<std::string>().rfind("main.version.str (0x", 0) == 0;
  }
  CHECK(said);
  CHECK(sections[".debug_info"]["differences"] == 0);
  CHECK(sections.count(".gopclntab/functab") == 0);
}

TEST_CASE("without a symbol table names come from the tables that the runtime reads") {
  NEEDS_GO();
  Executable full(fixture().plain), b(fixture().stripped);
  ImageSection text = b.section(".text");
  b.flip(text.offset + (full.address("main.work") - full.section(".text").addr));
  Outcome o = compare(fixture().stripped, b.bytes());
  INFO(o.out);
  CHECK(o.has({".text: main.work (0x", "code bytes"}));
  Outcome mixed = compare(fixture().plain, fixture().stripped);
  CHECK(mixed.has({"B has no .symtab"}));
  CHECK(mixed.has({"(section headers): [", ".symtab: section only in A"}));
}

TEST_CASE("the limit is per section; 0 is none") {
  NEEDS_GO();
  Executable b(fixture().plain);
  for (const char* name : {"main.work", "main.idle", "main.main", "runtime.main"}) b.flip(b.offset(name));
  Outcome two = compare(fixture().plain, b.bytes(), "--limit=2"),
          all = compare(fixture().plain, b.bytes(), "--limit=0");
  INFO(two.out);
  CHECK(two.has({".text: and 2 more"}));
  CHECK_FALSE(all.has({" more (--limit"}));
  CHECK(all.has({".text: main.idle (0x"}));
}

// Damaged images: any report or refusal will do, and it must come.
TEST_CASE("damaged images never crash it") {
  NEEDS_GO();
  std::mt19937 random(20260);
  auto below = [&](size_t n) { return static_cast<size_t>(random() % n); };
  for (const std::string& original : {fixture().plain, fixture().compressed, fixture().stripped}) {
    std::vector<std::pair<size_t, size_t>> places = {{0, 64}, {64, 336}};
    Executable whole(original);
    ImageView view = whole.view();
    places.push_back({view.header().shoff, view.sections().size() * 64});
    for (const ImageSection& s : view.sections()) {
      if (!s.bytes.empty()) places.push_back({s.offset, s.bytes.size()});
    }
    for (int round = 0; round < 12; round++) {
      std::string bytes = original;
      for (int i = 0; i < 8; i++) {
        auto [at, size] = places[below(places.size())];
        size_t from = at + below(size);
        for (size_t k = 0; k < (i % 2 == 0 ? 1u : 64u) && from + k < bytes.size(); k++)
          bytes[from + k] = static_cast<char>(random());
      }
      if (round % 4 == 3) bytes.resize(below(bytes.size()));
      Outcome o = round % 2 == 0 ? compare(original, bytes) : compare(bytes, original);
      INFO("round " << round << " " << o.err);
      CHECK((o.status == 1 || o.status == 2));
    }
  }
}

}  // namespace
