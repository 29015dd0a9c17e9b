// What the Go compiler wrote for debuggers, written again by compiler-emit: entries of functions with their
// variables, blocks and inlined calls, lists of ranges and locations, abstract entries. Each is taken apart
// into what a compiler would hand over; the ranges of inlined calls are computed from the table of pcs
// instead. Reads lines "IMPORT-PATH ARCHIVE" from standard input; says what differs, and how much there was.
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <map>
#include <string>

#include "base/text.h"
#include "compiler-emit/debug_info.h"
#include "compiler-emit/debug_lists.h"
#include "tests/scripts/emit_archives.h"

namespace {

using namespace dovetail;
using emit::DebugEntry;
using emit::SymbolId;
using objfmt::AuxKind;
using objfmt::RefSpace;
using objfmt::RelocKind;
using objfmt::SymRef;
using objfmt::goobj::View;

struct Totals {
  size_t functions = 0, variables = 0, blocks = 0, inlined = 0, lists = 0, abstract = 0, generic = 0,
         no_table = 0, different = 0;
} totals;

// Handles for an object's symbols: by name where there is one that all objects know.
class Symbols {
 public:
  explicit Symbols(const View& v) : v_(v) {}
  SymbolId named(std::string_view name) { return intern({std::string(name), SymRef{}}); }
  SymbolId of(SymRef ref) {
    uint32_t named_from = v_.pkgdef_count() + v_.hashed64_count() + v_.hashed_count();
    if (v_.space(ref) == RefSpace::kNamed) return named(v_.name(named_from + ref.sym));
    return intern({"", ref});
  }
  std::string name_of(SymbolId id) const { return names_[base::index(id)]; }

 private:
  SymbolId intern(const std::pair<std::string, SymRef>& key) {
    auto [it, added] =
        ids_.try_emplace({key.first, {key.second.pkg, key.second.sym}}, static_cast<SymbolId>(names_.size()));
    if (added) names_.push_back(key.first);
    return it->second;
  }
  const View& v_;
  std::map<std::pair<std::string, std::pair<uint32_t, uint32_t>>, SymbolId> ids_;
  std::vector<std::string> names_;
};

// A symbol's bytes, read from the front, with the relocations that are met.
class Reader {
 public:
  Reader(const View& v, uint32_t symbol, Symbols& symbols, size_t at = 0) : at_(at) {
    bytes_ = v.data(symbol);
    for (objfmt::Reloc r : v.relocs(symbol)) {
      if (r.size != 0)
        relocs_[static_cast<size_t>(r.offset)] = {static_cast<uint32_t>(r.offset), r.size, r.kind,
                                                  symbols.of(r.target), r.addend};
    }
  }
  bool ok() const { return at_ <= bytes_.size() && !failed_; }
  uint8_t byte() { return at_ < bytes_.size() ? bytes_[at_++] : fail(); }
  uint32_t word() {
    uint32_t v = 0;
    for (unsigned i = 0; i < 4; i++) v |= uint32_t{byte()} << 8 * i;
    return v;
  }
  uint64_t number() {
    uint64_t v = 0;
    for (unsigned shift = 0; ok(); shift += 7) {
      uint8_t b = byte();
      v |= uint64_t{b & 0x7fu} << shift;
      if (b < 0x80) break;
    }
    return v;
  }
  std::string text() {
    std::string out;
    while (uint8_t b = byte()) out.push_back(static_cast<char>(b));
    return out;
  }
  std::vector<uint8_t> block(size_t size) {
    std::vector<uint8_t> out;
    for (size_t i = 0; i < size && ok(); i++) out.push_back(byte());
    return out;
  }
  emit::Relocation reloc() {
    auto it = relocs_.find(at_);
    if (it == relocs_.end()) return fail(), emit::Relocation{};
    at_ += it->second.size;
    return it->second;
  }

 private:
  uint8_t fail() { return failed_ = true, uint8_t{0}; }
  base::Bytes bytes_;
  std::map<size_t, emit::Relocation> relocs_;
  size_t at_;
  bool failed_ = false;
};

class FunctionDecoder {
 public:
  FunctionDecoder(const View& v, Symbols& symbols, uint32_t function)
      : v_(v), symbols_(symbols), function_(function) {
    for (objfmt::Aux a : v.auxs(function)) {
      uint32_t i = index_of(a.target);
      if (a.kind == AuxKind::kDwarfInfo) info_ = i;
      if (a.kind == AuxKind::kDwarfRanges) ranges_ = i, ranges_id_ = symbols.of(a.target);
      if (a.kind == AuxKind::kDwarfLoc) locations_ = i, locations_id_ = symbols.of(a.target);
      if (a.kind == AuxKind::kPcinline) inline_index(i);
      if (a.kind == AuxKind::kFuncInfo) inline_tree(i);
    }
    f_.code.resize(v.size(function));
  }

  // Empty if the entry is what compiler-emit would write; else what is wrong.
  std::string check() {
    if (info_ == kNone) return "";
    calls_left_ = emit::inlined_ranges(f_);
    Reader in(v_, info_, symbols_);
    uint64_t abbreviation = in.number();
    bool concrete = abbreviation == 6 || abbreviation == 7;
    f_.wrapper = abbreviation == 4 || abbreviation == 7;
    std::string name;
    if (concrete)
      abstracts_[self()].symbol = in.reloc().target;
    else
      name = in.text();
    uint8_t index_size = in.reloc().size;
    in.number();
    in.block(in.byte());
    bool external = true;
    f_.lines.resize(1);
    if (f_.wrapper) {
      in.byte();
    } else if (!concrete) {
      f_.lines[0].file = in.word() - 1;
      f_.start_line = static_cast<uint32_t>(in.number());
      external = in.byte() != 0;
    }
    children(in, -1, -1);
    if (generic_) return totals.generic++, "";
    if (mistake_.empty() && no_table_) return totals.no_table++, "";
    if (!in.ok() || !mistake_.empty()) return mistake_.empty() ? "its end" : mistake_;
    totals.functions++;
    static constexpr uint32_t kFunctions[] = {0, 1, 100, 10000, 2000000};
    auto named = [&](std::string_view n) { return symbols_.named(n); };
    auto abstract_of = [&](SymbolId s) -> const emit::AbstractEntry* {
      auto it = abstracts_.find(s);
      return it == abstracts_.end() ? nullptr : &it->second;
    };
    emit::FunctionDebug again =
        emit::function_entry({true, kFunctions[index_size], named, abstract_of}, name, self(), f_, external);
    if (!same(again.info, info_)) return "the entry";
    if (!same(again.ranges, ranges_)) return "the ranges";
    return same(again.locations, locations_) ? "" : "the locations";
  }

  static bool same(const View& v, Symbols& symbols, const DebugEntry& e, uint32_t symbol, SymbolId unset_a,
                   SymbolId unset_b) {
    if (symbol == kNone) return e.bytes.empty();
    base::Bytes bytes = v.data(symbol);
    if (!std::equal(bytes.begin(), bytes.end(), e.bytes.begin(), e.bytes.end())) return false;
    std::vector<emit::Relocation> a, b;
    for (const emit::Relocation& r : e.relocs) {
      if (r.size != 0) a.push_back(r);
    }
    for (objfmt::Reloc r : v.relocs(symbol)) {
      if (r.size == 0) continue;
      SymbolId target = symbols.of(r.target);
      if (target == unset_a || target == unset_b) target = SymbolId::kNone;
      b.push_back({static_cast<uint32_t>(r.offset), r.size, r.kind, target, r.addend, r.weak});
    }
    auto equal = [](const emit::Relocation& x, const emit::Relocation& y) {
      return x.offset == y.offset && x.size == y.size && x.kind == y.kind && x.target == y.target &&
             x.addend == y.addend;
    };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), equal);
  }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;

  bool same(const DebugEntry& e, uint32_t symbol) const {
    return same(v_, symbols_, e, symbol, ranges_id_, locations_id_);
  }
  uint32_t index_of(SymRef ref) const {
    uint32_t hashed64 = v_.pkgdef_count(), hashed = hashed64 + v_.hashed64_count();
    if (v_.space(ref) == RefSpace::kHashed64) return hashed64 + ref.sym;
    if (v_.space(ref) == RefSpace::kHashed) return hashed + ref.sym;
    return v_.space(ref) == RefSpace::kNamed ? hashed + v_.hashed_count() + ref.sym : ref.sym;
  }
  SymbolId self() {
    return function_ < v_.pkgdef_count() ? symbols_.of({objfmt::goobj::kPkgSelf, function_})
                                         : symbols_.named(v_.name(function_));
  }
  void inline_index(uint32_t table) {
    Reader in(v_, table, symbols_);
    int32_t value = -1;
    for (uint32_t pc = 0; in.ok();) {
      uint64_t delta = in.number();
      if (delta == 0 && pc != 0) break;
      value += static_cast<int32_t>(delta >> 1 ^ (0 - (delta & 1)));
      f_.inline_index.push_back({pc, value});
      pc += static_cast<uint32_t>(in.number());
    }
  }
  void inline_tree(uint32_t info) {
    objfmt::FuncInfo tree(v_.data(info));
    for (uint32_t i = 0; tree.valid() && i < tree.inline_count(); i++) {
      objfmt::InlineNode n = tree.inline_node(i);
      f_.inlined.push_back({n.parent, n.file, n.line, symbols_.of(n.func), n.parent_pc});
    }
  }

  void children(Reader& in, int32_t call, int32_t block) {
    while (in.ok() && mistake_.empty() && !generic_ && !stop_) {
      uint64_t abbreviation = in.number();
      if (abbreviation == 0) return;
      if (abbreviation == 9)
        inlined_call(in, call);
      else if (abbreviation == 12)
        lexical_block(in, block);
      else if (abbreviation == 32)
        generic_ = true;  // parameters of generic functions
      else if (abbreviation > 34 && abbreviation <= 46)
        variable(in, abbreviation - 33, call, block);
      else
        mistake_ = base::concat("abbreviation ", abbreviation);
    }
  }
  void inlined_call(Reader& in, int32_t parent) {
    totals.inlined++;
    emit::Relocation abstract = in.reloc();
    std::vector<emit::CodeRange> merged;
    for (emit::CodeRange r : ranges(in)) {
      bool adjacent = !merged.empty() && merged.back().end == r.begin;
      no_table_ = no_table_ || adjacent;
      if (adjacent)
        merged.back().end = r.end;
      else
        merged.push_back(r);
    }
    in.word();
    auto line = static_cast<int32_t>(in.number());
    // The next one that has code.
    size_t i = 0;
    while (i < f_.inlined.size() && (f_.inlined[i].parent != parent || calls_left_[i].empty())) i++;
    if (i == f_.inlined.size() || f_.inlined[i].line != line) return void(no_table_ = stop_ = true);
    auto same_range = [](emit::CodeRange a, emit::CodeRange b) {
      return a.begin == b.begin && a.end == b.end;
    };
    if (!std::equal(merged.begin(), merged.end(), calls_left_[i].begin(), calls_left_[i].end(), same_range))
      mistake_ = "the code of an inlined call";
    calls_left_[i].clear();
    abstracts_[f_.inlined[i].function].symbol = abstract.target;
    children(in, static_cast<int32_t>(i), -1);
  }
  void lexical_block(Reader& in, int32_t parent) {
    totals.blocks++;
    emit::LexicalBlock b;
    b.parent = parent;
    b.ranges = ranges(in);
    f_.blocks.push_back(b);
    children(in, -1, static_cast<int32_t>(f_.blocks.size() - 1));
  }
  std::vector<emit::CodeRange> ranges(Reader& in) {
    std::vector<emit::CodeRange> out;
    Reader list(v_, ranges_, symbols_, static_cast<size_t>(in.reloc().addend));
    list.byte();
    list.reloc();
    while (list.byte() == 4 && list.ok()) {
      auto begin = static_cast<uint32_t>(list.number());
      out.push_back({begin, static_cast<uint32_t>(list.number())});
    }
    return out;
  }
  // `form`: the row of putvarabbrevgen.go.
  void variable(Reader& in, uint64_t form, int32_t call, int32_t block) {
    totals.variables++;
    emit::Variable v;
    bool parameter = form >= 8, list = form % 2 == 0;
    v.role = parameter ? emit::Variable::Role::kParameter : emit::Variable::Role::kLocal;
    v.inlined = call;
    v.block = block;
    if (form == 2 || form == 3 || form == 8 || form == 9) {
      emit::AbstractEntry& abstract =
          abstracts_[call < 0 ? self() : f_.inlined[static_cast<size_t>(call)].function];
      v.origin = static_cast<int32_t>(abstract.variables.size());
      abstract.variables.push_back(static_cast<uint32_t>(in.reloc().addend));
    } else {
      v.name = in.text();
      if (parameter && in.byte() != 0) v.role = emit::Variable::Role::kResult;
      v.line = static_cast<uint32_t>(in.number());
      v.type = type(in);
      if (form == 4 || form == 5 || form == 10 || form == 11)
        v.closure_offset = static_cast<uint32_t>(in.number());
    }
    if (list)
      locations(in, &v);
    else
      location(in, &v);
    f_.variables.push_back(std::move(v));
  }
  std::string type(Reader& in) {
    std::string name = symbols_.name_of(in.reloc().target);
    if (!name.starts_with("go:info.")) return mistake_ = "a type", "";
    return name.substr(8);
  }
  void locations(Reader& in, emit::Variable* v) {
    totals.lists++;
    Reader list(v_, locations_, symbols_, static_cast<size_t>(in.reloc().addend));
    list.byte();
    list.reloc();
    while (list.byte() == 4 && list.ok()) {
      emit::Location l;
      l.range.begin = static_cast<uint32_t>(list.number());
      l.range.end = static_cast<uint32_t>(list.number());
      l.expression = list.block(list.number());
      v->locations.push_back(std::move(l));
    }
    if (v->locations.empty()) mistake_ = "an empty list";
  }
  void location(Reader& in, emit::Variable* v) {
    std::vector<uint8_t> expression = in.block(in.byte());
    v->nowhere = expression.empty();
    if (expression.size() < 2) return;
    int64_t offset = 0;
    unsigned shift = 0;
    for (size_t i = 1; i < expression.size(); i++, shift += 7)
      offset |= int64_t{expression[i] & 0x7f} << shift;
    if ((expression.back() & 0x40) != 0) offset -= int64_t{1} << shift;
    v->frame_offset = static_cast<int32_t>(offset);
  }

  const View& v_;
  Symbols& symbols_;
  uint32_t function_;
  uint32_t info_ = kNone, ranges_ = kNone, locations_ = kNone;
  SymbolId ranges_id_ = SymbolId::kNone, locations_id_ = SymbolId::kNone;
  emit::Function f_;
  std::map<SymbolId, emit::AbstractEntry> abstracts_;
  std::vector<std::vector<emit::CodeRange>> calls_left_;
  bool generic_ = false;
  // Instructions of no size, which tables of pcs do not have, part ranges of the Go compiler's and order its
  // calls.
  bool no_table_ = false, stop_ = false;
  std::string mistake_;
};

bool check_abstract(const View& v, Symbols& symbols, uint32_t symbol) {
  Reader in(v, symbol, symbols);
  emit::AbstractFunction f;
  in.number();
  std::string name = in.text();
  in.byte();
  f.start_line = static_cast<uint32_t>(in.number());
  bool external = in.byte() != 0;
  while (uint64_t abbreviation = in.number()) {
    emit::Variable x;
    bool parameter = abbreviation == 34;
    x.name = in.text();
    x.role = parameter ? emit::Variable::Role::kParameter : emit::Variable::Role::kLocal;
    if (!parameter)
      x.line = static_cast<uint32_t>(in.number());
    else if (in.byte() != 0)
      x.role = emit::Variable::Role::kResult;
    std::string type = symbols.name_of(in.reloc().target);
    x.type = type.size() > 8 ? type.substr(8) : "";
    f.variables.push_back(std::move(x));
  }
  auto named = [&](std::string_view n) { return symbols.named(n); };
  auto none = [](SymbolId) -> const emit::AbstractEntry* { return nullptr; };
  std::vector<uint32_t> offsets;
  DebugEntry again = emit::abstract_entry({true, 1, named, none}, name, f, external, &offsets);
  totals.abstract++;
  return in.ok() && FunctionDecoder::same(v, symbols, again, symbol, SymbolId::kNone, SymbolId::kNone);
}

void check_object(std::string_view package, const View& v) {
  Symbols symbols(v);
  uint32_t definitions = v.pkgdef_count() + v.hashed64_count() + v.hashed_count() + v.nameddef_count();
  for (uint32_t i = 0; i < definitions; i++) {
    std::string wrong;
    if (objfmt::is_text(v.kind(i))) wrong = FunctionDecoder(v, symbols, i).check();
    if (v.kind(i) == objfmt::SymKind::kDwarfAbstractFunc && !check_abstract(v, symbols, i))
      wrong = "the abstract entry";
    if (!wrong.empty() && ++totals.different < 20)
      std::cerr << package << ": " << wrong << " of " << v.name(i) << " differs\n";
  }
}

}  // namespace

int main() {
  if (!for_archives(check_object)) return 2;
  std::printf(
      "%zu functions, %zu variables, %zu blocks, %zu inlined calls, %zu lists of locations, %zu abstract "
      "entries, "
      "%zu generic functions and %zu with instructions of no size passed over; %zu differ\n",
      totals.functions, totals.variables, totals.blocks, totals.inlined, totals.lists, totals.abstract,
      totals.generic, totals.no_table, totals.different);
  return totals.different != 0;
}
