// The module data against cmd/link's: every word, with the addresses that its symbols have in the stock image.
#include "runtime-tables/moduledata.h"

#include "tests/unit/tables_fixture.h"

using namespace dovetail;
using namespace dovetail::tables_test;

namespace {

// Content with relocations of 8 bytes, at the addresses of the stock image.
std::vector<uint8_t> resolved(Planned& ours, const Stock& stock, SymId s) {
  loader::Program& p = ours.loaded.program;
  std::vector<uint8_t> bytes = p.syms.made(s)->data;
  bytes.resize(p.syms.size[index(s)]);
  for (const loader::MadeReloc& r : p.syms.made(s)->relocs) {
    SymKind kind = p.syms.kind[index(r.target)];
    bool known = objfmt::is_text(kind) || kind == SymKind::kPclntab;
    uint64_t address = known ? p.syms.value[index(r.target)] : stock.symbol(p.name(r.target)).value;
    base::store64(&bytes[r.offset], address + static_cast<uint64_t>(r.addend));
  }
  return bytes;
}

}  // namespace

TEST_CASE("module data and what points to it equal cmd/link's") {
  if (!oracle::have_go()) return;
  Stock stock;
  Planned ours;
  loader::Program& p = ours.loaded.program;
  ours.emit_pclntab(stock.section(".gopclntab").addr);  // gives its parts addresses
  p.syms.value[index(ours.text.start)] = stock.symbol("runtime.text").value;
  p.syms.value[index(ours.text.end)] = stock.symbol("runtime.etext").value;
  for (std::string_view name : {"runtime.firstmoduledata", "runtime.lastmoduledatap", "runtime.textsectionmap",
                                "go:main.inittasks", "runtime.runtime_inittasks", "go:buildinfo.ref"}) {
    INFO(name);
    SymId s = name == "go:main.inittasks" ? ours.init.main : p.syms.make(name, 0, SymKind::kNone);
    CHECK(difference(resolved(ours, stock, s), stock.bytes_of(name)) == "");
  }
}
