// All sections, compressed or as they are.
#include <algorithm>
#include <atomic>
#include <utility>

#include "base/column.h"
#include "base/per_thread.h"
#include "dwarf/piece_writer.h"
#include "dwarf/pipeline.h"

namespace dovetail::dwarf {

namespace {

constexpr size_t kChdrSize = 24;

// Bytes written between two looks whether pages of inputs have to be given back. For each of them two or three bytes of
// inputs have been read; and giving back interrupts the other threads, however much it is.
constexpr uint64_t kBytesPerDrop = 4 << 20;
// What a small piece counts: at least one window of inputs, 64 KiB, has been mapped for it.
constexpr uint64_t kLeastPiece = 32 << 10;

class Emitter {
 public:
  Emitter(Services& sv, const Program& program, const DwarfPlan& plan, std::span<const uint64_t> section_address)
      : program_(program), plan_(plan),
        writers_(sv.threads.threads(), PieceWriter(sv, program, plan, section_address)) {}

  void write_piece(unsigned worker, size_t i, const SectionBytes& to) {
    const Piece& piece = plan_.pieces[i];
    writers_[worker].write(piece, to);
    uint64_t size = std::max(piece.bytes(), kLeastPiece);
    uint64_t before = written_.fetch_add(size, std::memory_order_relaxed);
    if (before / kBytesPerDrop != (before + size) / kBytesPerDrop) program_.in.trim();
  }

 private:
  const Program& program_;
  const DwarfPlan& plan_;
  base::PerThread<PieceWriter> writers_;
  alignas(base::kApart) std::atomic<uint64_t> written_{0};
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

// Elf64_Chdr, or "ZLIB" and the size with its highest byte first. cmd/link ld/data.go compressSyms, Go 1.26.
std::vector<uint8_t> compression_header(bool zdebug, uint64_t size, uint64_t align) {
  if (zdebug) {
    std::vector<uint8_t> header = {'Z', 'L', 'I', 'B'};
    for (int shift = 56; shift >= 0; shift -= 8) header.push_back(static_cast<uint8_t>(size >> shift));
    return header;
  }
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
  bool zdebug = sv.options.platform->zdebug;
  if (sv.options.compress_dwarf) {
    program.in.trim(sv.threads);
    CompressionPipeline pipeline(sv.threads);
    for (size_t s = 0; s < kSectionCount; s++) {
      bytes[s] = compression_header(zdebug, plan.sections[s].size, plan.target.compressed_align);
      pipeline.add(plan.sections[s].size, plan.sections[s].prefix, bytes[s]);
    }
    Emitter emitter(sv, program, plan, section_address);
    pipeline.run(piece_ends(plan), [&](unsigned worker, size_t i, const SectionBytes& to) {
      emitter.write_piece(worker, i, to);
    });
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
    if (zdebug) out.name.insert(1, "z");
    out.align = plan.target.compressed_align;
    out.size = bytes[s].size();
    out.bytes = std::move(bytes[s]);
  }
  return sections;
}

void write_dwarf(Services& sv, const Program& program, const DwarfPlan& plan,
                 std::span<const uint64_t> section_address, std::span<const DwarfSection> sections,
                 std::span<const uint64_t> offsets, base::Sink sink) {
  constexpr uint64_t kNowhere = ~uint64_t{0};
  Extent place;
  place.fill(kNowhere);
  size_t i = 0;
  bool pieces = false;
  for (size_t s = 0; s < kSectionCount; s++) {
    if (!plan.sections[s].present) continue;
    if (sections[i].compressed) {
      sink(offsets[i], sections[i].bytes);
    } else {
      place[s] = offsets[i];
      sink(offsets[i], plan.sections[s].prefix);
      pieces |= plan.sections[s].size != plan.sections[s].prefix.size();
    }
    i++;
  }
  if (!pieces) return;
  // Where some are compressed and some are not, those are made again, to no use.
  Emitter emitter(sv, program, plan, section_address);
  uint64_t most = 0;
  for (const Piece& piece : plan.pieces) most = std::max(most, piece.bytes());
  std::vector<base::Column<uint8_t>> buffers(sv.threads.threads());
  sv.threads.for_each_by(plan.pieces.size(), [&](unsigned worker, uint64_t number) {
    const Piece& piece = plan.pieces[number];
    if (buffers[worker].empty()) buffers[worker] = base::Column<uint8_t>(most);
    SectionBytes to{};
    uint8_t* at = buffers[worker].data();
    for (size_t s = 0; s < kSectionCount; s++) to[s] = std::exchange(at, at + (piece.end[s] - piece.begin[s]));
    emitter.write_piece(worker, number, to);
    for (size_t s = 0; s < kSectionCount; s++) {
      if (place[s] != kNowhere) sink(place[s] + piece.begin[s], {to[s], piece.end[s] - piece.begin[s]});
    }
  });
}

}  // namespace dovetail::dwarf
