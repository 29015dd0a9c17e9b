// The pointer masks of .data and .bss against cmd/link's.
#include "runtime-tables/gc_masks.h"

#include "linker/place_data.h"
#include "tests/unit/tables_fixture.h"

using namespace dovetail;
using namespace dovetail::tables_test;

TEST_CASE("GC programs equal cmd/link's") {
  if (!oracle::have_go()) return;
  Stock stock;
  Planned ours;
  loader::Program& p = ours.loaded.program;
  loader::Services& sv = ours.loaded.sv;
  linker::DataBuckets buckets = linker::collect_data(sv, p);
  linker::sort_data(sv, p, buckets);
  linker::DataHooks hooks;
  bool called = false;
  hooks.masks = [&](std::span<const SymId> data, uint64_t data_size, std::span<const SymId> bss, uint64_t bss_size) {
    called = true;
    const runtime_tables::GcMask masks[] = {{ours.markers.gcdata, data, 0, data_size}, {ours.markers.gcbss, bss, 0, bss_size}};
    runtime_tables::make_gc_masks(sv, p, masks);
  };
  linker::place_sections(sv, p, buckets, hooks, ours.image);
  REQUIRE(called);
  CHECK(ours.loaded.messages() == "");
  CHECK(difference(p.data(ours.markers.gcdata), stock.bytes_of("runtime.gcdata")) == "");
  CHECK(difference(p.data(ours.markers.gcbss), stock.bytes_of("runtime.gcbss")) == "");
}

TEST_CASE("a variable without a type is an error") {
  if (!oracle::have_go()) return;
  Planned ours;
  loader::Program& p = ours.loaded.program;
  SymId s = p.syms.make_anonymous("some.variable", SymKind::kData);
  p.syms.size[index(s)] = 24;
  SymId list[] = {s};
  const runtime_tables::GcMask mask[] = {{ours.markers.gcdata, list, 0, 64}};
  runtime_tables::make_gc_masks(ours.loaded.sv, p, mask);
  CHECK(ours.loaded.messages() ==
        "runtime.gcdata: missing Go type information for global symbol some.variable: size 24\n");
}
