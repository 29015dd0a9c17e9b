// Several zlib streams at once, whose input is made piece by piece, each piece a part of several streams.
//
// Problem: a unit's debug information goes to five sections, and each section is one zlib stream. Section by section,
// every object would be read five times; all at once, the sections would be whole in memory.
//
// Idea: pieces are made in order, by any thread, each straight into its place in the input of the streams. The input
// of a stream is one range of address space; memory behind it is touched as pieces arrive and given back when the
// blocks in it are compressed. Matching goes block by block in the order of the stream, as soon as all pieces before
// a block's end are there, one thread at a time per stream; the thread that matched a block encodes it, too, while the
// next thread matches on. Encoded blocks are appended in order.
//
// A free thread matches where most is left to do, or else makes the next piece, unless too much is waiting. The result
// depends on the bytes alone (base/go_deflate.h).
#pragma once

#include <array>
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
  // Makes a piece: writes its part of each stream.
  using Maker = absl::FunctionRef<void(unsigned worker, size_t piece)>;

  explicit CompressionPipeline(base::ThreadPool& threads) : threads_(threads) {}

  // The stream's input, to be filled by pieces; its output is appended to `out`.
  uint8_t* add(uint64_t size, std::vector<uint8_t>& out);
  // ends[i]: for each stream, how much of its input is there once pieces 0 to i are made. Call once.
  void run(std::span<const Extent> ends, Maker make);

 private:
  struct Stream {
    Stream(uint64_t n, std::vector<uint8_t>& out) : size(n), input(new uint8_t[n]), zlib(out) {}
    uint64_t block_count() const { return (size + base::kDeflateBlock - 1) / base::kDeflateBlock; }
    base::Bytes block(uint64_t i) const;

    uint64_t size;
    std::unique_ptr<uint8_t[]> input;
    base::ZlibStream zlib;
    base::DeflateMatcher matcher;
    uint64_t ready = 0;      // bytes of input; guarded by mutex_
    uint64_t matched = 0;    // blocks of which matching has begun; guarded by mutex_
    uint64_t appended = 0;   // blocks; guarded by mutex_
    uint64_t released = 0;   // bytes; guarded by mutex_
    bool matching = false, appending = false;                       // guarded by mutex_
    std::map<uint64_t, std::unique_ptr<base::DeflateBits>> encoded;  // by block; guarded by mutex_
  };

  void work(unsigned worker);
  bool finished() const;
  Stream* next_to_match();
  void match(std::unique_lock<std::mutex>& lock, Stream& stream, base::DeflateTokens& tokens);
  void append(std::unique_lock<std::mutex>& lock, Stream& stream);
  void release(Stream& stream);
  void make(std::unique_lock<std::mutex>& lock, unsigned worker);
  uint64_t waiting() const;

  base::ThreadPool& threads_;
  std::vector<std::unique_ptr<Stream>> streams_;
  std::span<const Extent> ends_;
  const Maker* maker_ = nullptr;
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t begun_ = 0, made_ = 0;  // pieces: handed out; complete without a gap. Guarded by mutex_
  std::vector<bool> done_;       // by piece; guarded by mutex_
  std::vector<std::unique_ptr<base::DeflateBits>> spare_;  // guarded by mutex_
};

}  // namespace dovetail::dwarf
