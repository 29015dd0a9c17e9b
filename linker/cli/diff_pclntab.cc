// .gopclntab: header, function names, file tables, pc tables, function table, go:func.*, findfunctab.
//
// Each part gets a report of its own (".gopclntab/pctab"), since one missing record shifts all that follows
// and would fill the report of the whole. Functions are aligned by name and compared by what their records
// mean; the shared parts (pctab, go:func.*) are sequences of pieces, each known by the first function that
// uses it, so that an order that diverges is told by the place where it does.
#include <algorithm>
#include <array>

#include "absl/strings/str_format.h"
#include "base/text.h"
#include "linker/cli/diff_align.h"
#include "linker/cli/diff_pcln.h"

namespace dovetail::linker::diff {
namespace {

using base::Bytes;

class PclntabDiff {
 public:
  PclntabDiff(const Sides& sides, Report& report) : report_(report), a_(sides.a), b_(sides.b) {}

  void run() {
    header();
    strings("funcnametab", a_.tab.names, b_.tab.names);
    cutab();
    strings("filetab", a_.tab.filetab, b_.tab.filetab);
    pieces("pctab", a_.tab.pctab, b_.tab.pctab, a_.pctab_uses, b_.pctab_uses);
    functions();
    pieces("go:func.*", a_.tab.gofunc, b_.tab.gofunc, a_.gofunc_uses, b_.gofunc_uses);
    findfunc();
  }

 private:
  SectionReport* open(std::string_view part, Bytes x, Bytes y) {
    uint64_t differing = count_differing(x, y);
    if (differing == 0) return nullptr;
    SectionReport& r = report_.section(base::concat(".gopclntab/", part));
    r.set_sizes(x.size(), y.size(), differing);
    return &r;
  }

  void header() {
    static constexpr std::array<const char*, 9> kWords = {"magic, pad, minLC, ptrSize",
                                                          "nfunc",
                                                          "nfiles",
                                                          "textStart",
                                                          "funcnameOffset",
                                                          "cuOffset",
                                                          "filetabOffset",
                                                          "pctabOffset",
                                                          "pclnOffset"};
    SectionReport* r = open("header", a_.tab.header, b_.tab.header);
    if (r == nullptr) return;
    for (size_t i = 0; i < kWords.size(); i++) {
      uint64_t x = base::load64(a_.tab.header.data() + i * 8), y = base::load64(b_.tab.header.data() + i * 8);
      if (x == y || !r->count()) continue;
      r->add("header", kWords[i], absl::StrFormat("%#x", x), absl::StrFormat("%#x", y));
    }
  }

  void strings(const char* part, Bytes x, Bytes y) {
    SectionReport* r = open(part, x, y);
    if (r != nullptr) diff_sequence(table_strings(x), table_strings(y), "string", *r);
  }

  // Offsets into the file table, one run per compilation unit; all ones where a unit's file is not used.
  void cutab() {
    SectionReport* r = open("cutab", a_.tab.cutab, b_.tab.cutab);
    if (r == nullptr) return;
    auto names = [](const Pclntab& t) {
      std::vector<std::string> files;
      for (size_t i = 0; i + 4 <= t.cutab.size(); i += 4) {
        uint32_t offset = base::load32(t.cutab.data() + i);
        files.push_back(offset == UINT32_MAX ? "(unused)"
                                             : printable(objfmt::ImageView::string_at(t.filetab, offset)));
      }
      return files;
    };
    std::vector<std::string> x = names(a_.tab), y = names(b_.tab);
    diff_sequence(x, y, "entry", *r);
    for (size_t i = 0; i < std::min(x.size(), y.size()); i++) {
      if (x[i] == y[i] &&
          base::load32(a_.tab.cutab.data() + i * 4) != base::load32(b_.tab.cutab.data() + i * 4))
        r->moved();
    }
  }

  std::string piece_user(const FuncTables& t, const std::vector<TableUse>& uses, size_t i) const {
    return i < uses.size() ? absl::StrFormat("+%#x %s", uses[i].offset, t.user(uses[i])) : "(end)";
  }

  // Only the order and place of the pieces; their contents are compared function by function.
  void pieces(const char* part, Bytes x, Bytes y, const std::vector<TableUse>& uses_a,
              const std::vector<TableUse>& uses_b) {
    SectionReport* r = open(part, x, y);
    if (r == nullptr) return;
    size_t byte = first_difference(x, y);
    const TableUse *user_a = FuncTables::user_of(uses_a, byte), *user_b = FuncTables::user_of(uses_b, byte);
    auto user = [&](const FuncTables& t, const TableUse* u) {
      return u == nullptr ? "(no function's)" : absl::StrFormat("%s+%#x", t.user(*u), byte - u->offset);
    };
    r->note(
        absl::StrFormat("bytes first differ at +%#x: A=%s B=%s", byte, user(a_, user_a), user(b_, user_b)));
    for (size_t i = 0; i < std::max(uses_a.size(), uses_b.size()); i++) {
      bool both = i < uses_a.size() && i < uses_b.size();
      if (both && uses_a[i].offset == uses_b[i].offset && uses_a[i].word == uses_b[i].word &&
          a_.name(uses_a[i].func) == b_.name(uses_b[i].func)) {
        continue;
      }
      r->note(absl::StrFormat("sequence of pieces first differs at number %d of %d and %d: A=%s B=%s", i,
                              uses_a.size(), uses_b.size(), piece_user(a_, uses_a, i),
                              piece_user(b_, uses_b, i)));
      break;
    }
  }

  void functions() {
    // Records are compared even if the function table's bytes are the same: pc tables may differ.
    SectionReport& r = report_.section(".gopclntab/functab");
    r.set_sizes(a_.tab.funcs.size(), b_.tab.funcs.size(), count_differing(a_.tab.funcs, b_.tab.funcs));
    std::vector<std::string_view> x, y;
    for (size_t i = 0; i < a_.funcs.size(); i++) x.push_back(a_.name(i));
    for (size_t i = 0; i < b_.funcs.size(); i++) y.push_back(b_.name(i));
    auto at = static_cast<size_t>(std::mismatch(x.begin(), x.end(), y.begin(), y.end()).first - x.begin());
    auto name = [](const std::vector<std::string_view>& names, size_t i) {
      return i < names.size() ? printable(names[i]) : "(end)";
    };
    if (at != x.size() || at != y.size()) {
      r.note(absl::StrFormat("sequence of functions first differs at number %d of %d and %d: A=%s B=%s", at,
                             x.size(), y.size(), name(x, at), name(y, at)));
    }
    alignment_ = align(x, y);
    for (uint32_t i : alignment_.only_a) {
      if (r.count()) r.add(absl::StrFormat("func[%d]", i), "function only in A", printable(x[i]), "none");
    }
    for (uint32_t i : alignment_.only_b) {
      if (r.count()) r.add(absl::StrFormat("func[%d]", i), "function only in B", "none", printable(y[i]));
    }
    FuncSides sides(a_, b_);
    for (const Alignment::Pair& p : alignment_.pairs) {
      if (!p.in_order && r.count())
        r.add(printable(x[p.a]), "place in the sequence", base::concat(p.a), base::concat(p.b));
      diff_func(sides, p.a, p.b, r);
    }
    record_places(r);
    end_entry(r);
  }

  // Where the records lie has no reason to differ if the same functions come in the same order.
  void record_places(SectionReport& r) {
    if (!alignment_.same_sequence()) return;
    for (size_t i = 0; i < std::min(a_.funcs.size(), b_.funcs.size()); i++) {
      uint32_t x = base::load32(a_.tab.funcs.data() + i * 8 + 4),
               y = base::load32(b_.tab.funcs.data() + i * 8 + 4);
      if (x == y || !r.count()) continue;
      r.add(absl::StrFormat("func[%d] %s", i, printable(a_.name(i))), "functab funcOff",
            absl::StrFormat("%#x", x), absl::StrFormat("%#x", y));
    }
  }

  // The entry behind the last function: where the text ends.
  void end_entry(SectionReport& r) {
    uint32_t x = a_.tab.entry_off(a_.tab.count), y = b_.tab.entry_off(b_.tab.count);
    if (x != y && r.count())
      r.add("functab end", "entryOff", absl::StrFormat("%#x", x), absl::StrFormat("%#x", y));
  }

  // One bucket per 4096 bytes of text: index of the first function, then 16 differences to it.
  void findfunc() {
    constexpr size_t kBucket = 20;
    SectionReport* r = open("findfunctab", a_.tab.findfunc, b_.tab.findfunc);
    if (r == nullptr) return;
    Bytes x = a_.tab.findfunc, y = b_.tab.findfunc;
    for (size_t at = 0; at + kBucket <= std::min(x.size(), y.size()); at += kBucket) {
      uint32_t p = base::load32(x.data() + at), q = base::load32(y.data() + at);
      std::string where_text = absl::StrFormat("bucket[%d] (text+%#x)", at / kBucket, at / kBucket * 4096);
      if (p != q && func_name(a_, p) == func_name(b_, q)) r->moved();
      if (p != q && func_name(a_, p) != func_name(b_, q) && r->count()) {
        r->add(where_text, "index", absl::StrFormat("%d %s", p, func_name(a_, p)),
               absl::StrFormat("%d %s", q, func_name(b_, q)));
      }
      for (size_t k = 4; k < kBucket; k++) {
        uint32_t u = p + x[at + k], v = q + y[at + k];
        if (x[at + k] == y[at + k] || !r->count()) continue;
        r->add(where_text, absl::StrFormat("subbucket[%d]", k - 4),
               absl::StrFormat("%d %s", x[at + k], func_name(a_, u)),
               absl::StrFormat("%d %s", y[at + k], func_name(b_, v)));
      }
    }
  }
  static std::string func_name(const FuncTables& t, uint32_t i) {
    return i < t.funcs.size() ? printable(t.name(i)) : "(none)";
  }

  Report& report_;
  FuncTables a_, b_;
  Alignment alignment_;
};

}  // namespace

void diff_pclntab(const Sides& sides, const SectionPair& s, Report& report) {
  if (!sides.a.pclntab().found || !sides.b.pclntab().found) {
    SectionReport& r = report.section(printable(s.a.name));
    r.set_sizes(s.a.bytes.size(), s.b.bytes.size(), count_differing(s.a.bytes, s.b.bytes));
    return diff_plain(sides, s, r);
  }
  PclntabDiff(sides, report).run();
}

}  // namespace dovetail::linker::diff
