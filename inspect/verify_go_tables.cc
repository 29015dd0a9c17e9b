// The tables of a Go image, walked as the runtime walks them: findfunc and pcvalue (src/runtime/symtab.go), inlined
// calls (symtabinl.go), module data, typelinks and itabs (type.go, iface.go; Go 1.26). Not of
// movable ELF images, where the dynamic linker fills the pointers in.
#include <algorithm>

#include "base/text.h"
#include "inspect/go_tables.h"
#include "inspect/pc_table.h"
#include "inspect/verify_image.h"

namespace dovetail::inspect {
namespace {

using base::concat;
using objfmt::ImageSection;
using objfmt::ImageView;

// Words of moduledata (go_tables.cc has their names).
enum ModuleWord : size_t {
  kPcHeader = 0,
  kMinPc = 20,
  kMaxPc,
  kText,
  kEtext,
  kTypes = 37,
  kEtypes,
  kGofunc = 40,
  kTypelinks = 45,
  kItablinks = 48
};

class TableVerifier {
 public:
  TableVerifier(const ImageView& view, Findings* findings)
      : view_(view), module_(ModuleData::find(view)), table_(Pclntab::find(view, module_)), findings_(findings) {}

  void run() {
    if (!table_.found || !module_.found || !view_.holds_addresses()) return;
    if (!check_header() || !check_module()) return;
    for (uint64_t i = 0; i < table_.count; i++) check_function(i);
    check_findfunc();
    check_typelinks();
    check_itabs();
  }

 private:
  uint64_t word(size_t i) const { return module_.word(i * 8); }
  void add(std::string_view rule, std::string_view block, uint64_t offset, std::string text) {
    findings_->add(rule, {.block = block, .offset = offset}, std::move(text));
  }

  bool check_header() {
    uint64_t before = findings_->count();
    quantum_ = view_.header().machine == objfmt::kElfMachineArm64 ? 4 : 1;
    if (table_.header[6] != quantum_ || table_.header[7] != 8) {
      add("pclntab.header", ".gopclntab", 6,
          concat("want ", quantum_, " and 8, have ", table_.header[6], " and ", table_.header[7]));
    }
    uint64_t last = table_.header.size();
    for (uint64_t at : {table_.names_at, table_.cutab_at, table_.filetab_at, table_.pctab_at, table_.funcs_at}) {
      if (at < last) add("pclntab.parts", ".gopclntab", 32, concat("a part begins at ", at, ", behind ", last));
      last = at;
    }
    uint64_t count = base::load64(table_.header.data() + 8);
    if (count != table_.count || count * 8 + 4 > table_.funcs.size())
      add("pclntab.count", ".gopclntab", 8, concat(count, " functions in ", table_.funcs.size(), " bytes"));
    return findings_->count() == before;
  }

  bool check_module() {
    uint64_t before = findings_->count();
    static constexpr size_t kRanges[][2] = {{20, 21}, {22, 23}, {24, 25}, {26, 27}, {28, 29}, {30, 31}, {37, 38}};
    if (word(kPcHeader) != table_.address)
      add("moduledata.pclntab", ".go.module", 0, want_have(table_.address, word(kPcHeader)));
    for (auto [from, to] : kRanges) {
      uint64_t begin = word(from), end = word(to);
      const ImageSection* s = begin == end ? nullptr : view_.section_at(begin);
      bool good = begin == end || (s != nullptr && begin < end && end - s->addr <= s->size);
      if (!good)
        add("moduledata.range", ".go.module", from * 8,
            concat(ModuleData::field_at(from * 8), " to ", ModuleData::field_at(to * 8), ": ", begin, " to ", end,
                   " is not in one section"));
    }
    if (word(kMinPc) < word(kText) || word(kMaxPc) > word(kEtext))
      add("moduledata.range", ".go.module", kMinPc * 8, "minpc and maxpc are not within text");
    if (table_.entry_off(table_.count) != word(kMaxPc) - word(kText)) {
      add("functab.end", ".gopclntab", table_.funcs_at + table_.count * 8,
          want_have(word(kMaxPc) - word(kText), table_.entry_off(table_.count)));
    }
    return findings_->count() == before;
  }

  // ---- Functions ----

  void check_function(uint64_t i) {
    FuncRecord f = table_.func(i);
    uint64_t at = table_.funcs_at + i * 8, next = table_.entry_off(i + 1);
    if (f.bytes.size() < 44 || f.words() != 11 + uint64_t{f.npcdata()} + f.nfuncdata()) {
      return add("functab.record", ".gopclntab", at, concat("function ", i, " has no whole record"));
    }
    std::string_view name = name_at(f.name_off());
    auto wrong = [&](std::string_view rule, std::string text) {
      findings_->add(rule, {.block = ".gopclntab", .offset = at, .name = name}, std::move(text));
    };
    if (next <= f.entry_off)
      return wrong("functab.order", concat("the next one begins at ", next, ", this one at ", f.entry_off));
    if (f.word(0) != f.entry_off) wrong("func.entry", want_have(f.entry_off, f.word(0)));
    if (name.empty()) wrong("func.name", concat("no name at ", f.name_off()));
    length_ = next - f.entry_off;
    ends_ = 0;
    int32_t most_inlined = -1;
    for (size_t w = 4; w < 7; w++) check_pc_table(f, f.word(w), w == 5, nullptr, wrong);
    for (uint32_t k = 0; k < f.npcdata(); k++)
      check_pc_table(f, f.word(11 + k), false, k == 2 ? &most_inlined : nullptr, wrong);
    check_funcdata(f, most_inlined, wrong);
  }

  template <class Wrong>
  void check_pc_table(const FuncRecord& f, uint32_t offset, bool files, int32_t* most, Wrong&& wrong) {
    if (offset == 0) return;  // none
    if (offset >= table_.pctab.size())
      return wrong("func.pc-table", concat("offset ", offset, " of ", table_.pctab.size()));
    uint64_t end = 0;
    for (PcTable t(table_.pctab, offset, quantum_); t.next() && end <= length_;) {
      if (t.end() == t.begin() || !spend(1)) {
        return wrong("func.pc-table",
                     concat("the table at ", offset, " has a step of no code, or tables are shared too often"));
      }
      end = t.end();
      if (most != nullptr) *most = std::max(*most, t.value());
      if (files && t.value() >= 0 && table_.file(f, t.value()) == "?")
        wrong("func.file", concat("file ", t.value(), " is not in the unit's list"));
    }
    if (end == 0 || end > length_)
      return wrong("func.pc-table", concat("the table at ", offset, " covers ", end, " of ", length_, " bytes"));
    if (ends_ != 0 && end != ends_)
      wrong("func.pc-table", concat("the table at ", offset, " ends at ", end, ", another one at ", ends_));
    ends_ = end;
  }

  template <class Wrong>
  void check_funcdata(const FuncRecord& f, int32_t most_inlined, Wrong&& wrong) {
    constexpr uint32_t kNone = ~0u, kInlTree = 3, kNodeSize = 16;
    for (uint32_t k = 0; k < f.nfuncdata(); k++) {
      uint32_t offset = f.word(11 + f.npcdata() + k);
      if (offset == kNone) continue;
      base::Bytes data = view_.at(word(kGofunc) + offset);
      if (data.empty()) {
        wrong("func.funcdata", concat("funcdata ", k, " at ", offset, " is nowhere"));
        continue;
      }
      if (k != kInlTree || most_inlined < 0) continue;
      uint64_t nodes = static_cast<uint64_t>(most_inlined) + 1;
      if (nodes > data.size() / kNodeSize) {
        wrong("func.inline", concat("inlined call ", most_inlined, " is outside"));
        continue;
      }
      if (!spend(nodes)) return wrong("func.inline", "trees are shared too often");
      for (uint64_t n = 0; n < nodes; n++) {
        const uint8_t* p = &data[n * kNodeSize];
        if (name_at(base::load32(p + 4)).empty()) wrong("func.inline", concat("inlined call ", n, " has no name"));
        if (base::load32(p + 8) >= length_)
          wrong("func.inline", concat("inlined call ", n, ": pc ", base::load32(p + 8), " of ", length_));
      }
    }
    bool has_tree = f.nfuncdata() > kInlTree && f.word(11 + f.npcdata() + kInlTree) != kNone;
    if (most_inlined >= 0 && !has_tree) wrong("func.inline", "inlined calls without a tree");
  }

  // ---- What leads to functions ----

  // For each function's first and last byte, what the runtime would find.
  void check_findfunc() {
    constexpr uint64_t kBucket = 4096, kSub = 256, kBucketSize = 20;
    uint64_t base_off = word(kMinPc) - word(kText);
    for (uint64_t i = 0; i < table_.count; i++) {
      for (uint64_t pc : {uint64_t{table_.entry_off(i)}, uint64_t{table_.entry_off(i + 1)} - 1}) {
        if (pc < base_off) continue;
        // The last bucket has no more bytes than it needs.
        uint64_t x = pc - base_off, bucket = x / kBucket, sub = 4 + x % kBucket / kSub;
        base::Bytes b = base::subrange(table_.findfunc, bucket * kBucketSize, sub + 1);
        uint64_t found = b.empty() ? ~uint64_t{0} : base::load32(b.data()) + uint64_t{b[sub]};
        if (found > i) {
          add("findfunctab.bucket", ".gopclntab", table_.findfunc_at + bucket * kBucketSize,
              concat("pc ", pc, " leads to function ", static_cast<int64_t>(found), ", behind ", i));
          continue;
        }
        // No more functions than bytes begin in a part of a bucket.
        for (uint64_t k = 0; k < kSub && found < table_.count && table_.entry_off(found + 1) <= pc; k++) found++;
        if (found != i)
          add("findfunctab.bucket", ".gopclntab", table_.findfunc_at + bucket * kBucketSize, want_have(i, found));
      }
    }
  }

  void check_typelinks() {
    base::Bytes links = view_.at(word(kTypelinks));
    uint64_t n = word(kTypelinks + 1), types = word(kEtypes) - word(kTypes);
    if (n > links.size() / 4)
      return add("typelinks.count", ".go.module", (kTypelinks + 1) * 8,
                 concat(n, " typelinks in ", links.size(), " bytes"));
    for (uint64_t k = 0; k < n; k++) {
      uint32_t offset = base::load32(&links[k * 4]);
      if (offset >= types)
        add("typelinks.offset", ".typelink", k * 4, concat("offset ", offset, " in ", types, " bytes of types"));
    }
  }
  void check_itabs() {
    base::Bytes links = view_.at(word(kItablinks));
    uint64_t n = word(kItablinks + 1);
    if (n > links.size() / 8)
      return add("itabs.count", ".go.module", (kItablinks + 1) * 8, concat(n, " itabs in ", links.size(), " bytes"));
    for (uint64_t k = 0; k < n; k++) {
      uint64_t address = base::load64(&links[k * 8]);
      base::Bytes itab = view_.at(address, 32);
      if (itab.empty()) {
        add("itabs.address", ".itablink", k * 8, concat("address ", address, " is nowhere"));
        continue;
      }
      for (size_t at : {size_t{0}, size_t{8}}) {
        uint64_t type = base::load64(&itab[at]);
        if (type < word(kTypes) || type >= word(kEtypes))
          add("itabs.type", ".itablink", k * 8, concat("address ", type, " is none of a type"));
      }
    }
  }

  // Tables may be shared by many functions, so what a damaged image asks for is bounded by its size: no sound one comes
  // near it. False if it is used up.
  bool spend(uint64_t steps) {
    spent_ += steps;
    return spent_ <= kStepsOfByte * view_.image().size();
  }
  // As far as it is looked at.
  std::string_view name_at(uint64_t offset) const {
    uint64_t left = offset < table_.names.size() ? table_.names.size() - offset : 0;
    return ImageView::string_at(base::subrange(table_.names, offset, std::min(left, kLongestName)), 0);
  }

  static constexpr uint64_t kStepsOfByte = 4, kLongestName = 1 << 12;

  const ImageView& view_;
  ModuleData module_;
  Pclntab table_;
  Findings* findings_;
  uint64_t spent_ = 0;
  uint8_t quantum_ = 1;
  uint64_t length_ = 0, ends_ = 0;  // of the function at hand: to the next one; to where its tables end
};

}  // namespace

void verify_go_tables(const ImageView& view, Findings* findings) { TableVerifier(view, findings).run(); }

}  // namespace dovetail::inspect
