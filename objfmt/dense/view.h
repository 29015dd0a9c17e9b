// A view of a dense object: its directory is checked when it is opened, everything else when it is asked for; nothing
// is copied but blocks that are compressed, and those only if they are asked for.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/statusor.h"
#include "base/name_hash.h"
#include "objfmt/dense/layout.h"
#include "objfmt/dense/names.h"
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

// One relocation after another, in the compiler's order. A stream that is malformed ends early, and is not ok().
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
  // `object` begins at the magic and may be longer than the object. The error names the block or field, its offset
  // from the magic, what was wanted and what was found.
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
  // Makes the blocks that are compressed readable, in `storage`, which has to live as long as the view is used.
  // Until then they are empty.
  absl::Status decompress(std::vector<std::unique_ptr<uint8_t[]>>& storage);

  // Names: of referenced packages, direct imports, files; of symbols that have one (name_number); of externals.
  absl::StatusOr<NameTable> paths() const;
  absl::StatusOr<NameTable> names() const;
  absl::StatusOr<NameTable> tool_names() const;
  uint32_t import_count() const { return static_cast<uint32_t>(block(Block::kImports).size() / 8); }
  uint64_t import_fingerprint(uint32_t i) const { return base::load64(&block(Block::kImports)[size_t{i} * 8]); }
  uint32_t package_count() const { return packages_; }
  uint32_t file_count() const { return files_; }

  // REQUIRES for all below: i is below the count of symbols (of definitions where only they have such a thing).
  ClassRecord class_of(uint32_t i) const;
  uint32_t size(uint32_t i) const {
    uint16_t size = base::load16(column(Block::kSizes, i, 2));
    return size == kSeeWide ? wide(i, WideField::kSize) : size;
  }
  uint32_t data_size(uint32_t i) const;
  // Nothing if it lies outside its block.
  base::Bytes data(uint32_t i) const;
  uint64_t hash64(uint32_t i) const { return base::load64(column(Block::kHash64, i - counts_[kPackageDefs], 8)); }
  const uint8_t* hash(uint32_t i) const {
    return column(Block::kHash, i - counts_[kPackageDefs] - counts_[kHashed64Defs], 16);
  }

  bool has_name(uint32_t i) const { return member(Block::kNamed, i); }
  // How many symbols before i have a name.
  uint32_t name_number(uint32_t i) const;
  uint32_t name_tag(uint32_t i) const { return base::load32(column(Block::kNameTags, i, 4)); }  // of a package definition
  // Of a named definition or reference that has a name.
  base::NameHash name_hash(uint32_t i) const;

  // References as goobj numbers them (objfmt/goobj/layout.h): package, index.
  SymRef external(uint32_t k) const;
  SymRef local(uint32_t i) const;
  struct RefFlags {
    uint32_t external;
    uint16_t flags;
  };
  uint32_t ref_flags_count() const { return static_cast<uint32_t>(block(Block::kRefFlags).size() / kRefFlagsRecord); }
  RefFlags ref_flags(uint32_t i) const;

  // What definition i refers to, and its auxiliary symbols; of a reference, nothing.
  RelocDecoder relocs(uint32_t i) const;
  AuxDecoder auxs(uint32_t i) const;
  bool has_relocs(uint32_t i) const {
    return i < defs_ && (member(Block::kRelocated, i) || member(Block::kDebugRelocated, i));
  }
  bool has_auxs(uint32_t i) const { return i < defs_ && member(Block::kAssociated, i); }
  // Whether a symbol's class, bytes, relocations and auxiliary symbols are in order: for the first pass that reads them.
  bool class_ok(uint32_t i) const;
  bool data_ok(uint32_t i) const { return data(i).size() == data_size(i); }
  bool streams_ok(uint32_t i) const;

 private:
  absl::Status read_directory();
  absl::Status check_blocks();
  const uint8_t* column(Block b, uint64_t i, uint32_t width) const { return block(b).data() + i * width; }
  uint32_t wide(uint32_t i, WideField field) const;  // 0 if it is not there
  friend class RelocDecoder;
  friend class AuxDecoder;
  bool target(uint64_t code, uint32_t from, SymRef* ref) const;
  bool member(Block bits, uint32_t i) const { return base::load64(column(bits, i / 64, kRankRecord)) >> i % 64 & 1; }
  // The stream of definition i in a block that an index table cuts; nothing if it has none. False if malformed.
  bool stream(Block bits, Block index, Block streams, uint32_t i, base::Bytes* out) const;

  base::Bytes object_;
  base::Bytes blocks_[kBlockCount];
  uint32_t counts_[kCounts] = {};
  uint32_t defs_ = 0, symbols_ = 0, first_hash_ = 0, packages_ = 0, files_ = 0, classes_ = 0;
  bool wide_classes_ = false, wide_externals_ = false;
  unsigned external_bits_ = 0;  // of an external's index; the package stands above
};

}  // namespace dovetail::objfmt::dense
