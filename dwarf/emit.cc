// All sections, compressed or straight into the output.
#include <atomic>

#include "base/file.h"
#include "dwarf/piece_writer.h"
#include "dwarf/pipeline.h"

namespace dovetail::dwarf {

namespace {

constexpr size_t kChdrSize = 24;

// Pieces between two moments when the pages of all inputs are given back: a unit's own go when it is done, but
// abstract functions and names of types lie in other objects.
constexpr size_t kPiecesPerDrop = 64;

class Emitter {
 public:
  Emitter(Services& sv, const Program& program, const DwarfPlan& plan, std::span<const uint64_t> section_address)
      : program_(program), plan_(plan),
        writers_(sv.threads.threads(), PieceWriter(sv, program, plan, section_address)) {}

  // What stands before the first piece.
  void write_prefixes(const SectionBytes& to) const {
    for (size_t s = 0; s < kSectionCount; s++) {
      const std::vector<uint8_t>& prefix = plan_.sections[s].prefix;
      if (to[s] != nullptr) std::copy(prefix.begin(), prefix.end(), to[s]);
    }
  }
  void write_piece(unsigned worker, size_t i, const SectionBytes& to) {
    const Piece& piece = plan_.pieces[i];
    writers_[worker].write(piece, to);
    if (piece.tail) base::MappedFile::drop(program_.in.objects[plan_.scan.units[piece.unit].object].view.bytes());
    if (i % kPiecesPerDrop == kPiecesPerDrop - 1) program_.in.trim();
  }

 private:
  const Program& program_;
  const DwarfPlan& plan_;
  std::vector<PieceWriter> writers_;
};

// How much of each section is there when a piece and all before it are made.
std::vector<Extent> piece_ends(const DwarfPlan& plan) {
  Extent end{};
  for (size_t s = 0; s < kSectionCount; s++) end[s] = plan.sections[s].prefix.size();
  std::vector<Extent> ends;
  for (const Piece& piece : plan.pieces) {
    for (size_t s = 0; s < kSectionCount; s++) end[s] = std::max(end[s], piece.end[s]);
    ends.push_back(end);
  }
  return ends;
}

// cmd/link ld/data.go compressSyms, Go 1.26.
std::vector<uint8_t> compression_header(uint64_t size, uint64_t align) {
  std::vector<uint8_t> header(kChdrSize);
  base::store32(&header[0], 1);  // ELFCOMPRESS_ZLIB
  base::store64(&header[8], size);
  base::store64(&header[16], align);
  return header;
}

}  // namespace

std::vector<DwarfSection> compress_dwarf(Services& sv, const Program& program, const DwarfPlan& plan,
                                         std::span<const uint64_t> section_address) {
  std::vector<uint8_t> bytes[kSectionCount];
  if (sv.options.compress_dwarf) {
    CompressionPipeline pipeline(sv.threads);
    SectionBytes input;
    for (size_t s = 0; s < kSectionCount; s++) {
      bytes[s] = compression_header(plan.sections[s].size, plan.target.compressed_align);
      input[s] = pipeline.add(plan.sections[s].size, bytes[s]);
    }
    Emitter emitter(sv, program, plan, section_address);
    emitter.write_prefixes(input);
    pipeline.run(piece_ends(plan), [&](unsigned worker, size_t i) { emitter.write_piece(worker, i, input); });
  }
  std::vector<DwarfSection> sections;
  for (size_t s = 0; s < kSectionCount; s++) {
    if (!plan.sections[s].present) continue;
    DwarfSection& out = sections.emplace_back();
    out.name = plan.sections[s].name;
    out.size = plan.sections[s].size;
    // Not worth it if it saves nothing.
    if (!sv.options.compress_dwarf || bytes[s].size() >= out.size) continue;
    out.compressed = true;
    out.align = plan.target.compressed_align;
    out.size = bytes[s].size();
    out.bytes = std::move(bytes[s]);
  }
  return sections;
}

void write_dwarf(Services& sv, const Program& program, const DwarfPlan& plan,
                 std::span<const uint64_t> section_address, std::span<const DwarfSection> sections,
                 std::span<const base::MutableBytes> destinations) {
  SectionBytes to{};
  size_t i = 0;
  bool pieces = false;
  for (size_t s = 0; s < kSectionCount; s++) {
    if (!plan.sections[s].present) continue;
    if (sections[i].compressed) {
      std::copy(sections[i].bytes.begin(), sections[i].bytes.end(), destinations[i].begin());
    } else {
      to[s] = destinations[i].data();
      pieces |= plan.sections[s].size != plan.sections[s].prefix.size();
    }
    i++;
  }
  Emitter emitter(sv, program, plan, section_address);
  emitter.write_prefixes(to);
  if (!pieces) return;
  // Where some are compressed and some are not, those are written again, to no use.
  std::vector<std::vector<uint8_t>> unused;
  for (size_t s = 0; s < kSectionCount; s++) {
    if (to[s] == nullptr) to[s] = unused.emplace_back(plan.sections[s].size).data();
  }
  std::atomic<size_t> next{0};
  sv.threads.for_workers([&](unsigned worker) {
    for (size_t piece; (piece = next.fetch_add(1, std::memory_order_relaxed)) < plan.pieces.size();) {
      emitter.write_piece(worker, piece, to);
    }
  });
}

}  // namespace dovetail::dwarf
