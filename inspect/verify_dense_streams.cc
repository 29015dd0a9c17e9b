// What definitions of a dense object refer to: index tables, edges, relocations, auxiliary symbols, externals.
#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "base/text.h"
#include "inspect/verify_dense.h"

namespace dovetail::inspect {
namespace {

using base::concat;
using namespace objfmt::dense;

// The blocks of one set of streams.
struct StreamBlocks {
  Block members, edge_index, reloc_index, edges, relocs;
};
constexpr StreamBlocks kStreams[] = {
    {Block::kRelocated, Block::kEdgeIndex, Block::kRelocIndex, Block::kEdges, Block::kRelocs},
    {Block::kDebugRelocated, Block::kDebugEdgeIndex, Block::kDebugRelocIndex, Block::kDebugEdges, Block::kDebugRelocs}};

// Numbers of one stream, each in its shortest form.
class Reader {
 public:
  explicit Reader(base::Bytes bytes) : begin_(bytes.data()), p_(begin_), end_(begin_ + bytes.size()) {}
  bool at_end() const { return p_ == end_; }
  uint64_t offset() const { return static_cast<uint64_t>(p_ - begin_); }
  bool truncated() const { return truncated_; }
  bool overlong() const { return overlong_; }
  uint8_t byte() {
    truncated_ |= p_ == end_;
    return p_ == end_ ? 0 : *p_++;
  }
  uint64_t uleb() {
    const uint8_t* from = p_;
    uint64_t v = base::read_uleb(p_, end_);
    note(from, base::uleb_size(v));
    return v;
  }
  int64_t sleb() {
    const uint8_t* from = p_;
    int64_t v = base::read_sleb(p_, end_);
    uint8_t buffer[10];
    note(from, static_cast<size_t>(base::write_sleb(buffer, v) - buffer));
    return v;
  }

 private:
  void note(const uint8_t* from, size_t shortest) {
    bool whole = p_ != from && p_[-1] < 0x80;
    truncated_ |= !whole;
    overlong_ |= whole && static_cast<size_t>(p_ - from) != shortest;
  }
  const uint8_t *begin_, *p_, *end_;
  bool truncated_ = false, overlong_ = false;
};

class StreamVerifier {
 public:
  StreamVerifier(const View& view, Findings* findings)
      : v_(view), findings_(findings), external_used_(view.count(kExternals)) {}

  void run() {
    check_externals();
    check_ref_flags();
    if (!check_reloc_classes()) return;
    for (const StreamBlocks& s : kStreams) check_streams(s);
    if (check_index(Block::kAssociated, Block::kAuxIndex, Block::kAux)) check_auxs();
    check_used();
  }

 private:
  void add(std::string_view rule, Block b, uint64_t offset, uint32_t symbol, std::string text) {
    findings_->add(rule, {.block = block_name(b), .offset = offset, .symbol = symbol}, std::move(text));
  }
  base::Bytes block(Block b) const { return v_.block(b); }

  // ---- What is not a definition's ----

  void check_externals() {
    absl::flat_hash_set<uint64_t> known;
    for (uint32_t k = 0; k < v_.count(kExternals); k++) {
      objfmt::SymRef ref = v_.external(k);
      uint64_t at = block(Block::kExternals).size() / v_.count(kExternals) * k;
      bool builtin = ref.pkg == objfmt::goobj::kPkgBuiltin;
      if (!builtin && (ref.pkg == 0 || ref.pkg >= v_.package_count())) {
        add("externals.package", Block::kExternals, at, kNoSymbol,
            concat("package ", ref.pkg, " of ", v_.package_count()));
      }
      if (!known.insert(uint64_t{ref.pkg} << 32 | ref.sym).second) {
        add("externals.distinct", Block::kExternals, at, kNoSymbol, concat("external ", k, " is there twice"));
      }
      if (k < v_.count(kNamedExternals)) external_used_[k] = true;
    }
  }
  void check_ref_flags() {
    base::Bytes all = block(Block::kRefFlags);
    for (size_t at = 0; at < all.size(); at += kRefFlagsRecord) {
      uint32_t k = base::load32(&all[at]);
      if (k >= external_used_.size()) {
        add("ref-flags.external", Block::kRefFlags, at, kNoSymbol,
            concat("external ", k, " of ", external_used_.size()));
      } else {
        external_used_[k] = true;
      }
      if (uint16_t zero = base::load16(&all[at + 6]); zero != 0)
        add("ref-flags.zero", Block::kRefFlags, at + 6, kNoSymbol, want_have(0, zero));
    }
  }
  bool check_reloc_classes() {
    uint64_t before = findings_->count();
    base::Bytes all = block(Block::kRelocClasses);
    absl::flat_hash_set<uint32_t> known;
    for (size_t at = 0; at < all.size(); at += kRelocClassSize) {
      uint32_t kind = base::load16(&all[at]) & ~uint32_t{objfmt::kWeakRelocBit};
      if (kind == 0 || kind >= static_cast<uint32_t>(objfmt::RelocKind::kCount)) {
        add("reloc-classes.kind", Block::kRelocClasses, at, kNoSymbol, concat("kind ", kind));
      }
      uint8_t place =
          static_cast<objfmt::RelocKind>(kind) == objfmt::RelocKind::kUseIfaceMethod ? kAddendInEdge : kAddendInReloc;
      if (all[at + 3] != 0 && all[at + 3] != place) {
        add("reloc-classes.addend", Block::kRelocClasses, at + 3, kNoSymbol,
            concat("want 0 or ", place, ", have ", all[at + 3]));
      }
      if (!known.insert(base::load32(&all[at])).second)
        add("reloc-classes.distinct", Block::kRelocClasses, at, kNoSymbol, "is there twice");
    }
    reloc_class_used_.resize(all.size() / kRelocClassSize);
    return findings_->count() == before;
  }
  void check_used() {
    for (size_t k = 0; k < external_used_.size(); k++) {
      if (!external_used_[k])
        add("externals.used", Block::kExternals, kNowhere, kNoSymbol, concat("nothing leads to external ", k));
    }
    for (size_t c = 0; c < reloc_class_used_.size(); c++) {
      if (!reloc_class_used_[c])
        add("reloc-classes.used", Block::kRelocClasses, c * kRelocClassSize, kNoSymbol, "no edge has this class");
    }
  }

  // ---- Index tables ----

  uint64_t members(Block bits) const {
    uint64_t n = 0;
    for (size_t at = 0; at < block(bits).size(); at += kRankRecord)
      n += static_cast<uint64_t>(std::popcount(base::load64(&block(bits)[at])));
    return n;
  }
  bool check_index(Block bits, Block index, Block streams) {
    uint64_t before = findings_->count(), want = v_.def_count() == 0 ? 0 : members(bits) + 1,
             have = block(index).size() / 4;
    if (want != have) add("index.count", index, kNowhere, kNoSymbol, want_have(want, have));
    uint32_t last = 0;
    for (size_t k = 0; k < have; k++) {
      uint32_t at = base::load32(&block(index)[k * 4]);
      if (k == 0 && at != 0) add("index.first", index, 0, kNoSymbol, want_have(0, at));
      if (at < last) add("index.ascending", index, k * 4, kNoSymbol, concat(at, " behind ", last));
      last = at;
    }
    if (last != block(streams).size())
      add("index.end", index, have * 4 - 4, kNoSymbol, want_have(block(streams).size(), last));
    return findings_->count() == before;
  }
  bool is_member(Block bits, uint32_t i) const {
    return base::load64(&block(bits)[size_t{i} / 64 * kRankRecord]) >> i % 64 & 1;
  }
  // The k-th stream, and where it begins.
  base::Bytes stream(Block index, Block streams, uint64_t k, uint64_t* begin) const {
    *begin = base::load32(&block(index)[k * 4]);
    return block(streams).subspan(*begin, base::load32(&block(index)[k * 4 + 4]) - *begin);
  }

  // Whether a reference leads somewhere. `to` becomes the symbol of this object, if it is one.
  bool check_target(uint64_t code, uint32_t from, uint32_t* to, std::string* why) {
    *to = kNoSymbol;
    if (code == kNilTarget) return true;
    if (code & 1) {
      uint64_t k = (code - 3) / 2;
      if (k < external_used_.size()) return external_used_[k] = true;
      *why = concat("external ", k, " of ", external_used_.size());
      return false;
    }
    __int128 symbol = __int128{from} + base::unzigzag(code >> 1);
    if (symbol >= 0 && symbol < v_.symbol_count()) return *to = static_cast<uint32_t>(symbol), true;
    *why = concat("symbol ", from, " and ", base::unzigzag(code >> 1), " more, of ", v_.symbol_count());
    return false;
  }

  // ---- Edges and relocations ----

  void check_streams(const StreamBlocks& s) {
    bool edges = check_index(s.members, s.edge_index, s.edges),
         relocs = check_index(s.members, s.reloc_index, s.relocs);
    if (!edges || !relocs) return;
    bool debug = s.members == Block::kDebugRelocated;
    uint64_t k = 0;
    for (uint32_t i = 0; i < v_.def_count(); i++) {
      if (!is_member(s.members, i)) continue;
      if ((v_.family(i) == Family::kDebug) != debug) {
        add("relocated.family", s.members, uint64_t{i} / 64 * kRankRecord, i,
            concat("is of family ", static_cast<uint32_t>(v_.family(i))));
      }
      if (check_edges(s, i, k)) check_relocs(s, i, k);
      k++;
    }
  }
  struct Edge {
    uint32_t reloc_class;
    bool used = false;
  };
  bool check_edges(const StreamBlocks& s, uint32_t i, uint64_t k) {
    uint64_t before = findings_->count(), begin = 0;
    Reader r(stream(s.edge_index, s.edges, k, &begin));
    edges_.clear();
    known_edges_.clear();
    while (!r.at_end()) {
      uint64_t at = begin + r.offset(), c = r.uleb(), code = r.uleb();
      uint32_t to = 0;
      std::string why;
      if (r.truncated()) return add("edges.end", s.edges, at, i, "the stream ends within an edge"), false;
      if (c >= reloc_class_used_.size())
        return add("edges.class", s.edges, at, i, concat("class ", c, " of ", reloc_class_used_.size())), false;
      if (!check_target(code, i, &to, &why)) add("edges.target", s.edges, at, i, why);
      bool has_addend = block(Block::kRelocClasses)[c * kRelocClassSize + 3] == kAddendInEdge;
      int64_t addend = has_addend ? r.sleb() : 0;
      if (r.truncated()) return add("edges.end", s.edges, at, i, "the stream ends within an addend"), false;
      if (has_addend && addend == 0)
        add("edges.addend", s.edges, at, i, "an addend of 0 is there, which the class leaves out");
      if (!known_edges_.insert({c, code, addend}).second)
        add("edges.distinct", s.edges, at, i, "the same target and class twice");
      reloc_class_used_[c] = true;
      edges_.push_back({static_cast<uint32_t>(c)});
    }
    if (edges_.empty()) add("edges.none", s.edges, begin, i, "is a member and refers to nothing");
    if (r.overlong()) add("varint.shortest", s.edges, begin, i, "a number is longer than it has to be");
    return findings_->count() == before;
  }
  void check_relocs(const StreamBlocks& s, uint32_t i, uint64_t k) {
    uint64_t begin = 0, next_edge = 0;
    Reader r(stream(s.reloc_index, s.relocs, k, &begin));
    int64_t end = 0;
    while (!r.at_end()) {
      uint64_t at = begin + r.offset();
      uint8_t head = r.byte();
      uint32_t gap = head >> kSlotBits, code = head & ((1u << kSlotBits) - 1);
      uint64_t far = gap >= kGapAbove ? r.uleb() : 0;
      uint64_t slot = code == kSlotNext ? next_edge++ : code == kSlotFollows ? r.uleb() : next_edge - code;
      if (!r.truncated() && slot >= std::min<uint64_t>(next_edge, edges_.size())) {
        return add("relocs.edge", s.relocs, at, i, concat("edge ", static_cast<int64_t>(slot), " of ", edges_.size()));
      }
      if (code == kSlotFollows && next_edge - slot < kSlotFollows)
        add("relocs.shortest", s.relocs, at, i, "the edge's number would fit into three bits");
      if (far > UINT32_MAX) return add("relocs.offset", s.relocs, at, i, concat("a gap of ", far));
      if (gap == kGapBelow && far == 0) add("relocs.shortest", s.relocs, at, i, "a gap of 0 would fit into five bits");
      end += gap == kGapBelow ? -static_cast<int64_t>(far) : gap + static_cast<int64_t>(far);
      if (r.truncated()) return add("relocs.end", s.relocs, at, i, "the stream ends within a relocation");
      const uint8_t* c = &block(Block::kRelocClasses)[size_t{edges_[slot].reloc_class} * kRelocClassSize];
      int64_t addend = c[3] == kAddendInReloc ? r.sleb() : 1;
      if (r.truncated()) return add("relocs.end", s.relocs, at, i, "the stream ends within an addend");
      if (addend == 0) add("relocs.addend", s.relocs, at, i, "an addend of 0 is there, which the class leaves out");
      if (end != static_cast<int32_t>(end)) return add("relocs.offset", s.relocs, at, i, concat("offset ", end));
      edges_[slot].used = true;
      end += c[2];
    }
    if (r.overlong()) add("varint.shortest", s.relocs, begin, i, "a number is longer than it has to be");
    for (size_t e = 0; e < edges_.size(); e++) {
      if (!edges_[e].used) add("edges.used", s.edges, kNowhere, i, concat("no relocation has edge ", e));
    }
  }

  // ---- Auxiliary symbols ----

  // Where lists of kinds begin, and the end of each.
  absl::flat_hash_map<uint64_t, uint64_t> read_shapes() {
    absl::flat_hash_map<uint64_t, uint64_t> shapes;
    absl::flat_hash_set<std::string_view, base::TextHash> known;
    base::Bytes all = block(Block::kAuxShapes);
    Reader r(all);
    while (!r.at_end()) {
      uint64_t at = r.offset(), n = r.uleb(), first = r.offset();
      if (r.truncated() || n > all.size() - first) {
        add("aux-shapes.bounds", Block::kAuxShapes, at, kNoSymbol, concat(n, " kinds of ", all.size() - first));
        return shapes;
      }
      for (uint64_t k = 0; k < n; k++) {
        if (r.byte() > static_cast<uint8_t>(objfmt::AuxKind::kSehUnwindInfo))
          add("aux-shapes.kind", Block::kAuxShapes, first + k, kNoSymbol, concat("kind ", all[first + k]));
      }
      if (!known.insert(base::as_text(all.subspan(first, n))).second)
        add("aux-shapes.distinct", Block::kAuxShapes, at, kNoSymbol, "the same list twice");
      shapes[at] = first + n;
    }
    return shapes;
  }
  void check_auxs() {
    absl::flat_hash_map<uint64_t, uint64_t> shapes = read_shapes();
    absl::flat_hash_set<uint64_t> used;
    uint64_t k = 0;
    for (uint32_t i = 0; i < v_.def_count(); i++) {
      if (!is_member(Block::kAssociated, i)) continue;
      uint64_t begin = 0;
      Reader r(stream(Block::kAuxIndex, Block::kAux, k++, &begin));
      uint64_t shape = r.uleb();
      auto found = shapes.find(shape);
      if (r.truncated() || found == shapes.end()) {
        add("aux.shape", Block::kAux, begin, i, concat("no list of kinds at ", shape));
        continue;
      }
      used.insert(shape);
      check_aux_stream(i, begin, shape, found->second, r);
    }
    if (used.size() != shapes.size())
      add("aux-shapes.used", Block::kAuxShapes, kNowhere, kNoSymbol,
          concat(shapes.size() - used.size(), " lists that nothing uses"));
  }
  void check_aux_stream(uint32_t i, uint64_t begin, uint64_t shape, uint64_t shape_end, Reader& r) {
    base::Bytes shapes = block(Block::kAuxShapes);
    const uint8_t *kinds = &shapes[shape], *end = shapes.data() + shape_end;
    uint64_t n = base::read_uleb(kinds, end);
    uint32_t last = i;
    if (n == 0) add("aux.none", Block::kAux, begin, i, "is a member and has none");
    for (uint64_t k = 0; k < n; k++) {
      uint64_t at = begin + r.offset(), code = r.uleb();
      uint32_t to = 0;
      std::string why;
      if (r.truncated()) return add("aux.end", Block::kAux, at, i, concat(k, " of ", n, " symbols"));
      if (!check_target(code, last, &to, &why)) return add("aux.target", Block::kAux, at, i, why);
      if (to != kNoSymbol) last = to;
    }
    if (!r.at_end())
      add("aux.end", Block::kAux, begin + r.offset(), i, concat("bytes behind the last of ", n, " symbols"));
    if (r.overlong()) add("varint.shortest", Block::kAux, begin, i, "a number is longer than it has to be");
  }

  const View& v_;
  Findings* findings_;
  std::vector<bool> external_used_, reloc_class_used_;
  std::vector<Edge> edges_;
  absl::flat_hash_set<std::tuple<uint64_t, uint64_t, int64_t>> known_edges_;
};

}  // namespace

void verify_dense_streams(const View& view, Findings* findings) { StreamVerifier(view, findings).run(); }

}  // namespace dovetail::inspect
