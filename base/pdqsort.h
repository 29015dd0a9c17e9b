// The unstable sort of Go's standard library, with its exact permutation.
//
// Problem: cmd/link sorts several tables with keys that tie (typelinks by type string, compilation units by
// first pc, Mach-O symbols by name). The order among equal keys is then whatever pattern-defeating quicksort
// makes of the input order, and it is visible in the output. So the sort must make the same comparisons and
// the same moves as Go's, not merely sort.
//
// What it must equal, Go 1.26: slices/zsortanyfunc.go pdqsortCmpFunc as called by slices.SortFunc, and
// sort/zsortfunc.go pdqsort_func as called by sort.Slice and sort.Sort. The two are one algorithm: the same
// constants (insertion at 12, ninther from 50, five shifts, bits.Len(n) bad pivots), the same xorshift.
//
// Idea: every decision rests on less(x, y) alone, so one template over a span serves both. Where Go moves an
// element by a chain of adjacent swaps, we hold it aside and shift: the comparisons and the result are equal.
//
// Invariants: positions are absolute in the span, since the element just left of a range (the pivot of an
// earlier partition) decides whether the range is split by equality. The recursion takes the shorter part, so
// its depth is at most log2(n). `less` must be a strict weak order; then nothing outside the span is read.
//
// tests/unit/pdqsort_test.cc compares permutations with Go's.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace dovetail::base {
namespace pdqsort_internal {

inline constexpr std::ptrdiff_t kInsertionMax = 12;  // ranges up to this length: insertion sort
inline constexpr std::ptrdiff_t kNintherMin = 50;    // from here the pivot is a median of three medians
inline constexpr std::ptrdiff_t kShiftMin = 50;      // shorter ranges are never repaired, only recognised
inline constexpr int kMaxShifts = 5;                 // repairs before a nearly sorted range is given up
inline constexpr int kDescendingSwaps = 12;          // every comparison of the ninther found a descent

template <class T, class Less>
class Sorter {
 public:
  using Pos = std::ptrdiff_t;

  Sorter(T* data, Less& less) : data_(data), less_(less) {}

  // Sorts [a, b). `limit` is how many unbalanced partitions are borne before heapsort takes over.
  void sort(Pos a, Pos b, int limit) {
    bool balanced = true;
    bool found_partitioned = true;
    for (;;) {
      const Pos n = b - a;
      if (n <= kInsertionMax) return insertion_sort(a, b);
      if (limit == 0) return heap_sort(a, b);
      if (!balanced) {
        scatter(a, b);
        --limit;
      }
      Pivot pivot = choose_pivot(a, b);
      if (pivot.trend == Trend::kDescending) {
        reverse(a, b);
        pivot = {a + (b - 1 - pivot.at), Trend::kAscending};
      }
      if (balanced && found_partitioned && pivot.trend == Trend::kAscending && finish_if_nearly_sorted(a, b))
        return;
      if (a > 0 && !before(a - 1, pivot.at)) {
        // The element on the left is a lower bound and is not less than the pivot: the pivot is the minimum.
        a = split_equal(a, b, pivot.at);
        continue;
      }
      const Split split = partition(a, b, pivot.at);
      found_partitioned = split.nothing_moved;
      const Pos left = split.mid - a;
      const Pos right = b - split.mid;
      if (left < right) {
        balanced = left >= n / 8;
        sort(a, split.mid, limit);
        a = split.mid + 1;
      } else {
        balanced = right >= n / 8;
        sort(split.mid + 1, b, limit);
        b = split.mid;
      }
    }
  }

 private:
  enum class Trend : std::uint8_t { kUnknown, kAscending, kDescending };
  struct Pivot {
    Pos at;
    Trend trend;
  };
  struct Split {
    Pos mid;
    bool nothing_moved;
  };

  bool before(Pos i, Pos j) { return less_(std::as_const(data_[i]), std::as_const(data_[j])); }
  void swap(Pos i, Pos j) {
    using std::swap;
    if (i != j) swap(data_[i], data_[j]);
  }

  // Moves data_[i] left while it is less than its neighbour, at most down to `floor`.
  void sink_left(Pos i, Pos floor) {
    if (i <= floor || !before(i, i - 1)) return;
    T held = std::move(data_[i]);
    do {
      data_[i] = std::move(data_[i - 1]);
      --i;
    } while (i > floor && less_(std::as_const(held), std::as_const(data_[i - 1])));
    data_[i] = std::move(held);
  }

  // Moves data_[i] right while its right neighbour is less, at most to end - 1.
  void float_right(Pos i, Pos end) {
    if (i + 1 >= end || !before(i + 1, i)) return;
    T held = std::move(data_[i]);
    do {
      data_[i] = std::move(data_[i + 1]);
      ++i;
    } while (i + 1 < end && less_(std::as_const(data_[i + 1]), std::as_const(held)));
    data_[i] = std::move(held);
  }

  void insertion_sort(Pos a, Pos b) {
    for (Pos i = a + 1; i < b; ++i) sink_left(i, a);
  }

  void sift_down(Pos first, Pos root, Pos n) {
    for (Pos child = 2 * root + 1; child < n; child = 2 * root + 1) {
      if (child + 1 < n && before(first + child, first + child + 1)) ++child;
      if (!before(first + root, first + child)) return;
      swap(first + root, first + child);
      root = child;
    }
  }

  void heap_sort(Pos a, Pos b) {
    const Pos n = b - a;
    for (Pos root = (n - 1) / 2; root >= 0; --root) sift_down(a, root, n);
    for (Pos last = n - 1; last >= 0; --last) {
      swap(a, a + last);
      sift_down(a, 0, last);
    }
  }

  // Swaps the three elements round the middle with pseudo-random ones; the seed is the length.
  void scatter(Pos a, Pos b) {
    const auto n = static_cast<std::uint64_t>(b - a);
    std::uint64_t state = n;
    const std::uint64_t mask = (std::uint64_t{1} << std::bit_width(n)) - 1;
    const Pos middle = a + static_cast<Pos>(n / 4 * 2);
    for (Pos i = middle - 1; i <= middle + 1; ++i) {
      state ^= state << 13;
      state ^= state >> 7;
      state ^= state << 17;
      std::uint64_t other = state & mask;
      if (other >= n) other -= n;
      swap(i, a + static_cast<Pos>(other));
    }
  }

  Pos median(Pos x, Pos y, Pos z, int& swaps) {
    const auto order = [&](Pos& lo, Pos& hi) {
      if (!before(hi, lo)) return;
      ++swaps;
      std::swap(lo, hi);
    };
    order(x, y);
    order(y, z);
    order(x, y);
    return y;
  }

  // REQUIRES: b - a > kInsertionMax. (Go also has a static choice below 8, which its caller never reaches.)
  Pivot choose_pivot(Pos a, Pos b) {
    const Pos n = b - a;
    Pos q1 = a + n / 4;
    Pos q2 = a + n / 4 * 2;
    Pos q3 = a + n / 4 * 3;
    int swaps = 0;
    if (n >= kNintherMin) {
      q1 = median(q1 - 1, q1, q1 + 1, swaps);
      q2 = median(q2 - 1, q2, q2 + 1, swaps);
      q3 = median(q3 - 1, q3, q3 + 1, swaps);
    }
    const Pos at = median(q1, q2, q3, swaps);
    if (swaps == 0) return {at, Trend::kAscending};
    if (swaps == kDescendingSwaps) return {at, Trend::kDescending};
    return {at, Trend::kUnknown};
  }

  void reverse(Pos a, Pos b) {
    for (Pos i = a, j = b - 1; i < j; ++i, --j) swap(i, j);
  }

  // True if [a, b) is sorted on return, having repaired a few descents if the range is long enough.
  bool finish_if_nearly_sorted(Pos a, Pos b) {
    Pos i = a + 1;
    for (int shifts = 0; shifts < kMaxShifts; ++shifts) {
      while (i < b && !before(i, i - 1)) ++i;
      if (i == b) return true;
      if (b - a < kShiftMin) return false;
      swap(i, i - 1);
      // Go's floor here is the start of the whole slice, not of the range.
      if (i - a >= 2) sink_left(i - 1, 0);
      if (b - i >= 2) float_right(i, b);
    }
    return false;
  }

  // Splits [a, b) so that what is less than the pivot stands left of it, the rest right.
  Split partition(Pos a, Pos b, Pos pivot) {
    swap(a, pivot);
    Pos i = a + 1;
    Pos j = b - 1;
    bool nothing_moved = true;
    for (;;) {
      while (i <= j && before(i, a)) ++i;
      while (i <= j && !before(j, a)) --j;
      if (i > j) break;
      nothing_moved = false;
      swap(i++, j--);
    }
    swap(j, a);
    return {j, nothing_moved};
  }

  // REQUIRES: nothing in [a, b) is less than the pivot. Returns the first position behind its equals.
  Pos split_equal(Pos a, Pos b, Pos pivot) {
    swap(a, pivot);
    Pos i = a + 1;
    Pos j = b - 1;
    for (;;) {
      while (i <= j && !before(a, i)) ++i;
      while (i <= j && before(a, j)) --j;
      if (i > j) return i;
      swap(i++, j--);
    }
  }

  T* data_;
  Less& less_;
};

}  // namespace pdqsort_internal

// Sorts `items` by less(x, y) into the permutation of Go's sort.Slice and sort.Sort. Not stable.
template <class T, class Less>
void go_sort(std::span<T> items, Less less) {
  const auto n = static_cast<std::ptrdiff_t>(items.size());
  pdqsort_internal::Sorter<T, Less>(items.data(), less)
      .sort(0, n, static_cast<int>(std::bit_width(items.size())));
}

// Sorts `items` by cmp(x, y) < 0 into the permutation of Go's slices.SortFunc. Not stable.
template <class T, class Compare>
void go_sort_func(std::span<T> items, Compare cmp) {
  go_sort(items, [&cmp](const T& x, const T& y) { return cmp(x, y) < 0; });
}

}  // namespace dovetail::base
