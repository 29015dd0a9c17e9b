#include "linker/elf/elf_headers.h"

#include <algorithm>
#include <numeric>

namespace dovetail::linker {
namespace {

constexpr std::string_view kRelaPrefix = ".rela";

}  // namespace

uint32_t ElfHeaderTable::find_or_add(std::string_view name) {
  for (uint32_t i = 0; i < drafts_.size(); i++) {
    if (drafts_[i].header.name == name) return i;
  }
  drafts_.emplace_back();
  drafts_.back().header.name = std::string(name);
  return static_cast<uint32_t>(drafts_.size() - 1);
}

// cmd/link ld/elf.go elfSortShdrs, Go 1.26: the null header stays first.
void ElfHeaderTable::sort() {
  order_.resize(drafts_.size());
  std::iota(order_.begin(), order_.end(), 0);
  std::stable_sort(order_.begin() + 1, order_.end(), [&](uint32_t a, uint32_t b) {
    const ElfSectionHeader &x = drafts_[a].header, &y = drafts_[b].header;
    bool x_allocated = x.flags & kShfAlloc, y_allocated = y.flags & kShfAlloc;
    if (!x_allocated || !y_allocated) return x_allocated && !y_allocated;
    return x.address != y.address ? x.address < y.address : x.size < y.size;
  });
  number_.resize(drafts_.size());
  for (uint32_t i = 0; i < order_.size(); i++) number_[order_[i]] = static_cast<uint16_t>(i);
}

// Names of relocation sections come first, so that ".plt" can be the tail of ".rela.plt"; a name that is
// there already is not written again. cmd/link ld/elf.go elfWriteShstrtab, Go 1.26.
std::string ElfHeaderTable::name_table() {
  std::string out(1, '\0');
  struct Known {
    std::string_view name;
    uint32_t offset;
  };
  std::vector<Known> known = {{"", 0}};
  auto find = [&](std::string_view name) {
    return std::find_if(known.rbegin(), known.rend(), [&](const Known& k) { return k.name == name; });
  };
  auto write = [&](std::string_view name) {
    auto offset = static_cast<uint32_t>(out.size());
    known.push_back({name, offset});
    out += name;
    out += '\0';
    return offset;
  };
  for (uint32_t i : order_) {
    std::string_view name = drafts_[i].header.name;
    if (!name.starts_with(kRelaPrefix)) continue;
    std::string_view tail = name.substr(kRelaPrefix.size());
    if (find(tail) == known.rend())
      known.push_back({tail, static_cast<uint32_t>(out.size() + kRelaPrefix.size())});
    write(name);
  }
  for (uint32_t i : order_) {
    ElfSectionHeader& h = drafts_[i].header;
    auto it = find(h.name);
    h.name_offset = it != known.rend() ? it->offset : write(h.name);
  }
  return out;
}

void ElfHeaderTable::finish(ElfPlan* plan) {
  plan->sections.reserve(order_.size());
  for (uint32_t i : order_) {
    Draft& d = drafts_[i];
    if (d.link != 0) d.header.link = number_[d.link];
    if (d.info != 0) d.header.info = number_[d.info];
    plan->sections.push_back(std::move(d.header));
  }
}

}  // namespace dovetail::linker
