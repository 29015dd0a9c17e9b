// Loops cover their range once, whatever runs beside them; what is kept per thread is touched by one thread at a time.
#include "base/parallel.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdint>
#include <vector>

namespace base = dovetail::base;

namespace {

// Runs loops of several lengths; false if an index was missed or met twice, or two threads had one number at once.
bool loops_hold(base::ThreadPool& pool, uint64_t rounds) {
  std::atomic<bool> good{true};
  for (uint64_t round = 0; round < rounds; round++) {
    uint64_t count = round * 37 % 300;
    std::vector<std::atomic<int>> met(count);
    std::vector<std::atomic<int>> busy(pool.threads());
    pool.for_each_by(count, [&](unsigned worker, uint64_t i) {
      if (worker >= busy.size() || busy[worker].fetch_add(1) != 0) good = false;
      met[i]++;
      if (worker < busy.size()) busy[worker]--;
    });
    for (std::atomic<int>& n : met) {
      if (n != 1) good = false;
    }
  }
  return good;
}

}  // namespace

TEST_CASE("loops beside each other") {
  for (unsigned threads : {1u, 2u, 3u, 8u}) {
    for (uint64_t seed : {0u, 5u}) {
      base::ThreadPool pool(threads, seed);
      bool first = false, second = false, inner = false;
      pool.both([&] { first = loops_hold(pool, 300); }, [&] { second = loops_hold(pool, 200); });
      CHECK(first);
      CHECK(second);
      // One may have two of its own, and either may be the longer one.
      pool.both([&] { pool.both([&] { first = loops_hold(pool, 20); }, [&] { inner = loops_hold(pool, 100); }); },
                [&] { second = loops_hold(pool, 300); });
      CHECK((first && second && inner));
      CHECK(loops_hold(pool, 50));
    }
  }
}

TEST_CASE("both run when no loop does") {
  for (unsigned threads : {1u, 2u, 4u}) {
    base::ThreadPool pool(threads);
    std::atomic<int> runs{0};
    for (int i = 0; i < 200; i++) pool.both([&] { runs++; }, [&] { runs++; });
    CHECK(runs == 400);
  }
}

TEST_CASE("a loop on every thread ends when its caller's part does") {
  base::ThreadPool pool(4);
  for (int i = 0; i < 100; i++) {
    std::atomic<unsigned> inside{0}, bad{0};
    pool.for_workers([&](unsigned worker) {
      if (worker >= 4) bad++;
      inside++;
      inside--;
    });
    CHECK(inside == 0);
    CHECK(bad == 0);
  }
}
