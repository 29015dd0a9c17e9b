// Location lists and range lists, DWARF 4 (.debug_loc, .debug_ranges) and 5 (.debug_loclists,
// .debug_rnglists).
//
// Entries are brought to one form (kind, two addresses or offsets, expression), so that an index into
// .debug_addr is compared by the address that stands there.
#include <algorithm>

#include "absl/strings/str_format.h"
#include "base/text.h"
#include "linker/cli/diff_dwarf.h"

namespace dovetail::linker::diff {
namespace {

using base::Bytes;

// DWARF 5, sections 7.25 and 7.29. Range lists have no default location, so their codes from 5 on are one
// less.
enum Kind : uint8_t {
  kEnd,
  kBaseIndex,
  kStartEndIndex,
  kStartLengthIndex,
  kOffsetPair,
  kDefault,
  kBase,
  kStartEnd,
  kStartLength
};
constexpr const char* kKindNames[] = {"end of list", "base", "start,end", "start,length", "offsets",
                                      "default",     "base", "start,end", "start,length"};

struct Entry {
  Kind kind = kEnd;
  uint64_t x = 0, y = 0;
  bool x_address = false, y_address = false;
  Bytes expression;
};

class ListReader {
 public:
  ListReader(const DwarfListRef& ref, bool locations)
      : ref_(ref),
        locations_(locations),
        v5_(ref.unit.version >= 5),
        cursor_(section(ref.dwarf, locations, ref.unit.version >= 5), ref.offset) {}

  // False at the end of the bytes; an end entry is an entry.
  bool next(Entry& e) {
    e = Entry{};
    if (cursor_.at_end()) return false;
    v5_ ? version5(e) : version4(e);
    return cursor_.ok();
  }

 private:
  static Bytes section(const DwarfImage& d, bool locations, bool v5) {
    if (v5) return locations ? d.loclists : d.rnglists;
    return locations ? d.loc : d.ranges;
  }

  void address(uint64_t& field, bool& is_address, uint64_t v) {
    field = v;
    is_address = true;
  }
  uint64_t fixed_address() { return cursor_.fixed(ref_.unit.address_size); }
  uint64_t indexed() { return ref_.dwarf.indexed_address(ref_.unit, cursor_.uleb()); }

  void version5(Entry& e) {
    auto code = static_cast<uint8_t>(cursor_.fixed(1));
    if (!locations_ && code >= kDefault) code++;
    if (code > kStartLength) code = kEnd;
    e.kind = static_cast<Kind>(code);
    switch (e.kind) {
      case kEnd:
      case kDefault:
        break;
      case kBaseIndex:
        address(e.x, e.x_address, indexed());
        break;
      case kBase:
        address(e.x, e.x_address, fixed_address());
        break;
      case kStartEndIndex:
        address(e.x, e.x_address, indexed());
        address(e.y, e.y_address, indexed());
        break;
      case kStartEnd:
        address(e.x, e.x_address, fixed_address());
        address(e.y, e.y_address, fixed_address());
        break;
      case kStartLengthIndex:
        address(e.x, e.x_address, indexed());
        e.y = cursor_.uleb();
        break;
      case kStartLength:
        address(e.x, e.x_address, fixed_address());
        e.y = cursor_.uleb();
        break;
      case kOffsetPair:
        e.x = cursor_.uleb();
        e.y = cursor_.uleb();
        break;
    }
    bool has_expression = locations_ && e.kind != kEnd && e.kind != kBase && e.kind != kBaseIndex;
    if (has_expression) e.expression = cursor_.take(cursor_.uleb());
  }

  // Pairs of words: (0, 0) ends, (all ones, address) sets the base, else offsets from it.
  void version4(Entry& e) {
    uint64_t x = fixed_address(), y = fixed_address();
    uint64_t ones = ref_.unit.address_size == 8 ? UINT64_MAX : 0xffffffff;
    if (x == 0 && y == 0) return;
    if (x == ones) {
      e.kind = kBase;
      return address(e.x, e.x_address, y);
    }
    e.kind = kOffsetPair;
    e.x = x, e.y = y;
    // Without a base entry they count from the unit's low_pc; where that is 0 they are addresses.
    e.x_address = e.y_address = ref_.unit.low_pc == 0;
    if (locations_) e.expression = cursor_.take(cursor_.fixed(2));
  }

  const DwarfListRef& ref_;
  bool locations_, v5_;
  DwarfCursor cursor_;
};

bool same_field(const DwarfListRef& a, uint64_t x, const DwarfListRef& b, uint64_t y, bool is_address) {
  return is_address ? same_target(a.dwarf.image(), x, b.dwarf.image(), y) : x == y;
}

bool same_entry(const DwarfListRef& a, const Entry& x, const DwarfListRef& b, const Entry& y) {
  return x.kind == y.kind && x.x_address == y.x_address && same_field(a, x.x, b, y.x, x.x_address) &&
         same_field(a, x.y, b, y.y, x.y_address) &&
         std::equal(x.expression.begin(), x.expression.end(), y.expression.begin(), y.expression.end());
}

std::string entry_text(const DwarfListRef& ref, const Entry& e, bool present) {
  if (!present) return "(end of section)";
  auto field = [&](uint64_t v, bool is_address) {
    return is_address ? ref.dwarf.image().describe(v) : absl::StrFormat("+%#x", v);
  };
  std::string text = kKindNames[e.kind];
  if (e.kind != kEnd && e.kind != kDefault) text += " " + field(e.x, e.x_address);
  if (e.kind != kEnd && e.kind != kDefault && e.kind != kBase && e.kind != kBaseIndex)
    text += ".." + field(e.y, e.y_address);
  if (!e.expression.empty()) text += " expr " + hex_bytes(e.expression);
  return text;
}

}  // namespace

bool diff_dwarf_list(const DwarfListRef& a, const DwarfListRef& b, bool locations,
                     absl::FunctionRef<std::string()> at, SectionReport& report) {
  // The longest lists of real programs have some thousands of entries; a damaged one could be as long as the
  // section and be referred to by every DIE.
  constexpr size_t kMost = 1 << 16;
  ListReader read_a(a, locations), read_b(b, locations);
  Entry x, y;
  for (size_t i = 0; i < kMost; i++) {
    bool more_a = read_a.next(x), more_b = read_b.next(y);
    if (!more_a && !more_b) return true;
    if (!more_a || !more_b || !same_entry(a, x, b, y)) {
      if (report.count()) {
        report.add(at(), absl::StrFormat("entry %d (list A +%#x, B +%#x)", i, a.offset, b.offset),
                   entry_text(a, x, more_a), entry_text(b, y, more_b));
      }
      return false;
    }
    if (x.kind == kEnd) return true;
  }
  return true;
}

}  // namespace dovetail::linker::diff
