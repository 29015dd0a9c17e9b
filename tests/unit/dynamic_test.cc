// The dynamic linking sections against cmd/link's own: the objects of a program that imports functions of
// shared libraries without cgo are loaded and planned by us, addresses are taken from the stock image, and
// the bytes of each section compared.
#include "linker/elf/dynamic.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>
#include <vector>

#include "loader/init_order.h"
#include "loader/text_order.h"
#include "objfmt/image_view.h"
#include "tests/oracle/oracle.h"

namespace {

namespace base = dovetail::base;
namespace loader = dovetail::loader;
namespace objfmt = dovetail::objfmt;
namespace oracle = dovetail::oracle;
using namespace dovetail::linker;

constexpr char kProgram[] = R"(package main

import _ "m/other"

//go:cgo_import_dynamic libc_puts puts "libc.so.6"
//go:cgo_import_dynamic libc_getpid getpid#GLIBC_2.2.5 "libc.so.6"
//go:cgo_import_dynamic libc_gettid gettid#GLIBC_2.30 "libc.so.6"
//go:cgo_import_dynamic libm_cos cos#GLIBC_2.2.5 "libm.so.6"
//go:cgo_import_dynamic never_called never "libnever.so"
//go:cgo_import_dynamic same same "libsame.so"
//go:cgo_import_dynamic _ _ "libc.so.6"
//go:cgo_import_dynamic _ _ "libpthread.so.0"

func trampoline()

var on bool

func main() {
	if on {
		trampoline()
	}
}
)";
constexpr char kProgramAsm[] = R"(#include "textflag.h"
TEXT ·trampoline(SB), NOSPLIT, $0-0
	CALL libc_puts(SB)
	CALL libc_gettid(SB)
	CALL libc_getpid(SB)
	CALL libm_cos(SB)
	CALL libc_puts(SB)
	JMP same(SB)
)";
constexpr char kOther[] = R"(package other

//go:cgo_import_dynamic libdl_dlopen dlopen#GLIBC_2.34 "libc.so.6"

func jump()

var On bool

func init() {
	if On {
		jump()
	}
}
)";
constexpr char kOtherAsm[] = R"(#include "textflag.h"
TEXT ·jump(SB), NOSPLIT, $0-0
	JMP libdl_dlopen(SB)
)";

// A program's package files, and what the stock linker makes of them.
class StockLink {
 public:
  explicit StockLink(const std::string& flags) {
    oracle::write_file(dir_.file("go.mod"), "module m\n\ngo 1.26\n");
    oracle::write_file(dir_.file("main.go"), kProgram);
    oracle::write_file(dir_.file("main_amd64.s"), kProgramAsm);
    std::filesystem::create_directory(dir_.file("other"));
    oracle::write_file(dir_.file("other/other.go"), kOther);
    oracle::write_file(dir_.file("other/other_amd64.s"), kOtherAsm);
    std::string here = "cd " + oracle::shell_word(dir_.file("").string()) + " && " + oracle::environment();
    ok_ = oracle::output_of(here +
                            "go list -export -deps -f "
                            "'{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}' . >importcfg")
              .has_value();
    for (std::string_view rest = config_ = oracle::read_file(importcfg()); !rest.empty();) {
      std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      if (line.starts_with("packagefile m=")) main_ = line.substr(14);
    }
    ok_ = ok_ && oracle::output_of(here + "go tool link -importcfg importcfg -o stock " + flags + " " +
                                   main_ + " 2>&1")
                     .has_value();
    image_ = oracle::read_file(dir_.file("stock"));
  }
  bool ok() const { return ok_; }
  std::string importcfg() const { return dir_.file("importcfg").string(); }
  const std::string& main() const { return main_; }
  base::Bytes image() const { return base::as_bytes(image_); }

 private:
  oracle::TempDir dir_;
  std::string config_, main_, image_;
  bool ok_ = false;
};

loader::Options parse(std::vector<std::string> args) {
  auto lookup = [](const char*) -> const char* { return nullptr; };
  loader::BuildConfig config = loader::read_build_config(loader::newest_release(), lookup);
  std::string version = *oracle::output_of("go env GOVERSION");
  version.pop_back();
  loader::Options options;
  auto exit = loader::parse_options(args, config, version, &options);
  REQUIRE(!exit);
  return options;
}

// The passes of the loader over the stock link's inputs.
struct Linked {
  explicit Linked(loader::Options o) : options(std::move(o)), threads(2) {
    program.in = loader::load_inputs(sv);
    program.res = loader::resolve_symbols(sv, program.in);
    cgo = read_cgo_directives(sv, program.in, program.res);
    auto inits = loader::schedule_init_tasks(sv, program.in, program.res);
    std::vector<loader::RawId> roots = inits.main.tasks;
    roots.insert(roots.end(), inits.runtime.tasks.begin(), inits.runtime.tasks.end());
    for (const char* name : {"_rt0_amd64_linux", "runtime.unreachableMethod"}) {
      for (uint32_t version : {0u, 1u}) roots.push_back(program.res.lookup(name, version));
    }
    const loader::DirectedSymbols directed = directed_symbols(cgo);
    roots.insert(roots.end(), directed.exported.begin(), directed.exported.end());
    program.live = loader::mark_live(sv, program.in, program.res, roots);
    loader::number_symbols(sv, program);
    apply_cgo_directives(cgo, program);
    order = loader::order_text(sv, program);
  }
  loader::Options options;
  base::Diagnostics diag;
  base::ThreadPool threads;
  base::PhaseTimer timer;
  Services sv{options, "link", diag, threads, timer};
  loader::Program program;
  CgoDirectives cgo;
  loader::TextOrder order;
};

// Contents of a made symbol at the addresses that its sections have in `image`.
std::vector<uint8_t> resolved(const Linked& l, SymId s, const objfmt::ImageView& image) {
  const loader::MadeContent* content = l.program.syms.made(s);
  std::vector<uint8_t> bytes = content->data;
  uint64_t own = image.find(l.program.name(s))->addr;
  for (const loader::MadeReloc& r : content->relocs) {
    const objfmt::ImageSection* target = image.find(l.program.name(r.target));
    REQUIRE(target != nullptr);
    uint64_t value = target->addr + static_cast<uint64_t>(r.addend);
    if (r.kind == objfmt::RelocKind::kPcrel) {
      base::store32(&bytes[r.offset], static_cast<uint32_t>(value - (own + r.offset + 4)));
    } else {
      base::store64(&bytes[r.offset], value);
    }
  }
  return bytes;
}

void check(const std::string& flags, std::vector<std::string> ours) {
  INFO("flags " << flags);
  StockLink stock(flags);
  REQUIRE(stock.ok());
  auto view = objfmt::ImageView::parse(stock.image());
  REQUIRE(view.ok());
  ours.insert(ours.begin(), {"link", "-importcfg", stock.importcfg()});
  ours.push_back(stock.main());
  Linked l(parse(ours));
  CHECK(l.cgo.dynamic);
  TextPlan text;
  text.functions = l.order.functions;
  DynamicPlan plan = plan_dynamic(l.sv, l.program, l.cgo, kElfAmd64, text);
  for (const base::Diagnostic& d : l.diag.take()) FAIL_CHECK(d.text);
  CHECK(plan.version_needs == view->find(".gnu.version_r")->info);
  for (const char* name : {".dynsym", ".dynstr", ".rela", ".got", ".hash", ".got.plt", ".plt", ".rela.plt",
                           ".gnu.version", ".gnu.version_r", ".dynamic"}) {
    INFO(name);
    const objfmt::ImageSection* section = view->find(name);
    REQUIRE(section != nullptr);
    std::vector<uint8_t> bytes = resolved(l, l.program.syms.make(name, 0, SymKind::kNone), *view);
    CHECK(bytes == std::vector<uint8_t>(section->bytes.begin(), section->bytes.end()));
  }
}

}  // namespace

TEST_CASE("dynamic linking sections equal cmd/link's") {
  if (!oracle::have_go()) return;
  check("", {});
  check("-bindnow -r /a:/b", {"-bindnow", "-r", "/a:/b"});
}

TEST_CASE("a call of an imported function leads to its slot") {
  DynamicPlan plan;
  plan.plt = SymId{7};
  plan.got = SymId{8};
  DynamicPlan::Slot slot;
  slot.symbol = SymId{5};
  slot.plt = 32;
  plan.slots = {slot};
  loader::LinkReloc r{0, 4, objfmt::RelocKind::kCall, false, 9, loader::RawId::kNil, SymId{5}};
  REQUIRE(plan.redirect(SymKind::kText, &r));
  CHECK(r.target == SymId{7});
  CHECK(r.addend == 32);
  loader::LinkReloc address{0, 8, objfmt::RelocKind::kAddr, false, 9, loader::RawId::kNil, SymId{5}};
  CHECK(!plan.redirect(SymKind::kText, &address));
  CHECK(!plan.redirect(SymKind::kData, &address));
}
