#include "base/zlib_parallel.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "base/go_deflate.h"

namespace dovetail::base {
namespace {

struct Segment {
  size_t job;
  uint64_t first_block;
  uint64_t end_block;
  std::optional<DeflateMatcher> before;  // as it was at the first block; none for a stream's first segment
  std::optional<DeflateMatcher> after;
  std::vector<DeflateBits> bits;
};

// What a thread needs while it works on a segment; handed on, so that there is one per thread.
struct Scratch {
  std::vector<uint8_t> input;
  DeflateTokens tokens;
};

class ScratchPool {
 public:
  std::unique_ptr<Scratch> take() {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) return std::make_unique<Scratch>();
    std::unique_ptr<Scratch> scratch = std::move(free_.back());
    free_.pop_back();
    return scratch;
  }
  void give(std::unique_ptr<Scratch> scratch) {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(scratch));
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<Scratch>> free_;
};

class Compressor {
 public:
  Compressor(std::span<const ZlibJob> jobs, ZlibCut cut)
      : jobs_(jobs), cut_(cut), first_segment_(jobs.size() + 1) {
    for (size_t job = 0; job < jobs.size(); ++job) {
      first_segment_[job] = segments_.size();
      const uint64_t blocks = (jobs[job].size + kDeflateBlock - 1) / kDeflateBlock;
      for (uint64_t block = 0; block < blocks; block += cut.segment_blocks) {
        segments_.push_back({job, block, std::min(blocks, block + cut.segment_blocks), {}, {}, {}});
      }
    }
    first_segment_[jobs.size()] = segments_.size();
  }

  void run(ThreadPool& pool) {
    pool.for_each(segments_.size(), [this](uint64_t i) { compress(segments_[i], nullptr); });
    pool.for_each(jobs_.size(), [this](uint64_t job) { join(job); });
  }

 private:
  // From the given state of the matcher, or from one warmed up on the blocks before.
  void compress(Segment& segment, const DeflateMatcher* from) {
    const ZlibJob& job = jobs_[segment.job];
    // At least one block before: matches reach back into it.
    const uint64_t lead = std::min<uint64_t>(segment.first_block, std::max(1u, cut_.warm_up_blocks));
    const uint64_t begin = (segment.first_block - lead) * kDeflateBlock;
    const uint64_t end = std::min<uint64_t>(segment.end_block * kDeflateBlock, job.size);
    std::unique_ptr<Scratch> scratch = scratch_.take();
    scratch->input.resize(end - begin);
    job.fill(begin, scratch->input);
    const auto block = [&](uint64_t i) {
      const uint64_t at = i * kDeflateBlock - begin;
      return Bytes(scratch->input).subspan(at, std::min<uint64_t>(kDeflateBlock, end - begin - at));
    };

    DeflateMatcher matcher;
    if (from != nullptr) {
      matcher = *from;
    } else {
      const uint64_t warm_up = std::min<uint64_t>(segment.first_block, cut_.warm_up_blocks);
      for (uint64_t i = segment.first_block - warm_up; i < segment.first_block; ++i) {
        matcher.find_matches(block(i).data(), kDeflateBlock, scratch->tokens);
      }
      if (segment.first_block != 0) segment.before = matcher;
    }
    segment.bits.resize(segment.end_block - segment.first_block);
    for (uint64_t i = segment.first_block; i < segment.end_block; ++i) {
      matcher.find_matches(block(i).data(), block(i).size(), scratch->tokens);
      encode_deflate_block(block(i), scratch->tokens, segment.bits[i - segment.first_block]);
    }
    if (end != job.size) segment.after = std::move(matcher);
    scratch_.give(std::move(scratch));
  }

  // Puts a job's segments together, correcting those that began in another state than the one before ended
  // in.
  void join(size_t job) {
    const std::span<Segment> segments =
        std::span(segments_).subspan(first_segment_[job], first_segment_[job + 1] - first_segment_[job]);
    size_t size = 16;
    for (size_t i = 0; i < segments.size(); ++i) {
      Segment& segment = segments[i];
      if (i != 0 && !segment.before->agrees_with(*segments[i - 1].after))
        compress(segment, &*segments[i - 1].after);
      for (const DeflateBits& bits : segment.bits) size += bits.memory();
    }
    std::vector<uint8_t>& out = *jobs_[job].out;
    out.reserve(out.size() + size);
    ZlibStream stream(out);
    for (Segment& segment : segments) {
      for (const DeflateBits& bits : segment.bits) stream.append(bits);
      std::vector<DeflateBits>().swap(segment.bits);
    }
    stream.finish();
  }

  std::span<const ZlibJob> jobs_;
  ZlibCut cut_;
  std::vector<size_t> first_segment_;  // by job, and one past the last
  std::vector<Segment> segments_;      // each written by one thread at a time
  ScratchPool scratch_;
};

}  // namespace

void zlib_level1(std::span<const ZlibJob> jobs, ThreadPool& pool, ZlibCut cut) {
  Compressor(jobs, cut).run(pool);
}

}  // namespace dovetail::base
