// Slots sorted into buckets by their key, and the table in which one bucket is joined.
//
// Where a key's copies lie in the objects is as good as random, so a table of all keys misses the cache with each of
// them. Slots are first dealt to buckets by some bits of the key's hash, in one sequential walk; then a bucket's
// table is small enough to stay in a processor's own cache. (1.98 million slots of 400,000 keys, helm, 2026-11: 64
// buckets of 6,000 keys, 390 KB each.)
//
// Order is kept: a batch of objects is dealt by one thread into a piece of the array that is its own, bucket by
// bucket, so a bucket read batch by batch has its slots in the order of RawIds.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <vector>

#include "base/column.h"
#include "base/name_hash.h"

namespace dovetail::loader {

// A slot and its key; in a table: the key's first slot. RawIds are never 0, which marks what is empty.
struct KeyedSlot {
  base::NameHash hash;
  uint32_t raw = 0;
  uint32_t shape = 0;
};

// The bucket of a key; lower bits of the hash pick the place in a table.
constexpr uint32_t kBucketBits = 6, kBuckets = 1u << kBucketBits;
inline uint32_t bucket_of(uint64_t hash) { return static_cast<uint32_t>(hash >> (64 - kBucketBits)); }

class KeyBuckets {
 public:
  // REQUIRES: batch b has at most starts[b + 1] - starts[b] slots.
  void reset(std::vector<uint64_t> starts, uint32_t buckets) {
    if (starts.back() > slots_.size()) slots_ = {}, slots_.resize(starts.back());
    starts_ = std::move(starts);
    buckets_ = buckets;
    ends_.assign((starts_.size() - 1) * buckets, 0);
  }
  // Counts of a batch's slots by bucket, to be added to. Then start(), which makes them places; put() fills.
  uint64_t* counts(uint64_t batch) { return &ends_[batch * buckets_]; }
  void start(uint64_t batch) {
    uint64_t at = starts_[batch];
    for (uint64_t *p = counts(batch), *end = p + buckets_; p != end; p++) {
      uint64_t count = *p;
      *p = at;
      at += count;
    }
  }
  void put(uint64_t* counts, uint32_t bucket, const KeyedSlot& slot) {
    KeyedSlot* to = &slots_[counts[bucket]++];
    __builtin_prefetch(to + 4, 1);  // the next line of the bucket
    *to = slot;
  }

  uint64_t batches() const { return starts_.size() - 1; }
  std::span<const KeyedSlot> run(uint64_t batch, uint32_t bucket) const {
    const uint64_t* end = &ends_[batch * buckets_ + bucket];
    uint64_t begin = bucket == 0 ? starts_[batch] : end[-1];
    return {slots_.data() + begin, *end - begin};
  }
  uint64_t size(uint32_t bucket) const {
    uint64_t sum = 0;
    for (uint64_t b = 0; b < batches(); b++) sum += run(b, bucket).size();
    return sum;
  }

 private:
  base::Column<KeyedSlot> slots_;
  std::vector<uint64_t> starts_;  // of batches in slots_
  std::vector<uint64_t> ends_;    // by batch and bucket
  uint32_t buckets_ = 0;
};

inline uint64_t table_size(uint64_t entries) {
  return std::bit_ceil(std::max<uint64_t>(64, entries + entries / 2));
}

// Open-addressed, linear probing. One per thread, for one bucket after another in the same memory.
class KeyTable {
 public:
  void reset(uint64_t expected) {
    resize(table_size(expected));
    used_ = 0;
  }
  // The entry of a key; a new one has raw == 0, and the caller fills it.
  KeyedSlot& find(const base::NameHash& hash) {
    if (used_ == limit_) grow();
    KeyedSlot& slot = *probe(hash);
    used_ += slot.raw == 0;
    return slot;
  }
  std::span<const KeyedSlot> slots() const { return {slots_.data(), mask_ + 1}; }

 private:
  KeyedSlot* probe(const base::NameHash& hash) {
    uint64_t i = hash.lo & mask_;
    while (!(slots_[i].hash == hash) && slots_[i].raw != 0) i = (i + 1) & mask_;
    return &slots_[i];
  }
  void resize(uint64_t size) {
    if (size > slots_.size()) slots_ = base::Column<KeyedSlot>(size);
    std::fill_n(slots_.begin(), size, KeyedSlot{});
    mask_ = size - 1;
    limit_ = size / 4 * 3;
  }
  [[gnu::noinline]] void grow() {
    std::vector<KeyedSlot> old;
    std::copy_if(slots_.begin(), slots_.begin() + static_cast<ptrdiff_t>(mask_ + 1), std::back_inserter(old),
                 [](const KeyedSlot& slot) { return slot.raw != 0; });
    resize((mask_ + 1) * 2);
    for (const KeyedSlot& slot : old) *probe(slot.hash) = slot;
  }

  base::Column<KeyedSlot> slots_;
  uint64_t mask_ = 0, used_ = 0, limit_ = 0;
};

}  // namespace dovetail::loader
