// Sections of everything that is not code, and all addresses and file offsets (cmd/link ld/data.go dodata,
// allocateDataSections, address, layout, Go 1.26).
//
// Live symbols are bucketed by kind, each bucket is sorted by size and then by
// SymId, and a table says which kinds make up which section. Two steps: bucketing
// freezes what there is, placing gives addresses.
#pragma once

#include <functional>

#include "linker/address_scan.h"
#include "runtime-tables/runtime_symbols.h"

namespace dovetail::linker {

struct DataBuckets {
  std::vector<SymId> by_kind[static_cast<int>(SymKind::kCount)];
  uint32_t max_align[static_cast<int>(SymKind::kCount)] = {};
  std::vector<SymId>& operator[](SymKind k) { return by_kind[static_cast<int>(k)]; }
  const std::vector<SymId>& operator[](SymKind k) const { return by_kind[static_cast<int>(k)]; }
};

// Gathers live data symbols, not yet sorted: dynamic relocations are found in this order.
DataBuckets collect_data(Services& sv, const Program& program);
// Of an image that may be moved: moves read-only data that the loader writes to kinds of its own. The buckets stay in
// the order of symbols. cmd/link ld/data.go makeRelroForSharedLib, Go 1.26.
void part_relro(Services& sv, Program& program, const AddressScan& scan, DataBuckets& buckets);
// Sorts the buckets, settles alignments.
void sort_data(Services& sv, Program& program, DataBuckets& buckets);

// Numbers in Image::sections that later passes ask for; 0 if there is none.
struct SectionNumbers {
  uint32_t noptrdata = 0, data = 0, bss = 0, noptrbss = 0, fuzz_counters = 0, tbss = 0, rodata = 0, pclntab = 0,
           types = 0, typelink = 0, itablink = 0;
  uint64_t coverage_offset = 0, coverage_size = 0;  // in .noptrbss
};

// What other passes contribute while data is placed.
struct DataHooks {
  // The writable sections are placed (values relative to the section): makes the GC masks, whose size
  // must be known before read-only data is.
  std::function<void(std::span<const SymId> data, uint64_t data_size, std::span<const SymId> bss, uint64_t bss_size)>
      masks;
  bool thread_local_section = false;
};

// Makes the sections behind .text; symbols get value (offset in the section) and section.
SectionNumbers place_sections(Services& sv, Program& program, DataBuckets& buckets, const DataHooks& hooks,
                              Image& image);
// Gives segments, sections and symbols their addresses, segments their place in the file. DWARF follows later.
void place_segments(Services& sv, Program& program, const DataBuckets& buckets, const SectionNumbers& numbers,
                    Image& image);
// Values of the markers (runtime.data, runtime.edata ...).
void place_markers(Program& program, const runtime_tables::Markers& markers, const SectionNumbers& numbers,
                   const Image& image);

}  // namespace dovetail::linker
