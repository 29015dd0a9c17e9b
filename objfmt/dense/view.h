// A view of a dense object: its directory is checked when it is opened, everything else when it is asked for;
// nothing is copied but blocks that are compressed, and those only if they are asked for.
#pragma once

#include <algorithm>
#include <bit>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/statusor.h"
#include "base/name_hash.h"
#include "objfmt/dense/asked.h"
#include "objfmt/dense/layout.h"
#include "objfmt/dense/names.h"
#include "objfmt/goobj/layout.h"
#include "objfmt/name_class.h"
#include "objfmt/object_view.h"

namespace dovetail::objfmt::dense {

// Whether the bytes behind an object's text header begin a dense object.
bool is_dense(base::Bytes object);

struct BlockEntry {
  uint16_t id = 0;
  Encoding encoding = Encoding::kPlain;
  bool required = false;
  uint32_t offset = 0, size = 0, raw_size = 0;
};

class View;

// What a stream refers to: nothing, a symbol of the object by its local index, or an external by its number.
struct Target {
  enum Kind : uint8_t { kNil, kLocal, kExternal };
  Kind kind = kNil;
  uint32_t number = 0;
};

// One relocation after another, in the compiler's order. A stream that is malformed ends early, and is not
// ok().
class RelocDecoder {
 public:
  RelocDecoder() = default;
  bool done() const { return done_; }
  bool ok() const { return ok_; }
  // REQUIRES: not done.
  const Reloc& current() const { return current_; }
  void advance();

 private:
  friend class View;
  struct Edge {
    SymRef target;
    const uint8_t* reloc_class;
    int64_t addend;
  };
  bool read_edge();
  bool read();

  const View* view_ = nullptr;
  const uint8_t *edge_ = nullptr, *edges_end_ = nullptr, *reloc_ = nullptr, *relocs_end_ = nullptr;
  uint32_t from_ = 0;
  int64_t at_ = 0;
  absl::InlinedVector<Edge, 16> edges_;  // so far
  Reloc current_{};
  bool done_ = true, ok_ = true;
};

// What a definition refers to: each target once for each way in which it is referred to. A stream that is malformed
// ends early, and is not ok().
class EdgeDecoder {
 public:
  bool done() const { return done_; }
  bool ok() const { return ok_; }
  uint16_t kind() const { return base::load16(reloc_class_); }  // of the relocations, with the weak bit
  Target target() const { return target_; }
  int64_t addend() const { return addend_; }  // of the relocations, if they have it in common
  void advance();

 private:
  friend class View;
  const View* view_ = nullptr;
  const uint8_t *p_ = nullptr, *end_ = nullptr, *reloc_class_ = nullptr;
  uint32_t from_ = 0;
  Target target_;
  int64_t addend_ = 0;
  bool done_ = true, ok_ = true;
};

class AuxDecoder {
 public:
  AuxDecoder() = default;
  bool done() const { return done_; }
  bool ok() const { return ok_; }
  Aux current() const;
  AuxKind kind() const { return kind_of_current_; }
  Target target() const { return target_; }
  void advance();

 private:
  friend class View;
  const View* view_ = nullptr;
  const uint8_t *p_ = nullptr, *end_ = nullptr, *kind_ = nullptr, *kinds_end_ = nullptr;
  uint32_t last_ = 0;
  AuxKind kind_of_current_{};
  Target target_;
  bool done_ = true, ok_ = true;
};

class View {
 public:
  View() = default;
  // `object` begins at the magic and may be longer than the object. The error names the block or field, its
  // offset from the magic, what was wanted and what was found.
  static absl::StatusOr<View> parse(base::Bytes object);

  uint64_t fingerprint() const { return base::load64(&object_[kFingerprintAt]); }
  uint32_t object_flags() const { return base::load32(&object_[kFlagsAt]); }
  uint32_t count(Count c) const { return counts_[c]; }
  uint32_t def_count() const { return defs_; }
  uint32_t symbol_count() const { return symbols_; }
  base::Bytes bytes() const { return object_; }

  // As it is in the file; in order of the blocks' numbers.
  std::vector<BlockEntry> directory() const;
  base::Bytes block(Block b) const { return blocks_[static_cast<size_t>(b)]; }
  // Makes the blocks that are compressed readable, in `storage`, which has to live as long as the view is
  // used. Until then they are empty.
  absl::Status decompress(std::vector<std::unique_ptr<uint8_t[]>>& storage);

  // Names: of referenced packages, direct imports, files; of symbols that have one (name_number); of
  // externals.
  absl::StatusOr<NameTable> paths() const;
  absl::StatusOr<NameTable> names() const;
  absl::StatusOr<NameTable> tool_names() const;
  uint32_t import_count() const { return static_cast<uint32_t>(block(Block::kImports).size() / 8); }
  uint64_t import_fingerprint(uint32_t i) const {
    return base::load64(&block(Block::kImports)[size_t{i} * 8]);
  }
  uint32_t package_count() const { return packages_; }
  uint32_t file_count() const { return files_; }

  // REQUIRES for all below: i is below the count of symbols (of definitions where only they have such a
  // thing).
  uint8_t kind(uint32_t i) const { return class_record(i)[0]; }  // as goobj's
  Family family(uint32_t i) const { return static_cast<Family>(class_record(i)[1] & 3); }
  uint16_t abi(uint32_t i) const { return base::load16(class_record(i) + 2); }
  uint16_t flags(uint32_t i) const { return base::load16(class_record(i) + 4); }
  NameClass name_class(uint32_t i) const { return static_cast<NameClass>(class_record(i)[7]); }
  uint32_t align(uint32_t i) const { return base::load32(class_record(i) + 8); }
  uint32_t size(uint32_t i) const {
    uint16_t size = base::load16(column(Block::kSizes, i, 2));
    return size == kSeeWide ? wide(i, WideField::kSize) : size;
  }
  uint32_t data_size(uint32_t i) const;
  // Nothing if it lies outside its block.
  base::Bytes data(uint32_t i) const;
  uint64_t hash64(uint32_t i) const {
    return base::load64(column(Block::kHash64, i - counts_[kPackageDefs], 8));
  }
  const uint8_t* hash(uint32_t i) const {
    return column(Block::kHash, i - counts_[kPackageDefs] - counts_[kHashed64Defs], 16);
  }

  bool has_name(uint32_t i) const { return member(Block::kNamed, i); }
  // How many symbols before i have a name.
  uint32_t name_number(uint32_t i) const { return rank(Block::kNamed, i); }
  uint32_t name_tag(uint32_t i) const {
    return base::load32(column(Block::kNameTags, i, 4));
  }  // of a package definition
  // Of a named definition or reference that has a name.
  base::NameHash name_hash(uint32_t i) const;

  // References as goobj numbers them (objfmt/goobj/layout.h): package, index.
  SymRef external(uint32_t k) const {
    uint64_t v = wide_externals_ ? base::load64(column(Block::kExternals, k, 8))
                                 : base::load32(column(Block::kExternals, k, 4));
    auto package = static_cast<uint32_t>(v >> external_bits_);
    auto index = static_cast<uint32_t>(v & ((uint64_t{1} << external_bits_) - 1));
    return {package == packages_ ? goobj::kPkgBuiltin : package, index};
  }
  SymRef local(uint32_t i) const {
    if (i < first_hashed_) {
      return i < counts_[kPackageDefs] ? SymRef{goobj::kPkgSelf, i}
                                       : SymRef{goobj::kPkgHashed64, i - counts_[kPackageDefs]};
    }
    return i < first_named_ ? SymRef{goobj::kPkgHashed, i - first_hashed_}
                            : SymRef{goobj::kPkgNone, i - first_named_};
  }
  SymRef ref(Target t) const {
    return t.kind == Target::kLocal ? local(t.number) : t.kind == Target::kExternal ? external(t.number) : SymRef();
  }
  struct RefFlags {
    uint32_t external;
    uint16_t flags;
  };
  uint32_t ref_flags_count() const {
    return static_cast<uint32_t>(block(Block::kRefFlags).size() / kRefFlagsRecord);
  }
  RefFlags ref_flags(uint32_t i) const;

  // What definition i refers to, and its auxiliary symbols; of a reference, nothing.
  RelocDecoder relocs(uint32_t i) const;
  // The same for loops that resolve targets: on_reloc(reloc, t) for each relocation (reloc.target is not set), where t is
  // what on_edge(Target, size) returned when the relocation's edge was first met. False if the streams are malformed.
  template <class OnEdge, class OnReloc>
  bool for_relocs(uint32_t i, OnEdge&& on_edge, OnReloc&& on_reloc) const;
  EdgeDecoder edges(uint32_t i) const;
  AuxDecoder auxs(uint32_t i) const;
  bool has_relocs(uint32_t i) const {
    return i < defs_ && member(family(i) == Family::kDebug ? Block::kDebugRelocated : Block::kRelocated, i);
  }
  bool has_auxs(uint32_t i) const { return i < defs_ && member(Block::kAssociated, i); }
  // Whether a symbol's class, bytes, relocations and auxiliary symbols are in order: for the first pass that
  // reads them.
  bool class_ok(uint32_t i) const { return class_number(i) < classes_; }
  bool data_ok(uint32_t i) const { return data(i).size() == data_size(i); }
  bool streams_ok(uint32_t i) const;

 protected:
  const uint8_t* class_record(uint32_t i) const {
    static constexpr uint8_t kNone[kClassSize] = {};
    uint32_t number = class_number(i);
    return number < classes_ ? column(Block::kClasses, number, kClassSize) : kNone;
  }

 private:
  absl::Status read_directory();
  absl::Status check_blocks();
  const uint8_t* column(Block b, uint64_t i, uint32_t width) const {
    count_asked(b, width);
    return block(b).data() + i * width;
  }
  uint32_t wide(uint32_t i, WideField field) const;  // 0 if it is not there
  friend class RelocDecoder;
  friend class EdgeDecoder;
  friend class AuxDecoder;
  uint32_t class_number(uint32_t i) const {
    return wide_classes_ ? base::load16(column(Block::kClassColumn, i, 2))
                         : *column(Block::kClassColumn, i, 1);
  }
  bool target(uint64_t code, uint32_t from, Target* target) const;
  // Reads an edge; false at a malformed one.
  bool read_edge(const uint8_t*& p, const uint8_t* end, uint32_t from, const uint8_t** reloc_class,
                 Target* to, int64_t* addend) const;
  bool member(Block bits, uint32_t i) const {
    return base::load64(column(bits, i / 64, kRankRecord)) >> i % 64 & 1;
  }
  uint32_t rank(Block bits, uint32_t i) const {
    const uint8_t* p = column(bits, i / 64, kRankRecord);
    uint64_t before = base::load64(p) & ((uint64_t{1} << i % 64) - 1);
    return base::load32(p + 8) + static_cast<uint32_t>(std::popcount(before));
  }
  // The streams of definition i.
  struct RelocStreams {
    base::Bytes edges, relocs;
  };
  bool reloc_streams(uint32_t i, RelocStreams* out) const;
  // The stream of definition i in a block that an index table cuts; nothing if it has none. False if
  // malformed.
  bool stream(Block bits, Block index, Block streams, uint32_t i, base::Bytes* out) const;

  base::Bytes object_;
  base::Bytes blocks_[kBlockCount];
  uint32_t counts_[kCounts] = {};
  uint32_t defs_ = 0, symbols_ = 0, first_hash_ = 0, first_hashed_ = 0, first_named_ = 0, packages_ = 0,
           files_ = 0, classes_ = 0;
  bool wide_classes_ = false, wide_externals_ = false;
  unsigned external_bits_ = 0;  // of an external's index; the package stands above
};

namespace internal {

// Most numbers are below 128.
inline uint64_t read_uleb(const uint8_t*& p, const uint8_t* end) {
  return p < end && *p < 0x80 ? *p++ : base::read_uleb(p, end);
}

}  // namespace internal

inline uint32_t View::data_size(uint32_t i) const {
  if (i >= defs_) return 0;
  switch (class_record(i)[6]) {
    case kLengthIsSize:
      return size(i);
    case kLengthWide:
      return wide(i, WideField::kDataLength);
    default:
      return 0;
  }
}

inline base::Bytes View::data(uint32_t i) const {
  uint32_t n = data_size(i);
  if (n == 0) return {};
  uint32_t first64 = counts_[kPackageDefs];
  if (i >= first64 && i < first_hashed_)
    return base::Bytes(column(Block::kHash64, i - first64, 8), std::min(n, 8u));
  auto family = static_cast<uint32_t>(this->family(i));
  uint64_t offset = base::load16(column(Block::kDataOffsets, i, 2));
  if (offset == kSeeWide)
    offset = wide(i, WideField::kDataOffset);
  else
    offset += base::load32(column(Block::kDataBases, uint64_t{i} / kDefsPerBase * kFamilies + family, 4));
  base::Bytes bytes = base::subrange(blocks_[static_cast<uint32_t>(Block::kText) + family], offset, n);
  count_asked(static_cast<Block>(static_cast<uint32_t>(Block::kText) + family), bytes.size());
  return bytes;
}

inline bool View::stream(Block bits, Block index, Block streams, uint32_t i, base::Bytes* out) const {
  *out = {};
  if (i >= defs_ || !member(bits, i)) return true;
  uint64_t k = rank(bits, i);
  if (k + 2 > block(index).size() / 4) return false;
  uint32_t begin = base::load32(column(index, k, 4)), end = base::load32(column(index, k + 1, 4));
  base::Bytes all = block(streams);
  if (begin > end || end > all.size()) return false;
  *out = all.subspan(begin, end - begin);
  count_asked(streams, out->size());
  return true;
}

inline bool View::target(uint64_t code, uint32_t from, Target* target) const {
  if (code & 1) {
    uint64_t k = (code - 3) / 2;
    *target = {};
    if (k >= counts_[kExternals]) return code == kNilTarget;
    *target = {Target::kExternal, static_cast<uint32_t>(k)};
    return true;
  }
  int64_t to = int64_t{from} + base::unzigzag(code >> 1);
  *target = {Target::kLocal, static_cast<uint32_t>(to)};
  return to >= 0 && to < int64_t{symbols_};
}

inline bool View::read_edge(const uint8_t*& p, const uint8_t* end, uint32_t from, const uint8_t** reloc_class,
                            Target* to, int64_t* addend) const {
  base::Bytes classes = block(Block::kRelocClasses);
  uint64_t c = internal::read_uleb(p, end);
  if (p == end || c >= classes.size() / kRelocClassSize) return false;
  *reloc_class = classes.data() + c * kRelocClassSize;
  count_asked(Block::kRelocClasses, kRelocClassSize);
  if (!target(internal::read_uleb(p, end), from, to)) return false;
  *addend = (*reloc_class)[3] & kAddendInEdge ? base::read_sleb(p, end) : 0;
  return true;
}

inline EdgeDecoder View::edges(uint32_t i) const {
  EdgeDecoder d;
  if (i >= defs_) return d;
  base::Bytes s;
  d.ok_ = family(i) == Family::kDebug
              ? stream(Block::kDebugRelocated, Block::kDebugEdgeIndex, Block::kDebugEdges, i, &s)
              : stream(Block::kRelocated, Block::kEdgeIndex, Block::kEdges, i, &s);
  if (!d.ok_) return d;
  d.view_ = this;
  d.p_ = s.data();
  d.end_ = s.data() + s.size();
  d.from_ = i;
  d.advance();
  return d;
}

inline void EdgeDecoder::advance() {
  done_ = p_ == end_;
  if (done_ || view_->read_edge(p_, end_, from_, &reloc_class_, &target_, &addend_)) return;
  done_ = true;
  ok_ = false;
}

inline bool RelocDecoder::read_edge() {
  Edge& e = edges_.emplace_back();
  Target target;
  if (!view_->read_edge(edge_, edges_end_, from_, &e.reloc_class, &target, &e.addend)) return false;
  e.target = view_->ref(target);
  return true;
}

namespace internal {

// Where a relocation stands, and the number of its edge, which is the next one not used yet if it is `edges`. `at` is the
// end of the relocation before. False if it names an edge that is not there yet.
inline bool read_place(const uint8_t*& p, const uint8_t* end, uint64_t edges, int64_t* at, uint64_t* edge) {
  uint8_t head = *p++;
  uint32_t gap = head >> kSlotBits, slot = head & ((1u << kSlotBits) - 1);
  if (gap < kGapAbove) {
    *at += gap;
  } else {
    auto far = static_cast<int64_t>(read_uleb(p, end) & UINT32_MAX);
    *at += gap == kGapBelow ? -far : far + kGapAbove;
  }
  *edge = edges;
  if (slot == kSlotNext) return true;
  *edge = slot == kSlotFollows ? read_uleb(p, end) : edges - slot;
  return *edge < edges;
}

// The rest of the relocation; its target is the caller's matter.
inline bool read_reloc(const uint8_t*& p, const uint8_t* end, const uint8_t* reloc_class, int64_t addend, int64_t* at,
                       Reloc* r) {
  uint16_t kind = base::load16(reloc_class);
  r->offset = static_cast<int32_t>(*at);
  if (r->offset != *at) return false;
  r->size = reloc_class[2];
  r->kind = static_cast<RelocKind>(kind & ~kWeakRelocBit);
  r->weak = (kind & kWeakRelocBit) != 0;
  r->addend = reloc_class[3] & kAddendInReloc ? base::read_sleb(p, end) : addend;
  *at += r->size;
  return true;
}

}  // namespace internal

inline bool RelocDecoder::read() {
  uint64_t number = 0;
  if (!internal::read_place(reloc_, relocs_end_, edges_.size(), &at_, &number)) return false;
  if (number == edges_.size() && !read_edge()) return false;
  const Edge& e = edges_[number];
  current_.target = e.target;
  return internal::read_reloc(reloc_, relocs_end_, e.reloc_class, e.addend, &at_, &current_);
}

inline bool View::reloc_streams(uint32_t i, RelocStreams* out) const {
  bool debug = family(i) == Family::kDebug;
  Block bits = debug ? Block::kDebugRelocated : Block::kRelocated;
  return stream(bits, debug ? Block::kDebugEdgeIndex : Block::kEdgeIndex,
                debug ? Block::kDebugEdges : Block::kEdges, i, &out->edges) &&
         stream(bits, debug ? Block::kDebugRelocIndex : Block::kRelocIndex,
                debug ? Block::kDebugRelocs : Block::kRelocs, i, &out->relocs);
}

template <class OnEdge, class OnReloc>
bool View::for_relocs(uint32_t i, OnEdge&& on_edge, OnReloc&& on_reloc) const {
  if (i >= defs_) return true;
  RelocStreams streams;
  if (!reloc_streams(i, &streams)) return false;
  const uint8_t *edge = streams.edges.data(), *edges_end = edge + streams.edges.size();
  const uint8_t *p = streams.relocs.data(), *end = p + streams.relocs.size();
  struct Edge {
    decltype(on_edge(Target(), uint8_t())) target;
    const uint8_t* reloc_class;
    int64_t addend;
  };
  absl::InlinedVector<Edge, 16> edges;
  int64_t at = 0;
  Reloc r{};
  while (p != end) {
    uint64_t number = 0;
    if (!internal::read_place(p, end, edges.size(), &at, &number)) return false;
    if (number == edges.size()) {
      Target target;
      const uint8_t* reloc_class = nullptr;
      int64_t addend = 0;
      if (!read_edge(edge, edges_end, i, &reloc_class, &target, &addend)) return false;
      edges.push_back({on_edge(target, reloc_class[2]), reloc_class, addend});
    }
    const Edge& e = edges[number];
    if (!internal::read_reloc(p, end, e.reloc_class, e.addend, &at, &r)) return false;
    on_reloc(r, e.target);
  }
  return edge == edges_end;
}

inline void RelocDecoder::advance() {
  bool end = reloc_ == relocs_end_;
  if (!end && read()) return;
  done_ = true;
  ok_ = end && edge_ == edges_end_;
}

inline void AuxDecoder::advance() {
  done_ = kind_ == kinds_end_;
  if (done_) {
    ok_ = p_ == end_;
    return;
  }
  uint64_t code = internal::read_uleb(p_, end_);
  kind_of_current_ = static_cast<AuxKind>(*kind_++);
  if (!view_->target(code, last_, &target_)) {
    done_ = true, ok_ = false;
  } else if (target_.kind == Target::kLocal) {
    last_ = target_.number;
  }
}

inline Aux AuxDecoder::current() const { return {kind_of_current_, view_->ref(target_)}; }

}  // namespace dovetail::objfmt::dense
