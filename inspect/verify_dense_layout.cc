// Header and directory of a dense object, and whatever is as long as a count says.
#include <zstd.h>

#include <bit>

#include "base/text.h"
#include "inspect/verify_dense.h"
#include "objfmt/goobj/layout.h"

namespace dovetail::inspect {
namespace {

using base::concat;
using namespace objfmt::dense;

constexpr uint32_t kKnownFlags = objfmt::goobj::kFlagShared | objfmt::goobj::kFlagFromAssembly |
                                 objfmt::goobj::kFlagUnlinkable | objfmt::goobj::kFlagStd;

bool is_required(Block b) { return b != Block::kToolNames && b != Block::kResidue; }

class LayoutVerifier {
 public:
  LayoutVerifier(base::Bytes object, Findings* findings) : object_(object), findings_(findings) {}

  bool run() {
    uint64_t before = findings_->count();
    check_header();
    if (findings_->count() != before) return false;
    check_directory();
    if (findings_->count() != before) return false;
    check_sizes();
    return findings_->count() == before;
  }

 private:
  void header(std::string_view rule, uint32_t at, std::string text) {
    findings_->add(rule, {.block = "header", .offset = at}, std::move(text));
  }
  uint32_t field(uint32_t at) const { return base::load32(&object_[at]); }
  uint32_t count(Count c) const { return field(kCountsAt + 4 * c); }

  void check_header() {
    if (object_.size() < kHeaderSize) {
      return header("header.size", kSizeAt, want_have(kHeaderSize, object_.size()));
    }
    if (field(kVersionAt) != kVersion) header("header.version", kVersionAt, want_have(kVersion, field(kVersionAt)));
    if (uint32_t flags = field(kFlagsAt); (flags & ~kKnownFlags) != 0) {
      header("header.flags", kFlagsAt, concat("unknown bits ", flags & ~kKnownFlags));
    }
    uint32_t size = field(kSizeAt);
    if (size < kHeaderSize || size > object_.size()) {
      return header("header.size", kSizeAt, want_have(object_.size(), size));
    }
    uint64_t behind = object_.size() - size;
    if (behind > 1 || (behind == 1 && object_.back() != 0)) {
      header("header.size", kSizeAt, concat(behind, " bytes behind the object; one zero byte may be there"));
    }
    uint64_t symbols = 0;
    for (uint32_t c = kPackageDefs; c <= kNamedRefs; c++) symbols += count(static_cast<Count>(c));
    auto at_most = [&](Count c, uint64_t most) {
      if (count(c) > most)
        header("header.counts", kCountsAt + 4 * c, concat("want at most ", most, ", have ", count(c)));
    };
    if (symbols > size) header("header.counts", kCountsAt, concat(symbols, " symbols in ", size, " bytes"));
    at_most(kExternals, size);
    at_most(kNamedExternals, count(kExternals));
    at_most(kNamedSymbols, symbols);
    if (field(kBlockCountAt) > (size - kHeaderSize) / kDirectoryEntrySize) {
      header("header.blocks", kBlockCountAt, concat(field(kBlockCountAt), " blocks in ", size, " bytes"));
    }
  }

  void check_directory() {
    uint32_t n = field(kBlockCountAt), last = 0;
    uint64_t end = kHeaderSize + uint64_t{n} * kDirectoryEntrySize, size = field(kSizeAt);
    for (uint32_t i = 0; i < n; i++) {
      uint32_t at = kHeaderSize + i * kDirectoryEntrySize, id = base::load16(&object_[at]);
      BlockEntry e{static_cast<uint16_t>(id),
                   static_cast<Encoding>(object_[at + 2]),
                   false,
                   field(at + 4),
                   field(at + 8),
                   field(at + 12)};
      auto entry = [&](std::string_view rule, uint32_t where, std::string text) {
        findings_->add(rule, {.block = "directory", .offset = where - kHeaderSize}, concat("block ", id, ": ", text));
      };
      if (id <= last) entry("directory.order", at, concat("stands behind block ", last));
      last = id;
      if (e.offset % kBlockAlign != 0) entry("directory.align", at + 4, concat("begins at ", e.offset));
      if (e.offset < end || uint64_t{e.offset} + e.size > size) {
        return entry(
            "directory.range", at + 4,
            concat("lies from ", e.offset, " to ", uint64_t{e.offset} + e.size, ", between ", end, " and ", size));
      }
      if (base::round_up(end, kBlockAlign) != e.offset)
        entry("directory.gap", at + 4, concat("begins at ", e.offset, ", the one before ends at ", end));
      for (uint64_t k = end; k < e.offset; k++) {
        if (object_[k] != 0) entry("directory.padding", at + 4, concat("byte ", k, " in front of it is not zero"));
      }
      end = uint64_t{e.offset} + e.size;
      check_entry(e, object_[at + 3], at, entry);
    }
    if (end != size) header("header.size", kSizeAt, want_have(end, size));
  }

  template <class Report>
  void check_entry(const BlockEntry& e, uint8_t flags, uint32_t at, Report&& entry) {
    if ((flags & ~kBlockRequired) != 0)
      entry("directory.flags", at + 3, concat("unknown bits ", flags & ~kBlockRequired));
    if (e.id >= kBlockCount || e.id == 0) {
      if (flags & kBlockRequired) entry("directory.known", at, "is required and not known");
      return;
    }
    Block b = static_cast<Block>(e.id);
    if (((flags & kBlockRequired) != 0) != is_required(b)) {
      entry("directory.required", at + 3, want_have(is_required(b), flags & kBlockRequired));
    }
    if (e.size == 0) entry("directory.empty", at + 8, "is empty and listed");
    if (static_cast<uint8_t>(e.encoding) > (may_be_cold(b) ? 1 : 0)) {
      return entry("directory.encoding", at + 2, concat("encoding ", static_cast<uint32_t>(e.encoding)));
    }
    if (e.encoding == Encoding::kPlain) {
      if (e.raw_size != e.size) return entry("directory.decoded-size", at + 12, want_have(e.size, e.raw_size));
      sizes_[e.id] = e.size;
    } else {
      check_frame(e, at, entry);
    }
    blocks_[e.id] = object_.subspan(e.offset, e.size);
  }

  template <class Report>
  void check_frame(const BlockEntry& e, uint32_t at, Report&& entry) {
    base::Bytes frame = object_.subspan(e.offset, e.size);
    unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
    if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN) {
      return entry("zstd.frame", at + 4, "is no zstd frame with a content size");
    }
    if (size != e.raw_size) return entry("directory.decoded-size", at + 12, want_have(size, e.raw_size));
    if (e.raw_size / kMostExpansion > e.size) {
      return entry("zstd.ratio", at + 12, concat(e.raw_size, " bytes from ", e.size));
    }
    sizes_[e.id] = e.raw_size;
  }

  // ---- Sizes ----

  void expect(Block b, uint64_t want) {
    uint64_t have = sizes_[static_cast<size_t>(b)];
    if (have != want) findings_->add("block.size", {.block = block_name(b)}, want_have(want, have));
  }
  void expect_records(Block b, uint32_t record) {
    uint64_t have = sizes_[static_cast<size_t>(b)];
    if (have % record != 0) {
      findings_->add("block.size", {.block = block_name(b)}, concat("want a multiple of ", record, ", have ", have));
    }
  }

  void check_sizes() {
    uint64_t defs = 0;
    for (Count c : {kPackageDefs, kHashed64Defs, kHashedDefs, kNamedDefs}) defs += count(c);
    uint64_t symbols = defs + count(kNamedRefs), words = (defs + 63) / 64, externals = count(kExternals);
    uint64_t classes = sizes_[static_cast<size_t>(Block::kClasses)] / kClassSize;
    bool wide_externals = externals != 0 && sizes_[static_cast<size_t>(Block::kExternals)] / externals > 4;
    if (classes > UINT16_MAX) findings_->add("classes.count", {.block = "classes"}, want_have(UINT16_MAX, classes));
    expect(Block::kExternals, externals * (wide_externals ? 8 : 4));
    expect(Block::kClassColumn, symbols * (classes > 256 ? 2 : 1));
    expect(Block::kSizes, symbols * 2);
    expect(Block::kDataBases, words * kFamilies * 4);
    expect(Block::kDataOffsets, defs * 2);
    expect(Block::kHash64, count(kHashed64Defs) * uint64_t{8});
    expect(Block::kHash, count(kHashedDefs) * uint64_t{16});
    expect(Block::kNamed, (symbols + 63) / 64 * kRankRecord);
    expect(Block::kNameTags, count(kPackageDefs) * uint64_t{4});
    for (Block b : {Block::kRelocated, Block::kDebugRelocated, Block::kAssociated}) expect(b, words * kRankRecord);
    expect_records(Block::kImports, 8);
    expect_records(Block::kRefFlags, kRefFlagsRecord);
    expect_records(Block::kClasses, kClassSize);
    expect_records(Block::kWide, kWideRecord);
    expect_records(Block::kRelocClasses, kRelocClassSize);
    expect_records(Block::kNameHash, 16);
    if (uint64_t hashes = sizes_[static_cast<size_t>(Block::kNameHash)] / 16; hashes > count(kNamedSymbols)) {
      findings_->add("name-hash.count", {.block = "name-hash"},
                     concat(hashes, " hashes of ", count(kNamedSymbols), " names"));
    }
    for (Block b :
         {Block::kEdgeIndex, Block::kRelocIndex, Block::kDebugEdgeIndex, Block::kDebugRelocIndex, Block::kAuxIndex})
      expect_records(b, 4);
    check_paths();
  }
  void check_paths() {
    base::Bytes paths = blocks_[static_cast<size_t>(Block::kPaths)];
    if (paths.size() < 8) return findings_->add("block.size", {.block = "paths"}, want_have(8, paths.size()));
    uint64_t packages = base::load32(&paths[0]), files = base::load32(&paths[4]), size = field(kSizeAt);
    if (packages > size || files > size) {
      findings_->add("paths.counts", {.block = "paths", .offset = 0},
                     concat(packages, " packages and ", files, " files in ", size, " bytes"));
    }
  }

  base::Bytes object_;
  Findings* findings_;
  base::Bytes blocks_[kBlockCount];   // as they lie in the file
  uint64_t sizes_[kBlockCount] = {};  // decoded
};

}  // namespace

bool verify_dense_layout(base::Bytes object, Findings* findings) { return LayoutVerifier(object, findings).run(); }

}  // namespace dovetail::inspect
