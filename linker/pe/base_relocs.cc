#include "linker/pe/base_relocs.h"

#include <algorithm>

#include "base/text.h"
#include "linker/pe/pe_format.h"

namespace dovetail::linker {
namespace {

using objfmt::RelocKind;

constexpr uint32_t kPageBits = 12, kBlockHeaderSize = 8;
constexpr uint64_t kGrain = 256;  // pages
constexpr uint64_t kOrder = uint64_t{1} << 62;

}  // namespace

void PeBaseRelocs::scan_object(uint32_t object) {
  p_.for_live(object, [&](SymId s, uint32_t) {
    SymKind kind = p_.syms.kind[index(s)];
    if (kind == SymKind::kNone || kind >= SymKind::kBss || p_.syms.made(s) != nullptr) return;
    scan(s, found_[object]);
  });
}

// Many symbols hold no address, and that is cheaper to know than what they hold.
void PeBaseRelocs::scan(SymId s, List& list) const {
  if (const loader::MadeContent* made = p_.syms.made(s)) {
    for (const loader::MadeReloc& r : made->relocs) {
      if (r.kind == RelocKind::kAddr && r.target != SymId::kNil) list.push_back({s, r.offset, r.size == 8});
    }
    return;
  }
  if (!p_.has_object(s)) return;
  const loader::ObjectView& view = p_.object_of(s).view;
  uint32_t local = p_.syms.local[index(s)];
  bool any = false;
  view.for_targets(local, [&](RelocKind kind, auto) { any |= kind == RelocKind::kAddr; });
  if (!any) return;
  for (objfmt::Reloc r : view.relocs(local)) {
    if (r.kind != RelocKind::kAddr || r.size == 0 || r.target.is_nil()) continue;
    if (r.size != 4 && r.size != 8) {
      sv_.diag.exit(kOrder + index(s), base::concat("unsupported relocation size ", r.size));
      continue;
    }
    list.push_back({s, static_cast<uint32_t>(r.offset) & 0x7fffffff, r.size == 8});
  }
}

// Whether cmd/link finds a symbol when it looks for addresses: not in unwind tables, nor in what is part of others.
bool PeBaseRelocs::placed(SymId s) const {
  uint32_t section = p_.syms.section[index(s)];
  if (section == 0) return false;
  SegmentId segment = image_.sections[section].segment;
  return segment == SegmentId::kText || segment == SegmentId::kRodata || segment == SegmentId::kData;
}

uint32_t PeBaseRelocs::rank(SymId s) const {
  SymKind kind = p_.syms.kind[index(s)];
  return objfmt::is_text(kind) ? 0 : static_cast<uint32_t>(kind);
}

void PeBaseRelocs::plan() {
  List& made = found_.emplace_back();
  for (uint32_t i = 1; i < p_.syms.count(); i++) {
    auto s = static_cast<SymId>(i);
    if (p_.syms.made(s) != nullptr) scan(s, made);
  }
  deal();
  blocks_.assign(pages_.size(), 0);
  for (size_t page = 0; page + 1 < pages_.size(); page++) {
    uint64_t count = pages_[page + 1] - pages_[page];
    if (count != 0) size_ += kBlockHeaderSize + 2 * (count + count % 2);
    blocks_[page + 1] = size_;
  }
}

// Two walks over the lists, cut into as many parts as there are threads: one counts each part's addresses by page, the
// other puts them behind those of the parts before.
void PeBaseRelocs::deal() {
  const Segment& data = image_.segment(SegmentId::kData);
  uint64_t end = data.address + data.size - sv_.options.platform->image_base;
  uint64_t page_count = (end >> kPageBits) + 1, parts = std::min<uint64_t>(sv_.threads.threads(), found_.size());
  std::vector<std::vector<uint32_t>> next(parts, std::vector<uint32_t>(page_count));
  auto for_part = [&](uint64_t part, auto&& f) {
    for (uint64_t list = found_.size() * part / parts; list < found_.size() * (part + 1) / parts; list++) {
      for (const Address& a : found_[list]) {
        if (placed(a.symbol)) f(a, place(a) >> kPageBits);
      }
    }
  };
  sv_.threads.for_each(parts, [&](uint64_t part) { for_part(part, [&](const Address&, uint64_t page) { next[part][page]++; }); });
  pages_.resize(page_count + 1);
  uint32_t at = 0;
  for (uint64_t page = 0; page < page_count; page++) {
    pages_[page] = at;
    for (uint64_t part = 0; part < parts; part++) {
      uint32_t count = next[part][page];
      next[part][page] = at;
      at += count;
    }
  }
  pages_[page_count] = at;
  addresses_.resize(at);
  sv_.threads.for_each(parts, [&](uint64_t part) {
    for_part(part, [&](const Address& a, uint64_t page) { addresses_[next[part][page]++] = a; });
  });
  std::vector<List>().swap(found_);
  sv_.threads.for_ranges(page_count, kGrain, [&](uint64_t begin, uint64_t stop) {
    for (uint64_t page = begin; page < stop; page++) {
      std::stable_sort(addresses_.begin() + pages_[page], addresses_.begin() + pages_[page + 1],
                       [&](const Address& a, const Address& b) {
                         uint32_t x = rank(a.symbol), y = rank(b.symbol);
                         return x != y ? x < y : p_.syms.value[index(a.symbol)] < p_.syms.value[index(b.symbol)];
                       });
    }
  });
}

void PeBaseRelocs::write(uint64_t offset, base::Sink sink) const {
  sv_.threads.for_ranges(pages_.size() - 1, kGrain, [&](uint64_t begin, uint64_t end) {
    std::vector<uint8_t> out(blocks_[end] - blocks_[begin]);
    uint8_t* p = out.data();
    for (uint64_t page = begin; page < end; page++) {
      if (blocks_[page] == blocks_[page + 1]) continue;
      base::store32(p, static_cast<uint32_t>(page << kPageBits));
      base::store32(p + 4, static_cast<uint32_t>(blocks_[page + 1] - blocks_[page]));
      uint8_t* entry = p + kBlockHeaderSize;
      for (uint32_t i = pages_[page]; i < pages_[page + 1]; i++, entry += 2) {
        uint16_t kind = addresses_[i].wide ? kPeBasedDir64 : kPeBasedHighLow;
        uint64_t in_page = place(addresses_[i]) & ((1u << kPageBits) - 1);
        base::store16(entry, static_cast<uint16_t>(kind << kPageBits | in_page));
      }
      p += blocks_[page + 1] - blocks_[page];
    }
    if (!out.empty()) sink(offset + blocks_[begin], out);
  });
}

}  // namespace dovetail::linker
