#include "linker/cli/diff_image.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_format.h"
#include "base/text.h"

namespace dovetail::linker::diff {
namespace {

using base::Bytes;
using objfmt::ImageSection;

// Carriers whose parts have no names: what is pointed to is told by its bytes.
bool is_content_carrier(std::string_view name) { return name == "go:string.*" || name == "runtime.gcbits.*"; }

}  // namespace

bool Image::is_fixed(uint64_t address) const {
  const ImageSection* section = view().section_at(address);
  return section != nullptr && view().index_of(*section) < fixed_.size() && fixed_[view().index_of(*section)];
}

// Laid out alike: the same name, address and size, and the same ranges at the same addresses.
void Image::mark_fixed_sections(Image& a, Image& b) {
  a.fixed_.assign(a.view().sections().size(), false);
  b.fixed_.assign(b.view().sections().size(), false);
  auto ranges_of = [](const Image& image, const ImageSection& s) {
    auto below = [](const NamedRange& r, uint64_t address) { return r.addr < address; };
    auto from = std::lower_bound(image.ranges().begin(), image.ranges().end(), s.addr, below);
    return std::pair(from, std::lower_bound(from, image.ranges().end(),
                                            s.addr + std::min(s.size, UINT64_MAX - s.addr), below));
  };
  auto same = [](const NamedRange& x, const NamedRange& y) {
    return x.addr == y.addr && x.kind == y.kind && x.name == y.name;
  };
  for (const ImageSection& x : a.view().sections()) {
    const ImageSection* y = b.view().find(x.name);
    if (y == nullptr || (x.flags & objfmt::kElfFlagAlloc) == 0 || x.addr != y->addr || x.size != y->size)
      continue;
    auto [from_a, to_a] = ranges_of(a, x);
    auto [from_b, to_b] = ranges_of(b, *y);
    bool alike = std::equal(from_a, to_a, from_b, to_b, same);
    a.fixed_[a.view().index_of(x)] = b.fixed_[b.view().index_of(*y)] = alike;
  }
}

bool same_target(const Image& a, uint64_t address_a, const Image& b, uint64_t address_b) {
  if (address_a != address_b && a.is_fixed(address_a) && b.is_fixed(address_b)) return false;
  Place pa = a.locate(address_a), pb = b.locate(address_b);
  if (pa.range == nullptr || pb.range == nullptr) {
    const ImageSection *sa = a.view().section_at(address_a), *sb = b.view().section_at(address_b);
    if (sa == nullptr || sb == nullptr) return address_a == address_b;
    return pa.range == pb.range && sa->name == sb->name && pa.offset == pb.offset;
  }
  bool same_range = pa.range->kind == pb.range->kind && pa.range->name == pb.range->name;
  if (same_range && pa.offset == pb.offset) return true;
  bool nameless = behind(pa) && behind(pb);
  if (!nameless && !(same_range && is_content_carrier(pa.range->name))) return false;
  Bytes x = a.view().at(address_a), y = b.view().at(address_b);
  size_t n = std::min<size_t>({x.size(), y.size(), nameless ? 16u : 8u});
  if (nameless && n >= 8) {  // a table of addresses, such as a jump table
    uint64_t p = base::load64(x.data()), q = base::load64(y.data());
    Place pp = a.locate(p), pq = b.locate(q);
    if (pp.range != nullptr && pq.range != nullptr && pp.offset == pq.offset &&
        pp.range->name == pq.range->name)
      return true;
  }
  return n != 0 && std::memcmp(x.data(), y.data(), n) == 0;
}

std::string where(const Image& a, uint64_t address_a, const Image& b, uint64_t address_b) {
  std::string name_a = a.describe(address_a), name_b = b.describe(address_b);
  std::string text = name_a == name_b ? name_a : base::concat("A ", name_a, " / B ", name_b);
  if (address_a == address_b) return absl::StrFormat("%s (%#x)", text, address_a);
  return absl::StrFormat("%s (A %#x, B %#x)", text, address_a, address_b);
}

}  // namespace dovetail::linker::diff
