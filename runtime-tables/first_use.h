// The order of first use, found in parallel.
//
// Problem: cmd/link walks all functions in address order and gives a place in a
// table to everything that it meets for the first time (names, files, pc tables,
// funcdata). Which use is the first is a property of the whole sequence.
//
// Idea: each thing has a slot with the least position that used it, lowered
// atomically by whoever meets it. A use that lowers the slot is also a candidate,
// kept in the list of its chunk in walking order. When all uses are noted, the
// candidates whose position still stands in the slot are exactly the first uses,
// and the chunks' lists one after another are their order. One pass over the uses,
// a cheap one over little more than the things.
//
// Invariants: a chunk is walked by one thread, its positions never descend, and all
// positions of a chunk are below those of the next. Hence the result does not depend
// on threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <vector>

#include "base/column.h"
#include "base/parallel.h"

namespace dovetail::runtime_tables {

class FirstUse {
 public:
  static constexpr uint32_t kUnused = ~0u;
  // Keys from here on are used once only: they have no slot and are never joined.
  static constexpr uint32_t kUnique = 1u << 31;

  // REQUIRES: keys < kUnique.
  FirstUse(base::ThreadPool& threads, uint32_t keys, uint64_t chunks) : slots_(keys), candidates_(chunks) {
    constexpr uint64_t kGrain = 64 << 10;
    threads.for_ranges(keys, kGrain, [&](uint64_t begin, uint64_t end) {
      std::fill_n(slots_.data() + begin, end - begin, kUnused);
    });
  }
  FirstUse() = default;

  // A use, from the thread that walks the chunk. REQUIRES: position < kUnused; key < keys, or unique.
  void note(uint64_t chunk, uint32_t position, uint32_t key) {
    if (key < kUnique && !lower(slots_[key], position)) return;
    candidates_[chunk].push_back({position, key});
  }

  // The keys that were used, by first use. May be asked once; the slots then belong to the caller, and
  // those of keys that nobody used hold kUnused.
  std::vector<uint32_t> order(base::ThreadPool& threads);

  uint32_t& slot(uint32_t key) { return slots_[key]; }
  uint32_t slot(uint32_t key) const { return slots_[key]; }

 private:
  struct Candidate {
    uint32_t position, key;
  };

  // Whether `position` is the least so far.
  static bool lower(uint32_t& slot, uint32_t position) {
    std::atomic_ref<uint32_t> least(slot);
    uint32_t seen = least.load(std::memory_order_relaxed);
    while (position < seen) {
      if (least.compare_exchange_weak(seen, position, std::memory_order_relaxed)) return true;
    }
    return false;
  }

  base::Column<uint32_t> slots_;
  std::vector<std::vector<Candidate>> candidates_;  // one per chunk, touched by its walker only
};

}  // namespace dovetail::runtime_tables
