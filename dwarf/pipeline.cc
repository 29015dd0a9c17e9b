#include "dwarf/pipeline.h"

#include <algorithm>

#include "base/file.h"

namespace dovetail::dwarf {

using base::kDeflateBlock;
using base::kDeflateWindow;

namespace {

// Input that may wait to be matched, for each thread.
constexpr uint64_t kWaitingPerThread = 2 << 20;
// Memory is given back in steps of this size: every call interrupts the other threads.
constexpr uint64_t kReleaseStep = 1 << 20;

}  // namespace

base::Bytes CompressionPipeline::Stream::block(uint64_t i) const {
  uint64_t begin = i * kDeflateBlock;
  return {input.get() + begin, std::min<uint64_t>(kDeflateBlock, size - begin)};
}

uint8_t* CompressionPipeline::add(uint64_t size, std::vector<uint8_t>& out) {
  streams_.push_back(std::make_unique<Stream>(size, out));
  return streams_.back()->input.get();
}

void CompressionPipeline::run(std::span<const Extent> ends, Maker make) {
  ends_ = ends;
  maker_ = &make;
  done_.resize(ends.size());
  threads_.for_workers([&](unsigned worker) { work(worker); });
  for (auto& stream : streams_) stream->zlib.finish();
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
    if (std::min(s->size, (s->matched + 1) * kDeflateBlock) > s->ready) continue;
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
  base::Bytes block = s.block(i);
  s.matcher.find_matches(block.data(), block.size(), tokens);
  lock.lock();
  s.matching = false;
  changed_.notify_all();
  lock.unlock();
  base::encode_deflate_block(block, tokens, *bits);
  lock.lock();
  s.encoded.emplace(i, std::move(bits));
  append(lock, s);
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
  release(s);
  changed_.notify_all();
}

// What lies before the next block's window is not looked at again.
void CompressionPipeline::release(Stream& s) {
  uint64_t end = std::min(s.appended, s.matched - s.matching) * kDeflateBlock;
  end = s.appended == s.block_count() ? s.size : end - std::min<uint64_t>(end, kDeflateWindow);
  if (end < s.released + kReleaseStep && s.appended != s.block_count()) return;
  base::MappedFile::drop({s.input.get() + s.released, end - s.released});
  s.released = end;
}

void CompressionPipeline::make(std::unique_lock<std::mutex>& lock, unsigned worker) {
  size_t piece = begun_++;
  lock.unlock();
  (*maker_)(worker, piece);
  lock.lock();
  done_[piece] = true;
  while (made_ < done_.size() && done_[made_]) made_++;
  for (size_t i = 0; i < streams_.size() && made_ != 0; i++) streams_[i]->ready = ends_[made_ - 1][i];
  changed_.notify_all();
}

}  // namespace dovetail::dwarf
