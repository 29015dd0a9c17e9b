#include "dwarf/pipeline.h"

#include <algorithm>
#include <cstring>

namespace dovetail::dwarf {

using base::kDeflateBlock;
using base::kDeflateWindow;

namespace {

// Input that may wait to be matched, for each thread.
constexpr uint64_t kWaitingPerThread = 2 << 20;
// A segment ends with the piece that makes it this long: short enough for its buffer to stay in the cache, long
// against what is moved from one to the next.
constexpr uint64_t kSegment = 512 << 10;
// For the beginning of a block and the window before it.
constexpr uint64_t kHeadroom = kDeflateBlock + kDeflateWindow;
static_assert(kSegment > kHeadroom);

}  // namespace

void CompressionPipeline::add(uint64_t size, base::Bytes prefix, std::vector<uint8_t>& out) {
  out.reserve(out.size() + size);  // address space: what is not written costs nothing
  streams_.push_back(std::make_unique<Stream>(size, prefix, out));
}

void CompressionPipeline::run(std::span<const Extent> ends, Maker make) {
  ends_ = ends;
  maker_ = &make;
  done_.resize(ends.size());
  for (size_t s = 0; s < streams_.size(); s++) cut(*streams_[s], s);
  threads_.for_workers([&](unsigned worker) { work(worker); });
  for (auto& stream : streams_) stream->zlib.finish();
}

// A segment other than the last is longer than a block and a window, so that no block and no window spans three.
void CompressionPipeline::cut(Stream& s, size_t section) {
  for (size_t i = 0; i < ends_.size() && s.size != 0; i++) {
    uint64_t begin = s.segments.empty() ? 0 : s.segments.back().end, end = ends_[i][section];
    if (end - begin < kSegment && end != s.size) continue;
    Segment& segment = s.segments.emplace_back();
    segment.begin = begin;
    segment.end = end;
    segment.end_piece = i + 1;
    uint64_t blocks = (end == s.size ? s.block_count() : end / kDeflateBlock) - begin / kDeflateBlock;
    segment.users = blocks + (end == s.size ? 0 : 1);
    buffer_size_ = std::max<size_t>(buffer_size_, kHeadroom + (end - begin));
    if (end == s.size) return;
  }
}

void CompressionPipeline::work(unsigned worker) {
  base::DeflateTokens tokens;
  std::unique_lock lock(mutex_);
  while (!finished()) {
    if (Stream* stream = next_to_match()) {
      match(lock, *stream, tokens);
    } else if (begun_ < ends_.size() && (waiting() < kWaitingPerThread * threads_.threads() || begun_ == made_)) {
      make(lock, worker);
    } else {
      changed_.wait(lock);
    }
  }
}

bool CompressionPipeline::finished() const {
  return std::all_of(streams_.begin(), streams_.end(), [](const auto& s) { return s->appended == s->block_count(); });
}

uint64_t CompressionPipeline::waiting() const {
  uint64_t bytes = 0;
  for (size_t i = 0; i < streams_.size(); i++) {
    uint64_t handed_out = begun_ == 0 ? 0 : ends_[begun_ - 1][i];
    bytes += handed_out - std::min(handed_out, streams_[i]->matched * kDeflateBlock);
  }
  return bytes;
}

CompressionPipeline::Stream* CompressionPipeline::next_to_match() {
  Stream* best = nullptr;
  uint64_t most = 0;
  for (auto& s : streams_) {
    if (s->matching || s->matched == s->block_count()) continue;
    if (s->block_end(s->matched) > s->ready) continue;
    uint64_t left = s->block_count() - s->matched;
    if (left > most) best = s.get(), most = left;
  }
  return best;
}

void CompressionPipeline::match(std::unique_lock<std::mutex>& lock, Stream& s, base::DeflateTokens& tokens) {
  uint64_t i = s.matched++;
  s.matching = true;
  std::unique_ptr<base::DeflateBits> bits;
  if (!spare_.empty()) {
    bits = std::move(spare_.back());
    spare_.pop_back();
  }
  lock.unlock();
  if (!bits) bits = std::make_unique<base::DeflateBits>();
  if (move_head(s, i)) {
    lock.lock();
    leave(s.segments[s.searched - 1]);
    lock.unlock();
  }
  Segment& segment = s.segments[s.searched];
  uint64_t begin = i * kDeflateBlock;
  base::Bytes block(segment.buffer.get() + (kHeadroom + begin - segment.begin), s.block_end(i) - begin);
  s.matcher.find_matches(block.data(), block.size(), tokens);
  lock.lock();
  s.matching = false;
  changed_.notify_all();
  lock.unlock();
  base::encode_deflate_block(block, tokens, *bits);
  lock.lock();
  leave(segment);
  s.encoded.emplace(i, std::move(bits));
  append(lock, s);
}

// If the block is the first that ends in the next segment: goes on to that one.
bool CompressionPipeline::move_head(Stream& s, uint64_t i) {
  const Segment& from = s.segments[s.searched];
  if (s.block_end(i) <= from.end) return false;
  Segment& to = s.segments[++s.searched];
  uint64_t begin = i * kDeflateBlock;
  begin -= std::min<uint64_t>(begin, kDeflateWindow);
  std::memcpy(to.buffer.get() + (kHeadroom + begin - to.begin), from.buffer.get() + (kHeadroom + begin - from.begin),
              to.begin - begin);
  return true;
}

void CompressionPipeline::leave(Segment& segment) {
  if (--segment.users == 0) spare_buffers_.push_back(std::move(segment.buffer));
}

void CompressionPipeline::append(std::unique_lock<std::mutex>& lock, Stream& s) {
  if (s.appending) return;  // whoever does will see this block, too
  s.appending = true;
  while (!s.encoded.empty() && s.encoded.begin()->first == s.appended) {
    std::unique_ptr<base::DeflateBits> bits = std::move(s.encoded.begin()->second);
    s.encoded.erase(s.encoded.begin());
    lock.unlock();
    s.zlib.append(*bits);
    lock.lock();
    spare_.push_back(std::move(bits));
    s.appended++;
  }
  s.appending = false;
  changed_.notify_all();
}

void CompressionPipeline::make(std::unique_lock<std::mutex>& lock, unsigned worker) {
  size_t piece = begun_++;
  SectionBytes to{};
  for (size_t i = 0; i < streams_.size(); i++) {
    uint64_t begin = piece == 0 ? streams_[i]->prefix.size() : ends_[piece - 1][i];
    to[i] = place(*streams_[i], begin, piece);
  }
  lock.unlock();
  (*maker_)(worker, piece, to);
  lock.lock();
  done_[piece] = true;
  while (made_ < done_.size() && done_[made_]) made_++;
  for (size_t i = 0; i < streams_.size() && made_ != 0; i++) streams_[i]->ready = ends_[made_ - 1][i];
  changed_.notify_all();
}

// Where a piece's part of a stream begins; null if nothing of the stream is left.
uint8_t* CompressionPipeline::place(Stream& s, uint64_t begin, size_t piece) {
  if (s.filling < s.segments.size() && piece == s.segments[s.filling].end_piece) s.filling++;
  if (s.filling == s.segments.size()) return nullptr;
  Segment& segment = s.segments[s.filling];
  if (!segment.buffer) {
    if (spare_buffers_.empty()) spare_buffers_.emplace_back(new uint8_t[buffer_size_]);
    segment.buffer = std::move(spare_buffers_.back());
    spare_buffers_.pop_back();
    if (s.filling == 0) std::copy(s.prefix.begin(), s.prefix.end(), segment.buffer.get() + kHeadroom);
  }
  return segment.buffer.get() + (kHeadroom + begin - segment.begin);
}

}  // namespace dovetail::dwarf
