// Large arrays on large pages.
//
// A link fills arrays of many megabytes once and from end to end. On pages of 4 KiB the system is asked for each of
// them (half a microsecond, thirty thousand times in a large link); arrays that are large enough lie on boundaries
// of 2 MiB and ask for large pages where they fill one, so that nothing beyond their end becomes resident.
//
// Memory comes zeroed from the system, so elements without a value are not written again by the one thread that
// makes the array: zero has to be what the type's default says, and an array that was cut keeps its old elements.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace dovetail::base {

// Zeroed. Never nullptr: the process ends if there is no memory.
void* allocate_large(size_t bytes);
void free_large(void* p, size_t bytes);

template <class T>
class LargeAllocator {
 public:
  static_assert(std::is_trivially_copyable_v<T>);
  using value_type = T;
  LargeAllocator() = default;
  template <class U>
  LargeAllocator(const LargeAllocator<U>&) {}

  T* allocate(size_t n) {
    return static_cast<T*>(allocate_large(n * sizeof(T)));
  }
  void deallocate(T* p, size_t n) {
    free_large(p, n * sizeof(T));
  }
  template <class U, class... Args>
  void construct(U* p, Args&&... args) {
    if constexpr (sizeof...(Args) != 0) ::new (static_cast<void*>(p)) U(std::forward<Args>(args)...);
  }
  friend bool operator==(const LargeAllocator&, const LargeAllocator&) { return true; }
};

template <class T>
using Column = std::vector<T, LargeAllocator<T>>;

// Zeroes. Of many megabytes the pages go back to the system, which has zeros when they are read. REQUIRES: memory of this
// process's own, not of a file.
void clear(uint8_t* p, size_t bytes);

// For a fresh array that is read here and there before it is written: a page that is read first is mapped twice, and
// every processor of the process is interrupted in between.
template <class T>
void touch(Column<T>& column) {
  if (!column.empty()) std::memset(static_cast<void*>(column.data()), 0, column.size() * sizeof(T));
}

}  // namespace dovetail::base
