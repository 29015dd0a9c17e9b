#include "base/parallel.h"

#include <algorithm>
#include <numeric>

#include "base/per_thread.h"
#include "base/processors.h"

namespace dovetail::base {
namespace {

constexpr unsigned kLooks = 1500;  // some 60 us
// Unless more are asked for. Passes are cut into loops of a millisecond and less, which more threads do not shorten.
constexpr unsigned kMostThreads = 16;

thread_local unsigned self = 0;  // of a worker its number, of any other thread 0

}  // namespace

ThreadPool::ThreadPool(unsigned threads, uint64_t schedule_seed)
    : seed_(schedule_seed) {
  unsigned processors = usable_processors();
  threads_ = threads ? threads : std::min(processors, kMostThreads);
  if (threads_ <= processors) looks_ = kLooks;
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

// Calls body(self).
void ThreadPool::work_on(absl::FunctionRef<void(unsigned)> body) {
  if (work_.empty()) return body(self);
  WorkSpan span;
  body(self);
  span.end();
  work_[self].push_back(span);
}

// Takes part in the oldest running loop that this thread has not been in; false if there is none.
bool ThreadPool::join_next(std::unique_lock<std::mutex>& lock, uint64_t& seen) {
  auto it = std::find_if(loops_.begin(), loops_.end(), [&](const Loop* loop) { return loop->number > seen; });
  if (it == loops_.end()) return false;
  Loop& loop = **it;
  seen = loop.number;
  loop.joined++;
  lock.unlock();
  work_on(*loop.body);
  lock.lock();
  if (--loop.joined == 0) {
    done_.notify_all();
    wake_.notify_all();  // both() waits for either
  }
  return true;
}

void ThreadPool::worker_loop(unsigned worker) {
  self = worker;
  uint64_t seen = 0, last = 0;
  std::unique_lock lock(mutex_, std::defer_lock);
  for (;;) {
    look_for([&] { return stop_ || last_loop_ != last; });
    lock.lock();
    wake_.wait(lock, [&] { return stop_ || last_loop_ != last; });
    if (stop_) return;
    last = last_loop_;
    while (join_next(lock, seen)) {
    }
    lock.unlock();
  }
}

// Started with the first parallel loop: `-V=full` and errors in the flags need none.
void ThreadPool::start_workers() {
  while (workers_.size() + 1 < threads_) {
    unsigned worker = static_cast<unsigned>(workers_.size()) + 1;
    workers_.emplace_back([this, worker] { worker_loop(worker); });
  }
}

void ThreadPool::publish(Loop& loop) {
  {
    std::lock_guard lock(mutex_);
    loop.number = ++last_loop_;
    loops_.push_back(&loop);
  }
  wake_.notify_all();
}

void ThreadPool::run(absl::FunctionRef<void(unsigned)> body) {
  if (threads_ == 1) return work_on(body);
  if (self == 0) start_workers();
  Loop loop{&body};
  publish(loop);
  work_on(body);
  std::unique_lock lock(mutex_);
  std::erase(loops_, &loop);
  if (loop.joined == 0) return;
  lock.unlock();
  look_for([&] { return loop.joined == 0; });
  lock.lock();
  done_.wait(lock, [&] { return loop.joined == 0; });
}

void ThreadPool::for_workers(absl::FunctionRef<void(unsigned)> body) { run(body); }

void ThreadPool::both(absl::FunctionRef<void()> first, absl::FunctionRef<void()> second) {
  if (threads_ == 1) return first(), second();
  start_workers();
  std::atomic<bool> taken{false};
  auto take = [&](unsigned) {
    if (!taken.exchange(true)) second();
  };
  absl::FunctionRef<void(unsigned)> body = take;
  Loop track{&body};
  publish(track);
  first();
  if (!taken.exchange(true)) work_on([&](unsigned) { second(); });
  // The other one's loops are helped until it is through.
  uint64_t seen = track.number, last = 0;
  std::unique_lock lock(mutex_);
  std::erase(loops_, &track);
  while (track.joined != 0) {
    last = last_loop_;
    while (join_next(lock, seen)) {
    }
    lock.unlock();
    look_for([&] { return track.joined == 0 || last_loop_ != last; });
    lock.lock();
    wake_.wait(lock, [&] { return track.joined == 0 || last_loop_ != last; });
  }
}

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
  alignas(kApart) std::atomic<uint64_t> next{0};
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
