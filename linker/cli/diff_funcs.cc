// One function's record in the pclntab of both images: plain fields by value; offsets by what lies there.
#include <algorithm>
#include <array>

#include "absl/strings/str_format.h"
#include "base/text.h"
#include "linker/cli/diff_pcln.h"

namespace dovetail::linker::diff {
namespace {

using base::Bytes;

constexpr size_t kEntryOff = 0, kNameOff = 1, kPcsp = 4, kPcfile = 5, kPcln = 6, kCuOffset = 8,
                 kFixedWords = 11;
constexpr uint32_t kFuncdataStackObjects = 2, kFuncdataInlTree = 3, kFuncdataWrapInfo = 7;
constexpr size_t kRodataWord = 0x138;  // moduledata.rodata

bool same_bytes(Bytes x, Bytes y) { return std::equal(x.begin(), x.end(), y.begin(), y.end()); }

class FuncDiff {
 public:
  FuncDiff(const FuncSides& sides, size_t ia, size_t ib, SectionReport& report)
      : sides_(sides),
        a_(sides.a),
        b_(sides.b),
        x_(a_.funcs[ia]),
        y_(b_.funcs[ib]),
        index_a_(ia),
        index_b_(ib),
        report_(report) {}

  void run() {
    size_t n = std::min(x_.words(), y_.words());
    bool same_shape = x_.npcdata() == y_.npcdata() && x_.nfuncdata() == y_.nfuncdata();
    for (size_t i = 0; i < std::min(n, kFixedWords); i++) fixed(i);
    if (!same_shape) return;
    for (size_t i = kFixedWords; i < n; i++) {
      if (i - kFixedWords < x_.npcdata()) {
        pc_table(i);
      } else {
        funcdata(i, i - kFixedWords - x_.npcdata());
      }
    }
  }

 private:
  void fixed(size_t i) {
    if (i == kPcsp || i == kPcfile || i == kPcln) return pc_table(i);
    if (x_.word(i) == y_.word(i)) return;
    if (i == kEntryOff) return entry();
    if (i == kNameOff) return offset(i, sides_.same_names);
    if (i == kCuOffset) return offset(i, sides_.same_cutab);
    if (i == kFixedWords - 1) return last_word();
    add(x_.field_name(i), number(i, x_), number(i, y_));
  }

  static std::string number(size_t i, const FuncRecord& f) {
    bool is_line = i == 9;
    return is_line ? base::concat(static_cast<int32_t>(f.word(i))) : absl::StrFormat("%#x", f.word(i));
  }

  // An offset into a table. If the table is the same in both images, the offset has no reason to differ.
  void offset(size_t i, bool same_table) {
    if (!same_table) return count_moved();
    add(x_.field_name(i), absl::StrFormat("%#x", x_.word(i)), absl::StrFormat("%#x", y_.word(i)));
  }

  void entry() {
    uint64_t p = a_.image.module().text() + x_.word(0), q = b_.image.module().text() + y_.word(0);
    if (same_target(a_.image, p, b_.image, q)) return count_moved();
    add("entryOff", absl::StrFormat("%#x %s", x_.word(0), a_.image.describe(p)),
        absl::StrFormat("%#x %s", y_.word(0), b_.image.describe(q)));
  }

  void last_word() {
    static constexpr std::array<const char*, 4> kNames = {"funcID", "flag", "pad", "nfuncdata"};
    for (unsigned k = 0; k < 4; k++) {
      unsigned p = x_.word(10) >> (8 * k) & 0xff, q = y_.word(10) >> (8 * k) & 0xff;
      if (p != q) add(kNames[k], base::concat(p), base::concat(q));
    }
  }

  // pcsp, pcfile, pcln, pcdata[i]: 0 means that there is none.
  void pc_table(size_t i) {
    uint32_t p = x_.word(i), q = y_.word(i);
    if (p == 0 || q == 0) {
      if (p != q) add(x_.field_name(i), p == 0 ? "none" : "a table", q == 0 ? "none" : "a table");
      return;
    }
    if (p == q && sides_.same_pctab) return;
    PcTable s(a_.tab.pctab, p, a_.quantum), t(b_.tab.pctab, q, b_.quantum);
    for (bool more_s = s.next(), more_t = t.next(); more_s || more_t; more_s = s.next(), more_t = t.next()) {
      if (more_s && more_t && s.end() == t.end() && s.value() == t.value()) continue;
      add(absl::StrFormat("%s at +%#x", x_.field_name(i), std::max(s.begin(), t.begin())),
          step(i, a_, x_, s, more_s), step(i, b_, y_, t, more_t));
      return;
    }
    if (p != q) offset(i, sides_.same_pctab);
  }

  static std::string step(size_t i, const FuncTables& t, const FuncRecord& f, const PcTable& table,
                          bool more) {
    if (!more) return "end of table";
    std::string value = i == kPcfile ? t.file(f, table.value()) : base::concat(table.value());
    return absl::StrFormat("%s up to +%#x", value, table.end());
  }

  void funcdata(size_t i, size_t kind) {
    uint32_t p = x_.word(i), q = y_.word(i);
    if (p == UINT32_MAX || q == UINT32_MAX) {
      if (p != q)
        add(x_.field_name(i), p == UINT32_MAX ? "none" : "present", q == UINT32_MAX ? "none" : "present");
      return;
    }
    Bytes s = a_.gofunc_part(p), t = b_.gofunc_part(q);
    if (same_bytes(s, t)) {
      if (p != q) offset(i, sides_.same_gofunc);
      return;
    }
    if (kind == kFuncdataInlTree) return inline_tree(i, s, t);
    if (kind == kFuncdataStackObjects) return stack_objects(i, s, t);
    size_t n = std::min(s.size(), t.size()), at = first_difference(s, t);
    if (kind == kFuncdataWrapInfo && n >= 4) return wrap_info(i, s, t);
    // What lies behind the shorter one is padding, if it is zero.
    if (at == n && all_zero(s.subspan(at)) && all_zero(t.subspan(at))) return count_moved();
    add(absl::StrFormat("%s at +%#x", x_.field_name(i), at), hex_bytes(s.subspan(at)),
        hex_bytes(t.subspan(at)));
  }

  static bool all_zero(Bytes b) {
    return std::all_of(b.begin(), b.end(), [](uint8_t c) { return c == 0; });
  }

  // inlinedCall: funcID u8, pad[3], nameOff, parentPc, startLine (4 each).
  void inline_tree(size_t i, Bytes s, Bytes t) {
    static constexpr std::array<const char*, 4> kNames = {"funcID", "name", "parentPc", "startLine"};
    bool differs = false;
    for (size_t at = 0; at + 4 <= std::min(s.size(), t.size()); at += 4) {
      uint32_t p = base::load32(s.data() + at), q = base::load32(t.data() + at);
      if (p == q) continue;
      size_t field = at / 4 % 4;
      std::string u = base::concat(static_cast<int32_t>(p)), v = base::concat(static_cast<int32_t>(q));
      if (field == 1) {
        u = printable(objfmt::ImageView::string_at(a_.tab.names, p));
        v = printable(objfmt::ImageView::string_at(b_.tab.names, q));
        if (u == v && !sides_.same_names) continue;
        if (u == v) u += absl::StrFormat(" (+%#x)", p), v += absl::StrFormat(" (+%#x)", q);
      }
      differs = true;
      add(absl::StrFormat("inltree[%d].%s", at / 16, kNames[field]), u, v);
    }
    size_t n = std::min(s.size(), t.size());
    if (s.size() != t.size() && !(all_zero(s.subspan(n)) && all_zero(t.subspan(n)))) {
      add(x_.field_name(i), absl::StrFormat("%d records", s.size() / 16),
          absl::StrFormat("%d records", t.size() / 16));
    } else if (!differs) {
      report_.moved();
    }
  }

  // Count (8), then records: off, size, ptrBytes, gcdata as offset from rodata (4 each).
  void stack_objects(size_t i, Bytes s, Bytes t) {
    static constexpr std::array<const char*, 4> kNames = {"off", "size", "ptrBytes", "gcdata"};
    size_t n = std::min(s.size(), t.size());
    if (n < 8 || base::load64(s.data()) != base::load64(t.data())) {
      add(base::concat(x_.field_name(i), " count"), hex_bytes(s, 8), hex_bytes(t, 8));
      return;
    }
    for (size_t at = 8; at + 4 <= n; at += 4) {
      uint32_t p = base::load32(s.data() + at), q = base::load32(t.data() + at);
      if (p == q) continue;
      size_t field = (at - 8) / 4 % 4;
      uint64_t u = a_.image.module().word(kRodataWord) + p, v = b_.image.module().word(kRodataWord) + q;
      if (field == 3 && same_target(a_.image, u, b_.image, v)) {
        report_.moved();
        continue;
      }
      add(absl::StrFormat("stackobjects[%d].%s", (at - 8) / 16, kNames[field]),
          field == 3 ? a_.image.describe(u) : absl::StrFormat("%#x", p),
          field == 3 ? b_.image.describe(v) : absl::StrFormat("%#x", q));
    }
  }

  // A text offset.
  void wrap_info(size_t i, Bytes s, Bytes t) {
    uint64_t p = a_.image.module().text() + base::load32(s.data());
    uint64_t q = b_.image.module().text() + base::load32(t.data());
    if (same_target(a_.image, p, b_.image, q)) return count_moved();
    add(x_.field_name(i), a_.image.describe(p), b_.image.describe(q));
  }

  void count_moved() { report_.moved(); }

  void add(std::string field, std::string u, std::string v) {
    if (!report_.count(described_++ < kPerSymbol)) return;
    std::string at =
        index_a_ == index_b_
            ? absl::StrFormat("func[%d] %s", index_a_, printable(a_.name(index_a_)))
            : absl::StrFormat("func[A %d, B %d] %s", index_a_, index_b_, printable(a_.name(index_a_)));
    report_.add(std::move(at), std::move(field), std::move(u), std::move(v));
  }

  const FuncSides& sides_;
  const FuncTables &a_, &b_;
  const FuncRecord &x_, &y_;
  size_t index_a_, index_b_;
  SectionReport& report_;
  int described_ = 0;
};

// Words of the record that refer to the pctab: pcsp, pcfile, pcln and pcdata.
void add_uses(FuncTables& t, uint32_t func) {
  const FuncRecord& f = t.funcs[func];
  size_t words = f.words();
  for (size_t i = kPcsp; i < words; i++) {
    if (i > kPcln && i < kFixedWords) continue;
    uint32_t offset = f.word(i);
    bool is_pc_table = i <= kPcln || i - kFixedWords < f.npcdata();
    if (is_pc_table && offset != 0) t.pctab_uses.push_back({offset, func, static_cast<uint32_t>(i)});
    if (!is_pc_table && offset != UINT32_MAX)
      t.gofunc_uses.push_back({offset, func, static_cast<uint32_t>(i)});
  }
}

void keep_first_users(std::vector<TableUse>& uses) {
  std::stable_sort(uses.begin(), uses.end(), [](TableUse x, TableUse y) { return x.offset < y.offset; });
  auto same = [](TableUse x, TableUse y) { return x.offset == y.offset; };
  uses.erase(std::unique(uses.begin(), uses.end(), same), uses.end());
}

}  // namespace

FuncTables::FuncTables(const Image& i) : image(i), tab(i.pclntab()), quantum(tab.header[6]) {
  funcs.reserve(tab.count);
  for (uint64_t k = 0; k < tab.count; k++) {
    funcs.push_back(tab.func(k));
    add_uses(*this, static_cast<uint32_t>(k));
  }
  keep_first_users(pctab_uses);
  keep_first_users(gofunc_uses);
}

std::string FuncTables::user(const TableUse& use) const {
  return base::concat(printable(name(use.func)), " ", funcs[use.func].field_name(use.word));
}

const TableUse* FuncTables::user_of(const std::vector<TableUse>& uses, uint64_t offset) {
  auto it =
      std::upper_bound(uses.begin(), uses.end(), offset, [](uint64_t o, TableUse u) { return o < u.offset; });
  return it == uses.begin() ? nullptr : &*(it - 1);
}

Bytes FuncTables::gofunc_part(uint32_t offset) const {
  auto it = std::upper_bound(gofunc_uses.begin(), gofunc_uses.end(), offset,
                             [](uint32_t o, TableUse u) { return o < u.offset; });
  uint64_t end =
      it == gofunc_uses.end() ? tab.gofunc.size() : std::min<uint64_t>(it->offset, tab.gofunc.size());
  return offset >= end ? Bytes{} : tab.gofunc.subspan(offset, end - offset);
}

std::string FuncTables::file(const FuncRecord& f, int32_t value) const {
  std::string_view name = tab.file(f, value);
  return name == "?" ? base::concat("file ", value) : printable(name);
}

FuncSides::FuncSides(const FuncTables& table_a, const FuncTables& table_b)
    : a(table_a),
      b(table_b),
      same_names(same_bytes(a.tab.names, b.tab.names)),
      same_cutab(same_bytes(a.tab.cutab, b.tab.cutab)),
      same_pctab(same_bytes(a.tab.pctab, b.tab.pctab)),
      same_gofunc(same_bytes(a.tab.gofunc, b.tab.gofunc)) {}

void diff_func(const FuncSides& sides, size_t ia, size_t ib, SectionReport& report) {
  FuncDiff(sides, ia, ib, report).run();
}

}  // namespace dovetail::linker::diff
