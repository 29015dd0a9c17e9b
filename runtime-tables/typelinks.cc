#include "runtime-tables/typelinks.h"

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "base/pdqsort.h"
#include "runtime-tables/arch.h"
#include "runtime-tables/go_types.h"

namespace dovetail::runtime_tables {

using base::index;
using loader::Program;
using loader::Services;
using loader::SymId;
using objfmt::SymFlags;
using objfmt::SymKind;

namespace {

// The text of a type, its first bytes at hand: most comparisons need no more.
struct Text {
  uint64_t head = 0;  // big-endian, zeros behind the end
  uint32_t number;
  std::string_view text;

  Text(std::string_view t, uint32_t n) : number(n), text(t) {
    uint8_t bytes[8] = {};
    if (!t.empty()) std::memcpy(bytes, t.data(), std::min<size_t>(8, t.size()));
    head = __builtin_bswap64(base::load64(bytes));
  }
  friend bool operator<(const Text& a, const Text& b) { return a.head != b.head ? a.head < b.head : a.text < b.text; }
};

// A number for each text: equal for equal texts, ordered as they are. By Text::number.
std::vector<uint32_t> rank(Services& sv, std::vector<Text>& order) {
  // Runs of a fixed length are sorted in parallel, then merged pairwise.
  constexpr uint64_t kRun = 2048;
  auto at = [&](uint64_t k) { return order.begin() + static_cast<int64_t>(std::min<uint64_t>(k, order.size())); };
  sv.threads.for_each((order.size() + kRun - 1) / kRun,
                      [&](uint64_t r) { std::sort(at(r * kRun), at((r + 1) * kRun)); });
  for (uint64_t run = kRun; run < order.size(); run *= 2) {
    sv.threads.for_each((order.size() + 2 * run - 1) / (2 * run), [&](uint64_t r) {
      std::inplace_merge(at(2 * r * run), at((2 * r + 1) * run), at((2 * r + 2) * run));
    });
  }
  std::vector<uint32_t> ranks(order.size());
  for (size_t k = 1; k < order.size(); k++) {
    ranks[order[k].number] = ranks[order[k - 1].number] + (order[k - 1] < order[k] ? 1 : 0);
  }
  return ranks;
}

SymId make_table(Program& program, std::string_view name, SymKind kind, const std::vector<SymId>& entries,
                 uint8_t size, objfmt::RelocKind reloc) {
  SymId s = program.syms.make(name, 0, kind);
  program.syms.flags[index(s)] |= loader::kSymLocal;
  program.syms.size[index(s)] = static_cast<uint32_t>(entries.size() * size);
  loader::MadeContent& content = program.syms.make_content(s);
  content.data.assign(entries.size() * size, 0);
  content.relocs.clear();
  content.relocs.reserve(entries.size());
  for (uint32_t k = 0; k < entries.size(); k++) content.relocs.push_back({k * size, size, reloc, 0, entries[k]});
  return s;
}

}  // namespace

void TypelinkScan::scan_object(uint32_t object) {
  Found& found = objects_[object];
  program_.for_live(object, [&](SymId s, uint32_t range) {
    uint32_t flags = program_.syms.flags[index(s)];
    if (!(flags & (SymFlags::kTypelink | SymFlags::kItab))) return;
    if (!(flags & SymFlags::kTypelink)) return found.itabs[range].push_back(s);
    TypeView type(program_, loader::Slot{program_.syms.object[index(s)], program_.syms.local[index(s)]});
    found.types[range].push_back({s, found.texts.keep(type.text())});
  });
}

TypelinkOrder sort_typelinks(Services& sv, const TypelinkScan& scan) {
  TypelinkOrder order;
  std::vector<SymId>&types = order.types, &itabs = order.itabs;
  std::vector<Text> texts;
  for (uint32_t range = 0; range < 3; range++) {
    for (const TypelinkScan::Found& found : scan.objects_) {
      for (const TypelinkScan::Type& type : found.types[range]) {
        texts.emplace_back(type.text, static_cast<uint32_t>(types.size()));
        types.push_back(type.symbol);
      }
      itabs.insert(itabs.end(), found.itabs[range].begin(), found.itabs[range].end());
    }
  }
  std::vector<uint32_t> ranks = rank(sv, texts);
  struct Entry {
    uint32_t rank;
    SymId type;
  };
  std::vector<Entry> entries(ranks.size());
  for (size_t k = 0; k < entries.size(); k++) entries[k] = {ranks[k], types[k]};
  base::go_sort(std::span(entries), [](const Entry& a, const Entry& b) { return a.rank < b.rank; });
  for (size_t k = 0; k < entries.size(); k++) types[k] = entries[k].type;
  return order;
}

Typelinks make_typelinks(Program& program, const TypelinkOrder& order) {
  Typelinks made;
  made.type_count = static_cast<uint32_t>(order.types.size());
  made.itab_count = static_cast<uint32_t>(order.itabs.size());
  made.typelink =
      make_table(program, "runtime.typelink", SymKind::kTypelink, order.types, 4, objfmt::RelocKind::kAddrOff);
  made.itablink =
      make_table(program, "runtime.itablink", SymKind::kItablink, order.itabs, kPointerSize, objfmt::RelocKind::kAddr);
  return made;
}

}  // namespace dovetail::runtime_tables
