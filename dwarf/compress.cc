#include <atomic>

#include "base/zlib_parallel.h"
#include "dwarf/block_writer.h"

namespace dovetail::dwarf {

namespace {

constexpr size_t kChdrSize = 24;

}  // namespace

std::vector<DwarfSection> compress_dwarf(Services& sv, const Program& program, const DwarfPlan& plan,
                                         std::span<const uint64_t> section_address) {
  std::vector<DwarfSection> sections;
  std::vector<const SectionPlan*> plans;
  for (const SectionPlan& s : plan.sections) {
    if (!s.present) continue;
    DwarfSection& out = sections.emplace_back();
    out.name = s.name;
    out.size = s.size;
    plans.push_back(&s);
  }
  if (!sv.options.compress_dwarf) return sections;
  // Inputs are read forward, section by section; what has been read is given back now and then.
  constexpr uint64_t kFillsPerDrop = 8;  // of a segment each, about 2 MB
  std::atomic<uint64_t> fills{0};
  auto filler = [&](size_t i) {
    return [&, i](uint64_t offset, base::MutableBytes to) {
      BlockWriter(sv, program, plan, section_address).write(*plans[i], offset, to);
      if (fills.fetch_add(1, std::memory_order_relaxed) % kFillsPerDrop == kFillsPerDrop - 1) program.in.drop_pages();
    };
  };
  std::vector<decltype(filler(0))> fillers;
  for (size_t i = 0; i < sections.size(); i++) fillers.push_back(filler(i));
  std::vector<base::ZlibJob> jobs;
  for (size_t i = 0; i < sections.size(); i++) {
    DwarfSection& out = sections[i];
    out.bytes.resize(kChdrSize);
    base::store32(&out.bytes[0], 1);  // ELFCOMPRESS_ZLIB
    base::store64(&out.bytes[8], out.size);
    base::store64(&out.bytes[16], plan.target.compressed_align);
    jobs.push_back({out.size, fillers[i], &out.bytes});
  }
  base::zlib_level1(jobs, sv.threads);
  for (DwarfSection& out : sections) {
    // cmd/link ld/data.go compressSyms, Go 1.26.
    if (out.bytes.size() >= out.size) {
      out.bytes = {};
      continue;
    }
    out.compressed = true;
    out.align = plan.target.compressed_align;
    out.size = out.bytes.size();
  }
  return sections;
}

void write_dwarf(Services& sv, const Program& program, const DwarfPlan& plan,
                 std::span<const uint64_t> section_address, std::span<const DwarfSection> sections,
                 std::span<const base::MutableBytes> destinations) {
  struct Task {
    const SectionPlan* section;
    uint64_t begin;
    base::MutableBytes to;
  };
  constexpr uint64_t kTaskSize = 16 * kBlockSize;
  std::vector<Task> tasks;
  size_t i = 0;
  for (const SectionPlan& s : plan.sections) {
    if (!s.present) continue;
    if (sections[i].compressed) {
      std::copy(sections[i].bytes.begin(), sections[i].bytes.end(), destinations[i].begin());
    } else {
      for (uint64_t begin = 0; begin < s.size; begin += kTaskSize) {
        tasks.push_back({&s, begin, destinations[i].subspan(begin, std::min(kTaskSize, s.size - begin))});
      }
    }
    i++;
  }
  sv.threads.for_each(tasks.size(), [&](uint64_t t) {
    BlockWriter(sv, program, plan, section_address).write(*tasks[t].section, tasks[t].begin, tasks[t].to);
  });
}

}  // namespace dovetail::dwarf
