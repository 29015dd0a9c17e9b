// Sections that are made of symbols: .text, .rodata, .noptrdata, .data …
//
// The symbols of both images are aligned by name; what is missing, moved out of order or of another size is
// said once. Then the bytes of each matched pair are compared. A word that holds an address (or a distance to
// one) is compared by what it points to, so that one missing symbol, after which every address differs, does
// not bury the differences that are a cause.
#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_format.h"
#include "base/text.h"
#include "linker/cli/diff_align.h"
#include "linker/cli/diff_passes.h"

namespace dovetail::linker::diff {
namespace {

using base::Bytes;
using objfmt::ImageSection;

// A symbol with what lies behind it up to the next one.
struct Unit {
  uint64_t addr, size, extent;
  const NamedRange* range;  // null: in front of the first symbol
};

std::vector<Unit> units_of(const Image& image, const ImageSection& section) {
  const std::vector<NamedRange>& ranges = image.ranges();
  uint64_t end = section.addr + section.bytes.size();
  auto it = std::lower_bound(ranges.begin(), ranges.end(), section.addr,
                             [](const NamedRange& r, uint64_t a) { return r.addr < a; });
  std::vector<Unit> units;
  if (section.bytes.empty()) return units;
  if (it == ranges.end() || it->addr != section.addr) units.push_back({section.addr, 0, 0, nullptr});
  for (; it != ranges.end() && it->addr < end; ++it) units.push_back({it->addr, it->size, 0, &*it});
  for (size_t i = 0; i < units.size(); i++) {
    Unit& u = units[i];
    u.extent = (i + 1 < units.size() ? units[i + 1].addr : end) - u.addr;
    u.size = u.size == 0 ? u.extent : std::min(u.size, u.extent);
  }
  return units;
}

// Number of a name; types, their names and symbols are told apart.
using Ids = absl::flat_hash_map<std::string_view, uint64_t, base::TextHash>;

std::vector<uint64_t> keys_of(const std::vector<Unit>& units, Ids& ids) {
  std::vector<uint64_t> keys;
  keys.reserve(units.size());
  for (const Unit& u : units) {
    if (u.range == nullptr) {
      keys.push_back(UINT64_MAX);
      continue;
    }
    uint64_t id = ids.try_emplace(u.range->name, ids.size()).first->second;
    keys.push_back(id * 4 + static_cast<uint64_t>(u.range->kind));
  }
  return keys;
}

std::string unit_name(const Unit& u) {
  return u.range == nullptr ? "(before the first symbol)" : Image::range_name(*u.range);
}

std::string unit_at(const std::vector<Unit>& units, size_t i) {
  return i < units.size() ? absl::StrFormat("%s (%#x)", unit_name(units[i]), units[i].addr) : "(end)";
}

class SectionDiff {
 public:
  SectionDiff(const Sides& sides, const SectionPair& sections, SectionReport& report)
      : sides_(sides), sections_(sections), report_(report) {
    units_a_ = units_of(sides.a, sections.a);
    units_b_ = units_of(sides.b, sections.b);
    Ids ids;
    std::vector<uint64_t> keys_a = keys_of(units_a_, ids), keys_b = keys_of(units_b_, ids);
    note_divergence(keys_a, keys_b);
    alignment_ = align(keys_a, keys_b);
  }

  void run() {
    note_moves();
    report_missing();
    bool code = (sections_.a.flags & sections_.b.flags & objfmt::kElfFlagExec) != 0;
    for (const Alignment::Pair& p : alignment_.pairs) compare(units_a_[p.a], units_b_[p.b], code);
  }

 private:
  void note_divergence(const std::vector<uint64_t>& a, const std::vector<uint64_t>& b) {
    size_t i = static_cast<size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
    if (i == a.size() && i == b.size()) return;
    report_.note(absl::StrFormat("sequence of symbols first differs at number %d of %d and %d: A=%s B=%s%s",
                                 i, a.size(), b.size(), unit_at(units_a_, i), unit_at(units_b_, i),
                                 i == 0 ? "" : base::concat(", behind ", unit_name(units_a_[i - 1]))));
  }

  void note_moves() {
    size_t moved = 0;
    const Alignment::Pair* first = nullptr;
    for (const Alignment::Pair& p : alignment_.pairs) {
      if (units_a_[p.a].addr == units_b_[p.b].addr) continue;
      if (moved++ == 0) first = &p;
    }
    if (moved == 0) return;
    const Unit &a = units_a_[first->a], &b = units_b_[first->b];
    report_.note(
        absl::StrFormat("%d of %d common symbols lie at other addresses, the first is %s: A=%#x B=%#x", moved,
                        alignment_.pairs.size(), unit_name(a), a.addr, b.addr));
  }

  void report_missing() {
    for (uint32_t i : alignment_.only_a) {
      if (report_.count())
        report_.add(unit_at(units_a_, i), "symbol only in A", size_text(units_a_[i]), "none");
    }
    for (uint32_t i : alignment_.only_b) {
      if (report_.count())
        report_.add(unit_at(units_b_, i), "symbol only in B", "none", size_text(units_b_[i]));
    }
    for (const Alignment::Pair& p : alignment_.pairs) {
      if (p.in_order || !report_.count()) continue;
      report_.add(unit_name(units_a_[p.a]), "place in the sequence", before(units_a_, p.a),
                  before(units_b_, p.b));
    }
  }

  static std::string size_text(const Unit& u) { return base::concat(u.size, " bytes"); }
  static std::string before(const std::vector<Unit>& units, size_t i) {
    return i == 0 ? "first" : base::concat("behind ", unit_name(units[i - 1]));
  }

  Bytes bytes(const ImageSection& s, uint64_t address, uint64_t size) const {
    return base::subrange(s.bytes, address - s.addr, size);
  }

  void compare(const Unit& a, const Unit& b, bool code) {
    Bytes x = bytes(sections_.a, a.addr, a.size), y = bytes(sections_.b, b.addr, b.size);
    if (a.size != b.size && a.range != nullptr && report_.count()) {
      report_.add(where(sides_.a, a.addr, sides_.b, b.addr), "size", base::concat(a.size),
                  base::concat(b.size));
    }
    bool same_bytes = x.size() == y.size() && std::equal(x.begin(), x.end(), y.begin());
    if (!same_bytes) {
      if (code) {
        diff_code(sides_, x, a.addr, y, b.addr, report_);
      } else if (a.size != b.size && (a.range == nullptr || a.range->size == 0)) {
        insertion(a.addr, x, b.addr, y);
      } else {
        diff_data_words(sides_, x, a.addr, y, b.addr, report_);
      }
    }
    compare_padding(a, b, code);
  }

  // A carrier of unnamed parts that differ in number: what is common at both ends says where.
  void insertion(uint64_t address_a, Bytes x, uint64_t address_b, Bytes y) {
    size_t head = first_difference(x, y);
    size_t tail = 0, most = std::min(x.size(), y.size()) - head;
    while (tail < most && x[x.size() - 1 - tail] == y[y.size() - 1 - tail]) tail++;
    if (!report_.count()) return;
    auto text = [&](Bytes s) {
      return absl::StrFormat("%d bytes \"%s\"", s.size() - head - tail,
                             printable(base::as_text(s.subspan(head, s.size() - head - tail)), 48));
    };
    report_.add(where(sides_.a, address_a + head, sides_.b, address_b + head), "contents", text(x), text(y));
  }

  // Behind a symbol lies padding, or parts without a name of their own (static temporaries). If their sizes
  // differ, the symbols that follow have moved, which has been said.
  void compare_padding(const Unit& a, const Unit& b, bool code) {
    uint64_t from_a = a.addr + a.size, from_b = b.addr + b.size;
    Bytes x = bytes(sections_.a, from_a, a.extent - a.size),
          y = bytes(sections_.b, from_b, b.extent - b.size);
    size_t n = std::min(x.size(), y.size());
    if (first_difference(x, y) == n) return;
    if (x.size() != y.size()) {
      size_t longer = std::max(x.size(), y.size()) - n;
      if (n < 8) return;
      if (longer > 64) return insertion(from_a, x, from_b, y);
      // Only the padding in front of nameless parts differs.
      from_a += x.size() - n, from_b += y.size() - n;
      x = x.last(n), y = y.last(n);
    }
    code ? diff_code(sides_, x, from_a, y, from_b, report_)
         : diff_data_words(sides_, x, from_a, y, from_b, report_);
  }

  const Sides& sides_;
  const SectionPair& sections_;
  SectionReport& report_;
  std::vector<Unit> units_a_, units_b_;
  Alignment alignment_;
};

}  // namespace

uint64_t count_differing(Bytes a, Bytes b) {
  size_t n = std::min(a.size(), b.size());
  uint64_t count = std::max(a.size(), b.size()) - n;
  for (size_t i = 0; i < n; i++) count += a[i] != b[i];
  return count;
}

size_t first_difference(Bytes a, Bytes b, size_t from) {
  size_t n = std::min(a.size(), b.size());
  while (from + 64 <= n && std::memcmp(a.data() + from, b.data() + from, 64) == 0) from += 64;
  while (from < n && a[from] == b[from]) from++;
  return from;
}

void diff_content(const Sides& sides, const SectionPair& s, SectionReport& report) {
  SectionDiff(sides, s, report).run();
}

}  // namespace dovetail::linker::diff
