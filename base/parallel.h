// Parallel loops whose results never depend on the number of threads or on
// timing: the body writes to places of its own, or to sets and sums that a total
// order arranges afterwards.
//
// One pool per process; the calling thread works too. `--schedule-seed` permutes
// the order in which work items are handed out and inserts yields, so that a
// test can shake out a dependence on timing.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/functional/function_ref.h"
#include "base/phase_timer.h"

namespace dovetail::base {

class ThreadPool {
 public:
  // threads: the caller included; 0 = as many as there are processors to use, 16 at most. seed: 0 = hand out in order.
  explicit ThreadPool(unsigned threads, uint64_t schedule_seed = 0);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  unsigned threads() const { return threads_; }

  // From now on each thread keeps when it worked on a loop or the second pass of both(), for --trace; what was called
  // from within another's body has a stretch within the other's. REQUIRES: no loop runs.
  void record_work() { work_.resize(threads_); }
  // By thread, in the order in which the stretches ended.
  const std::vector<std::vector<WorkSpan>>& work() const { return work_; }

  // Calls body(begin, end) over disjoint ranges that cover [0, count), each at
  // most `grain` long. Returns when all are done. Loops do not nest.
  void for_ranges(uint64_t count, uint64_t grain, absl::FunctionRef<void(uint64_t, uint64_t)> body);

  // Calls body(i) for each i of [0, count), one at a time per thread.
  void for_each(uint64_t count, absl::FunctionRef<void(uint64_t)> body);

  // The same for a body that keeps something per thread: body(worker, i), worker in [0, threads()).
  void for_each_by(uint64_t count, absl::FunctionRef<void(unsigned, uint64_t)> body);

  // Calls body(worker) on this thread and on each that comes free before it returns, worker in [0, threads()).
  void for_workers(absl::FunctionRef<void(unsigned)> body);

  // Two passes that need nothing of each other, each with loops of its own: where one of them works on one thread, the
  // other has the rest.
  void both(absl::FunctionRef<void()> first, absl::FunctionRef<void()> second);

 private:
  // A loop that is running. Threads that are free join those that they have not been in, the oldest first.
  struct Loop {
    const absl::FunctionRef<void(unsigned)>* body;
    uint64_t number = 0;
    std::atomic<unsigned> joined{0};  // threads in it, but for its own; changed under mutex_
  };

  void start_workers();
  void worker_loop(unsigned worker);
  void publish(Loop& loop);
  void run(absl::FunctionRef<void(unsigned)> body);
  void work_on(absl::FunctionRef<void(unsigned)> body);
  bool join_next(std::unique_lock<std::mutex>& lock, uint64_t& seen);
  uint64_t permuted(uint64_t i, uint64_t count) const;

  unsigned threads_;
  uint64_t seed_;
  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable wake_, done_;
  // A thread looks a while before it sleeps: many loops are shorter than it takes to wake one.
  template <class Condition>
  void look_for(Condition&& condition) const;

  std::vector<Loop*> loops_;                   // by number; guarded by mutex_
  std::atomic<uint64_t> last_loop_{0};         // changed under mutex_
  std::atomic<bool> stop_{false};              // changed under mutex_
  unsigned looks_ = 0;
  std::vector<std::vector<WorkSpan>> work_;  // by thread, each changed by that one; empty if nothing is recorded
};

}  // namespace dovetail::base
