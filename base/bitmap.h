// A fixed-size bitmap whose bits several threads may set, with ranks.
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>
#include "base/column.h"

namespace dovetail::base {

class Bitmap {
 public:
  Bitmap() = default;
  // With a word for the end, which a rank may be asked for.
  explicit Bitmap(uint64_t bits) : bits_(bits), words_(bits / 64 + 1) { touch(words_); }

  uint64_t size() const { return bits_; }
  uint64_t word_count() const { return words_.size(); }
  uint64_t word(uint64_t i) const { return words_[i]; }

  bool test(uint64_t i) const {
    return (std::atomic_ref(const_cast<uint64_t&>(words_[i / 64])).load(std::memory_order_relaxed) >> (i % 64)) & 1;
  }
  // Sequentially consistent: reach relies on the order between two bitmaps.
  bool test_seq(uint64_t i) const {
    return (std::atomic_ref(const_cast<uint64_t&>(words_[i / 64])).load() >> (i % 64)) & 1;
  }
  // Sets a bit, from any thread; true if it was clear.
  bool set(uint64_t i) {
    uint64_t mask = uint64_t{1} << (i % 64);
    std::atomic_ref<uint64_t> word(words_[i / 64]);
    if (word.load(std::memory_order_seq_cst) & mask) return false;
    return !(word.fetch_or(mask) & mask);
  }
  // The same for 64 bits, and for clearing one.
  uint64_t word_seq(uint64_t i) const { return std::atomic_ref(const_cast<uint64_t&>(words_[i])).load(); }
  void clear(uint64_t i) {
    std::atomic_ref<uint64_t>(words_[i / 64]).fetch_and(~(uint64_t{1} << (i % 64)));
  }

 private:
  uint64_t bits_ = 0;
  Column<uint64_t> words_;
};

// Number of set bits before a position, in constant time. Built once the bitmap
// no longer changes: one u32 for each 64-bit word.
class Rank {
 public:
  Rank() = default;
  explicit Rank(const Bitmap& map) : before_(map.word_count() + 1) {
    uint32_t n = 0;
    for (uint64_t i = 0; i < map.word_count(); i++) {
      before_[i] = n;
      n += static_cast<uint32_t>(std::popcount(map.word(i)));
    }
    before_[map.word_count()] = n;
  }
  // REQUIRES: i <= size.
  uint32_t before(const Bitmap& map, uint64_t i) const {
    uint64_t low = (uint64_t{1} << (i % 64)) - 1;
    return before_[i / 64] + static_cast<uint32_t>(std::popcount(map.word(i / 64) & low));
  }
  uint32_t before_word(uint64_t w) const { return before_[w]; }
  uint32_t total() const { return before_.empty() ? 0 : before_.back(); }

 private:
  Column<uint32_t> before_;
};

}  // namespace dovetail::base
