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

// What a definition refers to: each target once for each way in which it is referred to.
class EdgeDecoder {
 public:
  bool done() const { return done_; }
  bool ok() const { return ok_; }
  uint16_t kind() const { return base::load16(reloc_class_); }  // of the relocations, with the weak bit
  SymRef target() const { return target_; }
  void advance();

 private:
  friend class View;
  const View* view_ = nullptr;
  const uint8_t *p_ = nullptr, *end_ = nullptr, *reloc_class_ = nullptr;
  uint32_t from_ = 0;
  SymRef target_;
  bool done_ = true, ok_ = true;
};

class AuxDecoder {
 public:
  AuxDecoder() = default;
  bool done() const { return done_; }
  bool ok() const { return ok_; }
  const Aux& current() const { return current_; }
  void advance();

 private:
  friend class View;
  const View* view_ = nullptr;
  const uint8_t *p_ = nullptr, *end_ = nullptr, *kind_ = nullptr, *kinds_end_ = nullptr;
  uint32_t last_ = 0;
  Aux current_{};
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
  EdgeDecoder edges(uint32_t i) const;
  AuxDecoder auxs(uint32_t i) const;
  bool has_relocs(uint32_t i) const {
    return i < defs_ && (member(Block::kRelocated, i) || member(Block::kDebugRelocated, i));
  }
  bool has_auxs(uint32_t i) const { return i < defs_ && member(Block::kAssociated, i); }
  // Whether a symbol's class, bytes, relocations and auxiliary symbols are in order: for the first pass that
  // reads them.
  bool class_ok(uint32_t i) const { return class_number(i) < classes_; }
  bool data_ok(uint32_t i) const { return data(i).size() == data_size(i); }
  bool streams_ok(uint32_t i) const;

 private:
  absl::Status read_directory();
  absl::Status check_blocks();
  const uint8_t* column(Block b, uint64_t i, uint32_t width) const { return block(b).data() + i * width; }
  uint32_t wide(uint32_t i, WideField field) const;  // 0 if it is not there
  friend class RelocDecoder;
  friend class EdgeDecoder;
  friend class AuxDecoder;
  uint32_t class_number(uint32_t i) const {
    return wide_classes_ ? base::load16(column(Block::kClassColumn, i, 2))
                         : *column(Block::kClassColumn, i, 1);
  }
  const uint8_t* class_record(uint32_t i) const {
    static constexpr uint8_t kNone[kClassSize] = {};
    uint32_t number = class_number(i);
    return number < classes_ ? column(Block::kClasses, number, kClassSize) : kNone;
  }
  bool target(uint64_t code, uint32_t from, SymRef* ref) const;
  // Reads an edge; false at a malformed one.
  bool read_edge(const uint8_t*& p, const uint8_t* end, uint32_t from, const uint8_t** reloc_class,
                 SymRef* to) const;
  bool member(Block bits, uint32_t i) const {
    return base::load64(column(bits, i / 64, kRankRecord)) >> i % 64 & 1;
  }
  uint32_t rank(Block bits, uint32_t i) const {
    const uint8_t* p = column(bits, i / 64, kRankRecord);
    uint64_t before = base::load64(p) & ((uint64_t{1} << i % 64) - 1);
    return base::load32(p + 8) + static_cast<uint32_t>(std::popcount(before));
  }
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
  return base::subrange(blocks_[static_cast<uint32_t>(Block::kText) + family], offset, n);
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
  return true;
}

inline bool View::target(uint64_t code, uint32_t from, SymRef* ref) const {
  if (code & 1) {
    uint64_t k = (code - 3) / 2;
    if (k < counts_[kExternals]) {
      *ref = external(static_cast<uint32_t>(k));
      return true;
    }
    *ref = {};
    return code == kNilTarget;
  }
  int64_t to = int64_t{from} + base::unzigzag(code >> 1);
  if (to < 0 || to >= int64_t{symbols_}) return false;
  *ref = local(static_cast<uint32_t>(to));
  return true;
}

inline bool View::read_edge(const uint8_t*& p, const uint8_t* end, uint32_t from, const uint8_t** reloc_class,
                            SymRef* to) const {
  base::Bytes classes = block(Block::kRelocClasses);
  uint64_t c = internal::read_uleb(p, end);
  if (p == end || c >= classes.size() / kRelocClassSize) return false;
  *reloc_class = classes.data() + c * kRelocClassSize;
  return target(internal::read_uleb(p, end), from, to);
}

inline EdgeDecoder View::edges(uint32_t i) const {
  EdgeDecoder d;
  if (i >= defs_) return d;
  base::Bytes s;
  d.ok_ = member(Block::kRelocated, i)
              ? stream(Block::kRelocated, Block::kEdgeIndex, Block::kEdges, i, &s)
              : stream(Block::kDebugRelocated, Block::kDebugEdgeIndex, Block::kDebugEdges, i, &s);
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
  if (done_ || view_->read_edge(p_, end_, from_, &reloc_class_, &target_)) return;
  done_ = true;
  ok_ = false;
}

inline bool RelocDecoder::read_edge() {
  Edge& e = edges_.emplace_back();
  return view_->read_edge(edge_, edges_end_, from_, &e.reloc_class, &e.target);
}

inline bool RelocDecoder::read() {
  uint8_t head = *reloc_++;
  uint32_t gap = head >> kSlotBits, slot_code = head & ((1u << kSlotBits) - 1);
  if (gap < kGapAbove) {
    at_ += gap;
  } else {
    auto far = static_cast<int64_t>(internal::read_uleb(reloc_, relocs_end_) & UINT32_MAX);
    at_ += gap == kGapBelow ? -far : far + kGapAbove;
  }
  uint64_t slot = edges_.size();
  if (slot_code == kSlotNext) {
    if (!read_edge()) return false;
  } else {
    slot = slot_code == kSlotFollows ? internal::read_uleb(reloc_, relocs_end_) : slot - slot_code;
  }
  if (slot >= edges_.size() || at_ != static_cast<int32_t>(at_)) return false;
  const Edge& e = edges_[slot];
  uint16_t kind = base::load16(e.reloc_class);
  current_ = {static_cast<int32_t>(at_),
              e.reloc_class[2],
              static_cast<RelocKind>(kind & ~kWeakRelocBit),
              (kind & kWeakRelocBit) != 0,
              0,
              e.target};
  if (e.reloc_class[3] & 1) current_.addend = base::read_sleb(reloc_, relocs_end_);
  at_ += current_.size;
  return true;
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
  current_.kind = static_cast<AuxKind>(*kind_++);
  if (!view_->target(code, last_, &current_.target)) {
    done_ = true, ok_ = false;
  } else if ((code & 1) == 0) {
    last_ = static_cast<uint32_t>(int64_t{last_} + base::unzigzag(code >> 1));
  }
}

}  // namespace dovetail::objfmt::dense
