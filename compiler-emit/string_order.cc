#include "compiler-emit/string_order.h"

#include <algorithm>

#include "compiler-emit/byte_sink.h"

namespace dovetail::emit {
namespace {

constexpr unsigned kSpaceBits = 4;
constexpr uint32_t kUnused = 15;
static_assert(kStringSpaces <= kUnused);

// Where in each space the next string is expected.
class Position {
 public:
  explicit Position(const StringSlots& slots) : slots_(slots), emitted_(slots.texts) {
    for (uint32_t s = 0; s < kStringSpaces; s++) next_[s] = s == 0 ? 0 : slots.ends[s - 1];
  }
  bool emitted(uint32_t text) const { return emitted_[text]; }
  uint32_t next(uint32_t space) {
    uint32_t& n = next_[space];
    while (n < slots_.ends[space] && emitted_[slots_.text[n]]) n++;
    return n;
  }
  void emit(uint32_t space, uint32_t slot) {
    emitted_[slots_.text[slot]] = true;
    next_[space] = slot + 1;
  }

 private:
  const StringSlots& slots_;
  std::vector<bool> emitted_;
  uint32_t next_[kStringSpaces];
};

}  // namespace

std::vector<uint8_t> encode_string_order(const StringSlots& slots, std::span<const StringItem> items) {
  std::vector<uint32_t> first(slots.texts, ~0u);
  for (uint32_t i = 0; i < slots.text.size(); i++) first[slots.text[i]] = std::min(first[slots.text[i]], i);
  std::vector<uint8_t> out;
  Position at(slots);
  for (const StringItem& item : items) {
    if (!item.unused.empty()) {
      put_uleb(out, uint64_t{item.unused.size()} << kSpaceBits | kUnused);
      put_bytes(out, item.unused);
      continue;
    }
    uint32_t text = item.text, space = 0, slot = first[text];
    while (slot >= slots.ends[space]) space++;
    for (uint32_t s = 0; s < kStringSpaces; s++) {
      uint32_t n = at.next(s);
      if (n < slots.ends[s] && slots.text[n] == text) {
        space = s, slot = n;
        break;
      }
    }
    put_uleb(out, base::zigzag(int64_t{slot} - int64_t{at.next(space)}) << kSpaceBits | space);
    at.emit(space, slot);
  }
  return out;
}

std::vector<StringItem> decode_string_order(const StringSlots& slots, base::Bytes bytes) {
  std::vector<StringItem> items;
  Position at(slots);
  for (const uint8_t *p = bytes.data(), *end = p + bytes.size(); p < end;) {
    uint64_t code = base::read_uleb(p, end), value = code >> kSpaceBits;
    uint32_t space = code & ((1u << kSpaceBits) - 1);
    if (space == kUnused) {
      if (value == 0 || value > static_cast<uint64_t>(end - p)) break;
      items.push_back({0, base::Bytes(p, value)});
      p += value;
      continue;
    }
    if (space >= kStringSpaces) break;
    int64_t slot = int64_t{at.next(space)} + base::unzigzag(value);
    if (slot < (space == 0 ? 0 : int64_t{slots.ends[space - 1]}) || slot >= int64_t{slots.ends[space]}) break;
    uint32_t text = slots.text[static_cast<size_t>(slot)];
    if (at.emitted(text)) break;
    items.push_back({text, {}});
    at.emit(space, static_cast<uint32_t>(slot));
  }
  std::vector<bool> have(slots.texts);
  for (const StringItem& item : items) {
    if (item.unused.empty()) have[item.text] = true;
  }
  for (uint32_t text : slots.text) {
    if (!have[text]) items.push_back({text, {}}), have[text] = true;
  }
  return items;
}

}  // namespace dovetail::emit
