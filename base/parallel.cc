#include "base/parallel.h"

#include <algorithm>
#include <numeric>

namespace dovetail::base {
namespace {

constexpr unsigned kLooks = 1500;  // some 60 us

}  // namespace

ThreadPool::ThreadPool(unsigned threads, uint64_t schedule_seed)
    : threads_(threads ? threads : std::max(1u, std::thread::hardware_concurrency())), seed_(schedule_seed) {
  if (threads_ <= std::thread::hardware_concurrency()) looks_ = kLooks;
}

ThreadPool::~ThreadPool() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (std::thread& t : workers_) t.join();
}

template <class Condition>
void ThreadPool::look_for(Condition&& condition) const {
  for (unsigned i = 0; i < looks_ && !condition(); i++) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }
}

void ThreadPool::worker_loop(unsigned worker) {
  uint64_t seen = 0;
  for (;;) {
    const absl::FunctionRef<void(unsigned)>* job;
    look_for([&] { return stop_ || generation_ != seen; });
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return stop_ || generation_ != seen; });
      if (stop_) return;
      seen = generation_;
      job = job_;
    }
    (*job)(worker);
    if (running_.fetch_sub(1) != 1) continue;
    std::lock_guard lock(mutex_);  // or the caller might begin to wait in between
    done_.notify_one();
  }
}

void ThreadPool::run(absl::FunctionRef<void(unsigned)> body) {
  if (threads_ == 1) return body(0);
  // Started with the first parallel loop: `-V=full` and errors in the flags need none.
  while (workers_.size() + 1 < threads_) {
    unsigned worker = static_cast<unsigned>(workers_.size()) + 1;
    workers_.emplace_back([this, worker] { worker_loop(worker); });
  }
  {
    std::lock_guard lock(mutex_);
    job_ = &body;
    running_ = threads_ - 1;
    generation_++;
  }
  wake_.notify_all();
  body(0);
  look_for([&] { return running_ == 0; });
  std::unique_lock lock(mutex_);
  done_.wait(lock, [&] { return running_ == 0; });
  job_ = nullptr;
}

void ThreadPool::for_workers(absl::FunctionRef<void(unsigned)> body) { run(body); }

// A bijection of [0, count): i -> a * i + b modulo count, with a coprime to count.
uint64_t ThreadPool::permuted(uint64_t i, uint64_t count) const {
  if (seed_ == 0 || count < 2) return i;
  uint64_t a = (seed_ * 0x9e3779b97f4a7c15u >> 33) % count | 1;
  while (std::gcd(a, count) != 1) a++;
  return static_cast<uint64_t>((static_cast<__uint128_t>(a) * i + seed_) % count);
}

void ThreadPool::for_each_by(uint64_t count, absl::FunctionRef<void(unsigned, uint64_t)> body) {
  if (count <= 1 || (threads_ == 1 && seed_ == 0)) {
    for (uint64_t i = 0; i < count; i++) body(0, i);
    return;
  }
  std::atomic<uint64_t> next{0};
  run([&](unsigned worker) {
    for (;;) {
      uint64_t i = next.fetch_add(1, std::memory_order_relaxed);
      if (i >= count) return;
      i = permuted(i, count);
      if (seed_ != 0 && ((i + worker) * seed_ & 4)) std::this_thread::yield();
      body(worker, i);
    }
  });
}

void ThreadPool::for_ranges(uint64_t count, uint64_t grain,
                            absl::FunctionRef<void(uint64_t, uint64_t)> body) {
  grain = std::max<uint64_t>(grain, 1);
  for_each_by((count + grain - 1) / grain,
              [&](unsigned, uint64_t i) { body(i * grain, std::min(count, (i + 1) * grain)); });
}

void ThreadPool::for_each(uint64_t count, absl::FunctionRef<void(uint64_t)> body) {
  for_each_by(count, [&](unsigned, uint64_t i) { body(i); });
}

}  // namespace dovetail::base
