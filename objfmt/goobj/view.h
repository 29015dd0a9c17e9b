// A view of today's Go object: bounds are checked when it is opened (block table,
// record sizes) and when a range is asked for; nothing is copied.
#pragma once

#include "absl/status/statusor.h"
#include "base/name_hash.h"
#include "objfmt/goobj/layout.h"
#include "objfmt/object_view.h"

namespace dovetail::objfmt::goobj {

class RelocRange {
 public:
  RelocRange(const uint8_t* first, uint32_t count) : first_(first), count_(count) {}
  uint32_t size() const { return count_; }
  Reloc operator[](uint32_t i) const {
    const uint8_t* p = first_ + size_t{i} * kRelocSize;
    uint16_t kind = base::load16(p + 5);
    return {static_cast<int32_t>(base::load32(p)), p[4], static_cast<RelocKind>(kind & ~kWeakRelocBit),
            (kind & kWeakRelocBit) != 0, static_cast<int64_t>(base::load64(p + 7)),
            {base::load32(p + 15), base::load32(p + 19)}};
  }
  class iterator {
   public:
    iterator(const RelocRange* range, uint32_t i) : range_(range), i_(i) {}
    Reloc operator*() const { return (*range_)[i_]; }
    iterator& operator++() { return i_++, *this; }
    bool operator!=(const iterator& o) const { return i_ != o.i_; }

   private:
    const RelocRange* range_;
    uint32_t i_;
  };
  iterator begin() const { return {this, 0}; }
  iterator end() const { return {this, count_}; }

 private:
  const uint8_t* first_;
  uint32_t count_;
};

class AuxRange {
 public:
  AuxRange(const uint8_t* first, uint32_t count) : first_(first), count_(count) {}
  uint32_t size() const { return count_; }
  Aux operator[](uint32_t i) const {
    const uint8_t* p = first_ + size_t{i} * kAuxSize;
    return {static_cast<AuxKind>(p[0]), {base::load32(p + 1), base::load32(p + 5)}};
  }
  class iterator {
   public:
    iterator(const AuxRange* range, uint32_t i) : range_(range), i_(i) {}
    Aux operator*() const { return (*range_)[i_]; }
    iterator& operator++() { return i_++, *this; }
    bool operator!=(const iterator& o) const { return i_ != o.i_; }

   private:
    const AuxRange* range_;
    uint32_t i_;
  };
  iterator begin() const { return {this, 0}; }
  iterator end() const { return {this, count_}; }

 private:
  const uint8_t* first_;
  uint32_t count_;
};

struct Autolib {
  std::string_view package;
  uint64_t fingerprint;  // the 8 bytes, as a little-endian number; 0 = none
};

class View {
 public:
  View() = default;
  // `object` begins at the magic. The error says which field is wrong, at which
  // offset from the magic, what was wanted and what was found.
  static absl::StatusOr<View> parse(base::Bytes object);

  uint64_t fingerprint() const { return base::load64(&object_[8]); }
  bool shared() const { return header_flags_ & kFlagShared; }
  bool from_assembly() const { return header_flags_ & kFlagFromAssembly; }
  bool unlinkable() const { return header_flags_ & kFlagUnlinkable; }
  bool std() const { return header_flags_ & kFlagStd; }

  // Definitions and references: local indices run through the five spaces in this order.
  uint32_t pkgdef_count() const { return pkgdefs_; }
  uint32_t hashed64_count() const { return hashed64_; }
  uint32_t hashed_count() const { return hashed_; }
  uint32_t nameddef_count() const { return nameddefs_; }
  uint32_t namedref_count() const { return symbols_ - defs_; }
  uint32_t def_count() const { return defs_; }
  uint32_t symbol_count() const { return symbols_; }

  SymKind kind(uint32_t i) const { return from_object_kind(sym(i)[10]); }
  uint16_t flags(uint32_t i) const { return static_cast<uint16_t>(sym(i)[11] | sym(i)[12] << 8); }
  uint16_t abi(uint32_t i) const { return base::load16(sym(i) + 8); }
  uint32_t size(uint32_t i) const { return base::load32(sym(i) + 13); }
  uint32_t align(uint32_t i) const { return base::load32(sym(i) + 17); }
  std::string_view name(uint32_t i) const { return string(sym(i)); }
  uint32_t name_length(uint32_t i) const { return base::load32(sym(i)); }
  bool has_name(uint32_t i) const { return name_length(i) != 0; }
  // Of the name and the ABI; of package definitions the upper 32 bits do.
  base::NameHash name_hash(uint32_t i) const { return base::hash_name(name(i), abi(i)); }
  uint32_t name_tag(uint32_t i) const { return static_cast<uint32_t>(name_hash(i).hi >> 32); }
  // Asks the memory for a name that is hashed soon.
  void prefetch_name(uint32_t i) const {
    const char* text = name(i).data();
    __builtin_prefetch(text);
    __builtin_prefetch(text + 64);
  }
  // Asks the memory for a record that is read soon; i may lie behind the last.
  void prefetch(uint32_t i) const { __builtin_prefetch(sym(i)); }

  // REQUIRES: i is the local index of a definition of that space.
  uint64_t hash64(uint32_t i) const {
    return base::load64(block(kHash64) + size_t{i - pkgdef_count()} * kHash64Size);
  }
  const uint8_t* hash(uint32_t i) const {
    return block(kHash) + size_t{i - pkgdef_count() - hashed64_count()} * kHashSize;
  }

  // Of references, relocations, aux symbols and data are empty.
  RelocRange relocs(uint32_t i) const {
    auto [first, n] = index_range(kRelocIdx, i, relocs_);
    return {block(kReloc) + size_t{first} * kRelocSize, n};
  }
  AuxRange auxs(uint32_t i) const {
    auto [first, n] = index_range(kAuxIdx, i, auxs_);
    return {block(kAux) + size_t{first} * kAuxSize, n};
  }
  base::Bytes data(uint32_t i) const {
    auto [first, n] = index_range(kDataIdx, i, data_size_);
    return {block(kData) + first, n};
  }
  uint32_t data_size(uint32_t i) const { return index_range(kDataIdx, i, data_size_).second; }
  // Where a definition's bytes lie, or would lie, counted from the magic; not checked.
  uint32_t data_offset(uint32_t i) const { return offsets_[kData] + base::load32(block(kDataIdx) + size_t{i} * 4); }
  // Whether a symbol's record is in order, and a definition's ranges in the index tables: for the first passes that
  // read them. (The tables are not read for definitions that stay dead.)
  bool record_ok(uint32_t i) const {
    const uint8_t* p = sym(i);
    uint64_t length = base::load32(p), offset = base::load32(p + 4);
    return offset + length <= object_.size() && kind(i) != SymKind::kCount && (i >= defs_ || alignment_ok(align(i)));
  }
  bool ranges_ok(uint32_t i) const;
  // The same of a symbol of which nothing is read but its bytes.
  bool data_range_ok(uint32_t i) const { return i >= defs_ || range_ok(kDataIdx, i, data_size_); }

  uint32_t autolib_count() const { return count(kAutolib, kAutolibSize); }
  Autolib autolib(uint32_t i) const;
  uint32_t package_count() const { return count(kPkgIdx, kStringRefSize); }
  std::string_view package(uint32_t i) const { return string(block(kPkgIdx) + size_t{i} * kStringRefSize); }
  uint32_t file_count() const { return count(kFile, kStringRefSize); }
  std::string_view file(uint32_t i) const { return string(block(kFile) + size_t{i} * kStringRefSize); }

  struct RefFlags {
    SymRef target;
    uint16_t flags;
  };
  uint32_t ref_flags_count() const { return count(kRefFlags, kRefFlagsSize); }
  RefFlags ref_flags(uint32_t i) const {
    const uint8_t* p = block(kRefFlags) + size_t{i} * kRefFlagsSize;
    return {{base::load32(p), base::load32(p + 4)}, static_cast<uint16_t>(p[8] | p[9] << 8)};
  }

  RefSpace space(SymRef ref) const {
    switch (ref.pkg) {
      case kPkgInvalid: return RefSpace::kNil;
      case kPkgSelf: return RefSpace::kSelf;
      case kPkgNone: return RefSpace::kNamed;
      case kPkgHashed: return RefSpace::kHashed;
      case kPkgHashed64: return RefSpace::kHashed64;
      case kPkgBuiltin: return RefSpace::kBuiltin;
      default: return RefSpace::kPackage;
    }
  }

  // The names of symbols of other packages, for tools.
  uint32_t ref_name_count() const { return count(kRefName, kRefNameSize); }
  std::string_view ref_name(uint32_t i) const {
    return string(block(kRefName) + size_t{i} * kRefNameSize + kSymRefSize);
  }

  base::Bytes bytes() const { return object_; }
  // As they lie in the file, for those who rewrite it.
  uint32_t object_flags() const { return header_flags_; }
  uint32_t block_offset(Block b) const { return offsets_[b]; }
  base::Bytes block_bytes(Block b) const { return object_.subspan(offsets_[b], offsets_[b + 1] - offsets_[b]); }
  const uint8_t* symbol_record(uint32_t i) const { return sym(i); }

 private:
  const uint8_t* block(Block b) const { return object_.data() + offsets_[b]; }
  uint32_t count(Block b, uint32_t record) const { return (offsets_[b + 1] - offsets_[b]) / record; }
  // The symbol blocks lie end to end, so that one index reaches all five.
  const uint8_t* sym(uint32_t i) const { return symbols_begin_ + size_t{i} * kSymSize; }
  std::string_view string(const uint8_t* ref) const {
    return base::as_text(base::subrange(object_, base::load32(ref + 4), base::load32(ref)));
  }
  std::pair<uint32_t, uint32_t> index_range(Block b, uint32_t i, uint32_t limit) const {
    if (i >= defs_) return {0, 0};
    const uint8_t* p = block(b) + size_t{i} * 4;
    uint32_t begin = base::load32(p), end = base::load32(p + 4);
    if (begin > end || end > limit) return {0, 0};
    return {begin, end - begin};
  }

  bool range_ok(Block b, uint32_t i, uint32_t limit) const {
    const uint8_t* p = block(b) + size_t{i} * 4;
    return base::load32(p) <= base::load32(p + 4) && base::load32(p + 4) <= limit;
  }

  base::Bytes object_;
  const uint8_t* symbols_begin_ = nullptr;
  uint32_t pkgdefs_ = 0, hashed64_ = 0, hashed_ = 0, nameddefs_ = 0;
  uint32_t header_flags_ = 0, defs_ = 0, symbols_ = 0, relocs_ = 0, auxs_ = 0, data_size_ = 0;
  uint32_t offsets_[kBlockCount] = {};
};

static_assert(ObjectView<View>);

}  // namespace dovetail::objfmt::goobj
