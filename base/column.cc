#include "base/column.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstdio>
#include <cstring>

namespace dovetail::base {
namespace {

constexpr size_t kPage = size_t{4} << 10, kLargePage = size_t{2} << 20;
constexpr size_t kMapFrom = size_t{1} << 20, kAdviseFrom = size_t{4} << 20;

size_t whole_pages(size_t bytes) { return (bytes + kPage - 1) & ~(kPage - 1); }

[[noreturn]] void out_of_memory(size_t bytes) {
  std::fprintf(stderr, "dovetail: out of memory (%zu bytes)\n", bytes);
  std::_Exit(2);
}

}  // namespace

void* allocate_large(size_t bytes) {
  if (bytes < kMapFrom) {
    void* p = std::calloc(1, bytes ? bytes : 1);
    return p ? p : (out_of_memory(bytes), nullptr);
  }
  size_t size = whole_pages(bytes), room = size + kLargePage;
  void* p = size < bytes ? MAP_FAILED : ::mmap(nullptr, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) out_of_memory(bytes);
  auto begin = reinterpret_cast<uintptr_t>(p), aligned = (begin + kLargePage - 1) & ~(kLargePage - 1);
  if (aligned > begin) ::munmap(p, aligned - begin);
  if (begin + room > aligned + size) ::munmap(reinterpret_cast<void*>(aligned + size), begin + room - aligned - size);
  auto* place = reinterpret_cast<void*>(aligned);
  if (size_t whole = size & ~(kLargePage - 1); whole >= kAdviseFrom) ::madvise(place, whole, MADV_HUGEPAGE);
  return place;
}

void free_large(void* p, size_t bytes) {
  if (bytes < kMapFrom) {
    std::free(p);
  } else {
    ::munmap(p, whole_pages(bytes));
  }
}

void clear(uint8_t* p, size_t bytes) {
  if (bytes < kAdviseFrom) {
    if (bytes != 0) std::memset(p, 0, bytes);
    return;
  }
  uint8_t* const whole = p + (-reinterpret_cast<uintptr_t>(p) & (kPage - 1));
  const size_t size = (bytes - static_cast<size_t>(whole - p)) & ~(kPage - 1);
  std::memset(p, 0, static_cast<size_t>(whole - p));
  if (::madvise(whole, size, MADV_DONTNEED) != 0) std::memset(whole, 0, size);
  std::memset(whole + size, 0, static_cast<size_t>(p + bytes - (whole + size)));
}

}  // namespace dovetail::base
