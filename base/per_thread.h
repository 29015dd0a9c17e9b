// What each thread of a loop keeps to itself.
#pragma once

#include <cstddef>
#include <vector>

namespace dovetail::base {

// Bytes that processors fetch together: two cache lines. What one thread writes again and again and others read at the
// same time has to stand so far from it.
constexpr size_t kApart = 128;

// One T for each thread, by the thread's number. In a plain vector the threads would write to each other's cache lines,
// if only the ends of their vectors: joining keys took twice as long, now and then (cmd/compile, 2026-11).
template <class T>
class PerThread {
 public:
  PerThread() = default;
  template <class... Args>
  explicit PerThread(unsigned threads, const Args&... args) {
    slots_.reserve(threads);
    for (unsigned i = 0; i < threads; i++) slots_.push_back(Slot{T(args...)});
  }
  T& operator[](unsigned thread) { return slots_[thread].value; }
  // Calls f(value) for each thread's.
  template <class F>
  void for_each(F&& f) {
    for (Slot& slot : slots_) f(slot.value);
  }

 private:
  struct alignas(kApart) Slot {
    T value;
  };
  std::vector<Slot> slots_;
};

}  // namespace dovetail::base
