#include "linker/macho/name_ranks.h"

#include <algorithm>
#include <bit>

#include "base/bytes.h"

namespace dovetail::linker {
namespace {

struct Item {
  uint64_t key;  // eight bytes of the name, the first one highest
  uint32_t number;
};

uint64_t key_at(std::string_view name, size_t depth) {
  if (name.size() <= depth) return 0;
  uint8_t bytes[8] = {};
  std::copy_n(name.data() + depth, std::min<size_t>(8, name.size() - depth), bytes);
  uint64_t key = 0;
  for (uint8_t b : bytes) key = key << 8 | b;
  return key;
}

// REQUIRES: the names agree in their first `depth` bytes.
void sort_from(std::span<const std::string_view> names, std::span<Item> items, size_t depth) {
  for (;;) {
    for (Item& i : items) i.key = key_at(names[i.number], depth);
    std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) { return a.key < b.key; });
    depth += 8;
    std::span<Item> last;  // continued here, so that one long prefix is no deep recursion
    for (size_t begin = 0; begin < items.size();) {
      size_t end = begin + 1;
      while (end < items.size() && items[end].key == items[begin].key) end++;
      std::span<Item> run = items.subspan(begin, end - begin);
      begin = end;
      // Who ends here ends in zeros.
      if (run.size() == 1 || (run[0].key & 0xff) == 0) continue;
      if (!last.empty()) sort_from(names, last, depth);
      last = run;
    }
    if (last.empty()) return;
    items = last;
  }
}

}  // namespace

std::vector<uint32_t> name_ranks(base::ThreadPool& threads, std::span<const std::string_view> names) {
  auto count = static_cast<uint32_t>(names.size());
  std::vector<Item> items(count);
  for (uint32_t i = 0; i < count; i++) items[i].number = i;
  // Parts are sorted, then merged two by two.
  uint64_t parts = std::bit_ceil(uint64_t{threads.threads()});
  auto bound = [&](uint64_t part) { return static_cast<size_t>(count * part / parts); };
  threads.for_each(parts, [&](uint64_t p) {
    sort_from(names, std::span(items).subspan(bound(p), bound(p + 1) - bound(p)), 0);
  });
  auto before = [&](const Item& a, const Item& b) { return names[a.number] < names[b.number]; };
  std::vector<Item> merged(parts > 1 ? count : 0);
  for (uint64_t width = 1; width < parts; width *= 2) {
    threads.for_each(parts / (2 * width), [&](uint64_t pair) {
      auto at = [&](uint64_t part) { return items.begin() + static_cast<std::ptrdiff_t>(bound(part)); };
      uint64_t first = pair * 2 * width;
      std::merge(at(first), at(first + width), at(first + width), at(first + 2 * width),
                 merged.begin() + static_cast<std::ptrdiff_t>(bound(first)), before);
    });
    items.swap(merged);
  }
  // A name's rank is the place of the first that equals it.
  constexpr uint64_t kGrain = 1 << 12;
  std::vector<uint8_t> repeated(count);
  threads.for_ranges(count, kGrain, [&](uint64_t begin, uint64_t end) {
    for (uint64_t i = std::max<uint64_t>(begin, 1); i < end; i++) {
      repeated[i] = names[items[i].number] == names[items[i - 1].number];
    }
  });
  std::vector<uint32_t> ranks(count);
  uint32_t rank = 0;
  for (uint32_t i = 0; i < count; i++) {
    if (!repeated[i]) rank = i;
    ranks[items[i].number] = rank;
  }
  return ranks;
}

}  // namespace dovetail::linker
