#include "linker/macho/rebases.h"

#include "base/byte_sink.h"
#include "base/text.h"
#include "linker/macho/macho_format.h"

namespace dovetail::linker {
namespace {
constexpr uint64_t kGrain = 4096;  // symbols in a chunk
}

MachoRebases::MachoRebases(const Program& program, const DataBuckets& buckets, const AddressScan& scan)
    : program_(program), scan_(scan) {
  for (const std::vector<SymId>& list : buckets.by_kind) {
    for (SymId s : list) {
      if (scan.count(s) != 0) holders_.push_back(s);
    }
  }
}

void MachoRebases::encode(base::ThreadPool& threads, const Image& image, const uint8_t* segment_number) {
  const loader::Symbols& syms = program_.syms;
  chunks_.resize((holders_.size() + kGrain - 1) / kGrain + 2);
  chunks_.front() = {kRebaseSetTypePointer};
  chunks_.back() = {kRebaseDone};
  threads.for_ranges(holders_.size(), kGrain, [&](uint64_t begin, uint64_t end) {
    std::vector<uint8_t> out;
    for (uint64_t i = begin; i < end; i++) {
      SymId s = holders_[i];
      SegmentId id = image.sections[syms.section[index(s)]].segment;
      uint64_t offset = syms.value[index(s)] - image.segment(id).address;
      for (uint32_t in_symbol : scan_.offsets(s)) {
        out.push_back(static_cast<uint8_t>(kRebaseSetSegmentAndOffset | segment_number[static_cast<size_t>(id)]));
        base::put_uleb(out, offset + in_symbol);
        out.push_back(kRebaseDoOnce);
      }
    }
    out.shrink_to_fit();
    chunks_[1 + begin / kGrain] = std::move(out);
  });
  size_ = 0;
  for (const std::vector<uint8_t>& chunk : chunks_) size_ += chunk.size();
  size_ = (size_ + 7) / 8 * 8;
}

void MachoRebases::write(uint64_t offset, base::Sink sink) const {
  for (const std::vector<uint8_t>& chunk : chunks_) {
    if (!chunk.empty()) sink(offset, chunk);
    offset += chunk.size();
  }
}

}  // namespace dovetail::linker
