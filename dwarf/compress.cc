#include "base/go_deflate.h"
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
  sv.threads.for_each(sections.size(), [&](uint64_t i) {
    const SectionPlan& s = *plans[i];
    DwarfSection& out = sections[i];
    out.bytes.resize(kChdrSize);
    base::store32(&out.bytes[0], 1);  // ELFCOMPRESS_ZLIB
    base::store64(&out.bytes[8], s.size);
    base::store64(&out.bytes[16], plan.target.compressed_align);
    base::ZlibLevel1Writer zlib(out.bytes);
    BlockWriter writer(sv, program, plan, section_address);
    std::vector<uint8_t> block(kBlockSize);
    for (uint64_t b = 0; b < s.blocks.size(); b++) {
      writer.write(s, b, block.data());
      zlib.write({block.data(), BlockWriter::block_size(s, b)});
    }
    zlib.finish();
    // cmd/link ld/data.go compressSyms, Go 1.26.
    if (out.bytes.size() >= s.size) {
      out.bytes = {};
      return;
    }
    out.compressed = true;
    out.align = plan.target.compressed_align;
    out.size = out.bytes.size();
  });
  return sections;
}

void write_dwarf(Services& sv, const Program& program, const DwarfPlan& plan,
                 std::span<const uint64_t> section_address, std::span<const DwarfSection> sections,
                 std::span<const base::MutableBytes> destinations) {
  struct Task {
    const SectionPlan* section;
    uint64_t block;
    uint8_t* to;
  };
  std::vector<Task> tasks;
  size_t i = 0;
  for (const SectionPlan& s : plan.sections) {
    if (!s.present) continue;
    if (sections[i].compressed) {
      std::copy(sections[i].bytes.begin(), sections[i].bytes.end(), destinations[i].begin());
    } else {
      for (uint64_t b = 0; b < s.blocks.size(); b++) {
        tasks.push_back({&s, b, destinations[i].data() + b * kBlockSize});
      }
    }
    i++;
  }
  sv.threads.for_each(tasks.size(), [&](uint64_t t) {
    BlockWriter writer(sv, program, plan, section_address);
    writer.write(*tasks[t].section, tasks[t].block, tasks[t].to);
  });
}

}  // namespace dovetail::dwarf
