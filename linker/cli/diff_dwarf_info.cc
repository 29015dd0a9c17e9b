// .debug_info: units aligned by name, DIEs aligned by tag and name among the children of one parent,
// attributes by what they mean. Lists that attributes lead to are compared on the way.
#include <algorithm>

#include "absl/strings/str_format.h"
#include "base/name_hash.h"
#include "base/text.h"
#include "linker/cli/diff_align.h"
#include "linker/cli/diff_dwarf.h"

namespace dovetail::linker::diff {
namespace {

using base::Bytes;
using dw::Class;

constexpr size_t kMostDepth = 128;
constexpr uint32_t kNone = UINT32_MAX;

struct Die {
  uint64_t offset;
  uint64_t attrs;  // where the attribute values begin
  const DwarfAbbrev* abbrev;
  uint32_t parent, end;  // index of the parent; index behind the last descendant
};

// The DIEs of a unit in order. `damaged`: the walk ended early, at this offset.
struct UnitTree {
  std::vector<Die> dies;
  uint64_t damaged = 0;
};

UnitTree parse_tree(const DwarfImage& dwarf, const DwarfUnit& unit) {
  UnitTree tree;
  std::vector<uint32_t> open;
  DwarfCursor c(dwarf.info.first(unit.end), unit.first_die);
  DwarfValue value;
  while (!c.at_end()) {
    uint64_t offset = c.at(), code = c.uleb();
    if (code == 0) {
      if (open.empty()) break;
      tree.dies[open.back()].end = static_cast<uint32_t>(tree.dies.size());
      open.pop_back();
      if (open.empty()) break;
      continue;
    }
    const DwarfAbbrev* abbrev = unit.abbrevs->find(code);
    bool ok = abbrev != nullptr && open.size() < kMostDepth;
    uint64_t attrs = c.at();
    for (size_t i = 0; ok && i < abbrev->attrs.size(); i++) ok = dwarf.read(unit, abbrev->attrs[i], c, value);
    if (!ok) {
      tree.damaged = offset;
      break;
    }
    auto index = static_cast<uint32_t>(tree.dies.size());
    tree.dies.push_back({offset, attrs, abbrev, open.empty() ? kNone : open.back(), index + 1});
    if (abbrev->children) open.push_back(index);
    if (open.empty()) break;
  }
  for (uint32_t i : open) tree.dies[i].end = static_cast<uint32_t>(tree.dies.size());
  return tree;
}

std::string name_text(const DwarfImage::DieName& n) {
  return n.name.empty() ? dw::tag_name(n.tag) : base::concat(dw::tag_name(n.tag), " ", printable(n.name));
}

// Which of the sections that attributes lead to have the same contents: into those, an offset has no reason
// to differ.
struct SameSections {
  explicit SameSections(const DwarfSides& s)
      : line(same(s.a.line, s.b.line)),
        addr(same(s.a.addr, s.b.addr)),
        locations(same(s.a.loclists, s.b.loclists) && same(s.a.loc, s.b.loc)),
        ranges(same(s.a.rnglists, s.b.rnglists) && same(s.a.ranges, s.b.ranges)) {}
  static bool same(Bytes x, Bytes y) { return std::equal(x.begin(), x.end(), y.begin(), y.end()); }

  bool line, addr, locations, ranges;
};

class UnitDiff {
 public:
  UnitDiff(const DwarfSides& sides, const SameSections& same, const DwarfUnit& a, const DwarfUnit& b,
           const DwarfReports& reports)
      : sides_(sides),
        same_(same),
        unit_a_(a),
        unit_b_(b),
        reports_(reports),
        tree_a_(parse_tree(sides.a, a)),
        tree_b_(parse_tree(sides.b, b)) {}

  void run() {
    unit_header();
    for (auto [tree, side] : {std::pair(&tree_a_, "A"), std::pair(&tree_b_, "B")}) {
      if (tree->damaged == 0 || !reports_.info.count()) continue;
      reports_.info.add(base::concat("unit ", printable(unit_a_.name)), base::concat("damaged in ", side),
                        absl::StrFormat("%#x", tree->damaged), "");
    }
    if (!tree_a_.dies.empty() && !tree_b_.dies.empty()) compare(0, 0);
  }

 private:
  struct Side {
    const DwarfImage& dwarf;
    const DwarfUnit& unit;
    const UnitTree& tree;
  };
  Side side_a() const { return {sides_.a, unit_a_, tree_a_}; }
  Side side_b() const { return {sides_.b, unit_b_, tree_b_}; }

  void unit_header() {
    struct {
      const char* name;
      uint64_t a, b;
    } fields[] = {{"version", unit_a_.version, unit_b_.version},
                  {"unit_type", unit_a_.unit_type, unit_b_.unit_type},
                  {"address_size", unit_a_.address_size, unit_b_.address_size},
                  {"debug_abbrev_offset", unit_a_.abbrev_offset, unit_b_.abbrev_offset}};
    for (const auto& f : fields) {
      if (f.a == f.b || !reports_.info.count()) continue;
      reports_.info.add(base::concat("unit ", printable(unit_a_.name)), f.name, base::concat(f.a),
                        base::concat(f.b));
    }
    if (unit_a_.length != unit_b_.length) reports_.info.moved();
  }

  // A number for tag and name, by which DIEs are aligned.
  static uint64_t key(const Side& s, uint32_t i) {
    DwarfImage::DieName n = s.dwarf.die_name(s.tree.dies[i].offset);
    return base::hash_name(n.name, static_cast<uint32_t>(n.tag)).lo;
  }

  static std::vector<uint32_t> children(const UnitTree& tree, uint32_t parent) {
    std::vector<uint32_t> list;
    for (uint32_t i = parent + 1; i < tree.dies[parent].end; i = tree.dies[i].end) list.push_back(i);
    return list;
  }

  void compare(uint32_t ia, uint32_t ib) {
    described_ = 0;
    attributes(ia, ib);
    if (tree_a_.dies[ia].end == ia + 1 && tree_b_.dies[ib].end == ib + 1) return;
    std::vector<uint32_t> x = children(tree_a_, ia), y = children(tree_b_, ib);
    std::vector<uint64_t> keys_x, keys_y;
    for (uint32_t i : x) keys_x.push_back(key(side_a(), i));
    for (uint32_t i : y) keys_y.push_back(key(side_b(), i));
    if (keys_x == keys_y) {
      for (size_t i = 0; i < x.size(); i++) compare(x[i], y[i]);
      return;
    }
    Alignment alignment = align(keys_x, keys_y);
    sequence(x, keys_x, y, keys_y, alignment);
    for (const Alignment::Pair& p : alignment.pairs) compare(x[p.a], y[p.b]);
  }

  void sequence(const std::vector<uint32_t>& x, const std::vector<uint64_t>& keys_x,
                const std::vector<uint32_t>& y, const std::vector<uint64_t>& keys_y,
                const Alignment& alignment) {
    SectionReport& r = reports_.info;
    size_t at = static_cast<size_t>(
        std::mismatch(keys_x.begin(), keys_x.end(), keys_y.begin(), keys_y.end()).first - keys_x.begin());
    auto name = [](const Side& s, const std::vector<uint32_t>& list, size_t i) {
      return i < list.size() ? name_text(s.dwarf.die_name(s.tree.dies[list[i]].offset))
                             : std::string("(end)");
    };
    if (notes_++ < 4) {
      r.note(absl::StrFormat("%s: sequence of children first differs at number %d of %d and %d: A=%s B=%s",
                             path(side_a(), tree_a_.dies[x.empty() ? 0 : x[0]].parent), at, x.size(),
                             y.size(), name(side_a(), x, at), name(side_b(), y, at)));
    }
    for (uint32_t i : alignment.only_a) {
      if (r.count())
        r.add(path(side_a(), x[i]), "DIE only in A", absl::StrFormat("%#x", tree_a_.dies[x[i]].offset),
              "none");
    }
    for (uint32_t i : alignment.only_b) {
      if (r.count())
        r.add(path(side_b(), y[i]), "DIE only in B", "none",
              absl::StrFormat("%#x", tree_b_.dies[y[i]].offset));
    }
    for (const Alignment::Pair& p : alignment.pairs) {
      if (p.in_order || !r.count()) continue;
      r.add(path(side_a(), x[p.a]), "place in the sequence", base::concat(p.a), base::concat(p.b));
    }
  }

  // "runtime / subprogram runtime.main / variable x".
  static std::string path(const Side& s, uint32_t i) {
    std::vector<uint32_t> chain;
    for (; i != kNone && chain.size() <= kMostDepth; i = s.tree.dies[i].parent) chain.push_back(i);
    std::string text;
    for (size_t k = chain.size(); k-- > 0;) {
      if (!text.empty()) text += " / ";
      text += name_text(s.dwarf.die_name(s.tree.dies[chain[k]].offset));
    }
    return text;
  }

  std::string at(uint32_t ia, uint32_t ib) const {
    uint64_t x = tree_a_.dies[ia].offset, y = tree_b_.dies[ib].offset;
    return x == y ? absl::StrFormat("%s <%#x>", path(side_a(), ia), x)
                  : absl::StrFormat("%s <A %#x, B %#x>", path(side_a(), ia), x, y);
  }

  void add(uint32_t ia, uint32_t ib, std::string field, std::string x, std::string y) {
    if (!reports_.info.count(described_++ < kPerSymbol)) return;
    reports_.info.add(at(ia, ib), std::move(field), std::move(x), std::move(y));
  }

  void moved(uint32_t ia, uint32_t ib, uint16_t at_code, const DwarfValue& x, const DwarfValue& y) {
    if (!reports_.info.moved()) return;
    auto number = [](const DwarfValue& v) {
      return v.block.empty() ? absl::StrFormat("%#x", v.number) : hex_bytes(v.block);
    };
    reports_.info.set_example({at(ia, ib), dw::at_name(at_code), number(x), number(y)});
  }

  // Values of both, in the order of the abbreviation; with unlike abbreviations, by attribute.
  void attributes(uint32_t ia, uint32_t ib) {
    const Die &x = tree_a_.dies[ia], &y = tree_b_.dies[ib];
    DwarfCursor cx(sides_.a.info.first(unit_a_.end), x.attrs), cy(sides_.b.info.first(unit_b_.end), y.attrs);
    DwarfValue vx, vy;
    if (same_shape(*x.abbrev, *y.abbrev)) {
      if (x.abbrev->code != y.abbrev->code) reports_.info.moved();
      for (size_t i = 0; i < x.abbrev->attrs.size(); i++) {
        if (!sides_.a.read(unit_a_, x.abbrev->attrs[i], cx, vx) ||
            !sides_.b.read(unit_b_, y.abbrev->attrs[i], cy, vy))
          return;
        value(ia, ib, x.abbrev->attrs[i].at, vx, vy);
      }
      return;
    }
    add(ia, ib, "abbreviation", abbrev_text(*x.abbrev), abbrev_text(*y.abbrev));
    std::vector<std::pair<uint16_t, DwarfValue>> of_b;
    for (const DwarfAttr& attr : y.abbrev->attrs) {
      if (sides_.b.read(unit_b_, attr, cy, vy)) of_b.push_back({attr.at, vy});
    }
    for (const DwarfAttr& attr : x.abbrev->attrs) {
      if (!sides_.a.read(unit_a_, attr, cx, vx)) return;
      auto it = std::find_if(of_b.begin(), of_b.end(), [&](const auto& p) { return p.first == attr.at; });
      if (it != of_b.end()) value(ia, ib, attr.at, vx, it->second);
    }
  }

  static bool same_shape(const DwarfAbbrev& x, const DwarfAbbrev& y) {
    return x.tag == y.tag && std::equal(x.attrs.begin(), x.attrs.end(), y.attrs.begin(), y.attrs.end(),
                                        [](const DwarfAttr& p, const DwarfAttr& q) {
                                          return p.at == q.at && p.form == q.form;
                                        });
  }
  static std::string abbrev_text(const DwarfAbbrev& a) {
    std::string text = base::concat(a.code, " (", dw::tag_name(a.tag), ":");
    for (const DwarfAttr& attr : a.attrs)
      text += base::concat(" ", dw::at_name(attr.at).substr(6), "=", dw::form_name(attr.form).substr(8));
    return text + ")";
  }

  // The address that a value means, if it means one.
  static bool address_of(const Side& s, uint16_t at, const DwarfValue& v, uint64_t& address) {
    if (at == dw::kGoRuntimeType && (v.cls == Class::kAddress || v.cls == Class::kConstant)) {
      // An offset from the section of the type descriptors; 0 where the type has none.
      const objfmt::ImageSection* types = s.dwarf.image().view().section_at(s.dwarf.image().module().types());
      address = types == nullptr || v.number == 0 ? v.number : types->addr + v.number;
      return true;
    }
    if (v.cls == Class::kAddress) address = v.number;
    if (v.cls == Class::kAddressIndex) address = s.dwarf.indexed_address(s.unit, v.number);
    bool op_addr =
        (v.cls == Class::kBlock || v.cls == Class::kExprloc) && v.block.size() == 9 && v.block[0] == 0x03;
    if (op_addr) address = base::load64(v.block.data() + 1);
    return op_addr || v.cls == Class::kAddress || v.cls == Class::kAddressIndex;
  }

  void value(uint32_t ia, uint32_t ib, uint16_t at_code, const DwarfValue& x, const DwarfValue& y) {
    uint64_t p = 0, q = 0;
    if (address_of(side_a(), at_code, x, p) && address_of(side_b(), at_code, y, q)) {
      bool same_bytes = x.number == y.number && x.block.size() == y.block.size();
      if (p == q && same_bytes) return;
      if (p == q || same_target(sides_.a.image(), p, sides_.b.image(), q))
        return moved(ia, ib, at_code, x, y);
      return add(ia, ib, dw::at_name(at_code), absl::StrFormat("%s (%#x)", sides_.a.image().describe(p), p),
                 absl::StrFormat("%s (%#x)", sides_.b.image().describe(q), q));
    }
    if (x.cls == Class::kUnitRef || x.cls == Class::kInfoRef) return reference(ia, ib, at_code, x, y);
    bool is_list =
        at_code == dw::kRanges || ((x.cls == Class::kSectionOffset || x.cls == Class::kLoclistIndex) &&
                                   (at_code == dw::kLocation || at_code == dw::kFrameBase));
    if (is_list && y.cls == x.cls) return list(ia, ib, at_code, x, y);
    if (x.cls == Class::kSectionOffset && y.cls == x.cls) {
      if (x.number != y.number) offset(ia, ib, at_code, x, y);
      return;
    }
    if (text(x) != text(y)) return add(ia, ib, dw::at_name(at_code), text(x), text(y));
    if (x.cls == y.cls && x.number != y.number) moved(ia, ib, at_code, x, y);
  }

  static std::string text(const DwarfValue& v) {
    switch (v.cls) {
      case Class::kString:
      case Class::kStringOffset:
      case Class::kLineStringOffset:
        return base::concat("\"", printable(v.string), "\"");
      case Class::kBlock:
      case Class::kExprloc:
        return hex_bytes(v.block, 32);
      default:
        return base::concat(static_cast<int64_t>(v.number));
    }
  }

  void reference(uint32_t ia, uint32_t ib, uint16_t at_code, const DwarfValue& x, const DwarfValue& y) {
    DwarfImage::DieName p = sides_.a.die_name(x.number), q = sides_.b.die_name(y.number);
    if (p == q && x.number == y.number) return;
    // A DIE of that name that A has at B's place too did not move: then another one is meant.
    if (p == q && sides_.a.die_name(y.number) != q) return moved(ia, ib, at_code, x, y);
    add(ia, ib, dw::at_name(at_code), absl::StrFormat("<%#x> %s", x.number, name_text(p)),
        absl::StrFormat("<%#x> %s", y.number, name_text(q)));
  }

  // An offset into another section: no reason to differ if that section is the same in both.
  void offset(uint32_t ia, uint32_t ib, uint16_t at_code, const DwarfValue& x, const DwarfValue& y) {
    bool may_move = (at_code == dw::kStmtList && !same_.line) || (at_code == dw::kAddrBase && !same_.addr);
    if (may_move) return moved(ia, ib, at_code, x, y);
    add(ia, ib, dw::at_name(at_code), absl::StrFormat("%#x", x.number), absl::StrFormat("%#x", y.number));
  }

  void list(uint32_t ia, uint32_t ib, uint16_t at_code, const DwarfValue& x, const DwarfValue& y) {
    bool locations = at_code != dw::kRanges;
    DwarfListRef p{sides_.a, unit_a_, x.number}, q{sides_.b, unit_b_, y.number};
    SectionReport& r = locations ? reports_.loclists : reports_.rnglists;
    auto where_text = [&] { return base::concat(at(ia, ib), " ", dw::at_name(at_code)); };
    bool same = diff_dwarf_list(p, q, locations, where_text, r);
    if (!same || x.number == y.number) return;
    if (!(locations ? same_.locations : same_.ranges)) return moved(ia, ib, at_code, x, y);
    add(ia, ib, dw::at_name(at_code), absl::StrFormat("%#x", x.number), absl::StrFormat("%#x", y.number));
  }

  const DwarfSides& sides_;
  const SameSections& same_;
  const DwarfUnit &unit_a_, &unit_b_;
  const DwarfReports& reports_;
  UnitTree tree_a_, tree_b_;
  int described_ = 0, notes_ = 0;
};

std::vector<std::string> unit_names(const DwarfImage& d) {
  std::vector<std::string> names;
  for (const DwarfUnit& u : d.units()) names.push_back(u.name.empty() ? "(no name)" : printable(u.name));
  return names;
}

}  // namespace

void diff_dwarf_info(const DwarfSides& sides, const DwarfReports& reports) {
  std::vector<std::string> a = unit_names(sides.a), b = unit_names(sides.b);
  diff_sequence(a, b, "unit", reports.info);
  Alignment alignment = align(std::vector<std::string_view>(a.begin(), a.end()),
                              std::vector<std::string_view>(b.begin(), b.end()));
  SameSections same(sides);
  for (const Alignment::Pair& p : alignment.pairs) {
    const DwarfUnit &x = sides.a.units()[p.a], &y = sides.b.units()[p.b];
    Bytes bytes_x = sides.a.info.subspan(x.offset, x.end - x.offset);
    Bytes bytes_y = sides.b.info.subspan(y.offset, y.end - y.offset);
    if (same.locations && same.ranges && x.offset == y.offset && SameSections::same(bytes_x, bytes_y))
      continue;
    UnitDiff(sides, same, x, y, reports).run();
  }
}

}  // namespace dovetail::linker::diff
