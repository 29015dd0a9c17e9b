// Several zlib streams at once, whose input is made piece by piece, each piece a part of several streams.
//
// Problem: a unit's debug information goes to five sections, and each section is one zlib stream. Section by section,
// every object would be read five times; all at once, the sections would be whole in memory.
//
// Idea: pieces are made in order, by any thread, each straight into the input of the streams. A stream's input is cut
// into segments, at borders of pieces; a segment has a buffer from its first piece to its last block, and buffers are
// used again, so that memory stays in the caches and is not asked for anew. A block that two segments share belongs to
// the second one: it is moved there, together with the window before it, into room before the segment. Matching goes
// block by block in the order of the stream, as soon as all pieces before a block's end are there, one thread at a
// time per stream; the thread that matched a block encodes it, too, while the next thread matches on. Encoded blocks
// are appended in order.
//
// A free thread matches where most is left to do, or else makes the next piece, unless too much is waiting. The result
// depends on the bytes alone (base/go_deflate.h).
#pragma once

#include <algorithm>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "absl/functional/function_ref.h"
#include "base/go_deflate.h"
#include "base/parallel.h"
#include "dwarf/sections.h"

namespace dovetail::dwarf {

class CompressionPipeline {
 public:
  // Makes a piece: writes its part of each stream to where `to` says.
  using Maker = absl::FunctionRef<void(unsigned worker, size_t piece, const SectionBytes& to)>;

  explicit CompressionPipeline(base::ThreadPool& threads) : threads_(threads) {}

  // A stream of `size` bytes; its output is appended to `out`. Call once per section, in their order.
  void add(uint64_t size, base::Bytes prefix, std::vector<uint8_t>& out);
  // ends[i]: where each stream's part of piece i ends; the first part begins behind the prefix. Call once.
  void run(std::span<const Extent> ends, Maker make);

 private:
  struct Segment {
    uint64_t begin = 0, end = 0;         // in the stream
    size_t end_piece = 0;
    uint64_t users = 0;                  // blocks not yet encoded, and the next segment until it has its first block
    std::unique_ptr<uint8_t[]> buffer;   // kHeadroom bytes, then the segment
  };
  struct Stream {
    Stream(uint64_t n, base::Bytes p, std::vector<uint8_t>& out) : size(n), prefix(p), zlib(out) {}
    uint64_t block_count() const { return (size + base::kDeflateBlock - 1) / base::kDeflateBlock; }
    uint64_t block_end(uint64_t i) const { return std::min(size, (i + 1) * base::kDeflateBlock); }

    uint64_t size;
    base::Bytes prefix;
    base::ZlibStream zlib;
    base::DeflateMatcher matcher;
    std::vector<Segment> segments;   // users and buffers guarded by mutex_
    size_t filling = 0;              // segment of the next piece; guarded by mutex_
    size_t searched = 0;             // segment of the block that is matched; of the thread that matches
    uint64_t ready = 0;              // bytes of input; guarded by mutex_
    uint64_t matched = 0;            // blocks of which matching has begun; guarded by mutex_
    uint64_t appended = 0;           // blocks; guarded by mutex_
    bool matching = false, appending = false;                       // guarded by mutex_
    std::map<uint64_t, std::unique_ptr<base::DeflateBits>> encoded;  // by block; guarded by mutex_
  };

  void cut(Stream& stream, size_t section);
  void work(unsigned worker);
  bool finished() const;
  Stream* next_to_match();
  void match(std::unique_lock<std::mutex>& lock, Stream& stream, base::DeflateTokens& tokens);
  bool move_head(Stream& stream, uint64_t block);
  void append(std::unique_lock<std::mutex>& lock, Stream& stream);
  void leave(Segment& segment);
  void make(std::unique_lock<std::mutex>& lock, unsigned worker);
  uint8_t* place(Stream& stream, uint64_t begin, size_t piece);
  uint64_t waiting() const;

  base::ThreadPool& threads_;
  std::vector<std::unique_ptr<Stream>> streams_;
  std::span<const Extent> ends_;
  const Maker* maker_ = nullptr;
  size_t buffer_size_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t begun_ = 0, made_ = 0;  // pieces: handed out; complete without a gap. Guarded by mutex_
  std::vector<bool> done_;       // by piece; guarded by mutex_
  std::vector<std::unique_ptr<base::DeflateBits>> spare_;    // guarded by mutex_
  std::vector<std::unique_ptr<uint8_t[]>> spare_buffers_;    // guarded by mutex_
};

}  // namespace dovetail::dwarf
