#include "objfmt/dense/view.h"

#include <zstd.h>

#include <algorithm>
#include <bit>

#include "base/text.h"

namespace dovetail::objfmt::dense {
namespace {

absl::Status malformed(uint64_t offset, std::string_view field, uint64_t wanted, uint64_t found) {
  return absl::InvalidArgumentError(
      base::concat("malformed object: offset ", offset, ": ", field, ": want ", wanted, ", have ", found));
}

BlockEntry entry(const uint8_t* p) {
  return {base::load16(p),     static_cast<Encoding>(p[2]), (p[3] & kBlockRequired) != 0,
          base::load32(p + 4), base::load32(p + 8),         base::load32(p + 12)};
}

}  // namespace

bool is_dense(base::Bytes object) {
  return object.size() >= kMagicSize &&
         base::as_text(object.first(kMagicSize)) == std::string_view(kMagic, kMagicSize);
}

absl::StatusOr<View> View::parse(base::Bytes object) {
  if (object.size() < kHeaderSize) return malformed(0, "size of the header", kHeaderSize, object.size());
  if (!is_dense(object))
    return absl::InvalidArgumentError("malformed object: offset 0: magic: want \"\\x00dvdense\"");
  uint32_t version = base::load32(&object[kVersionAt]);
  if (version != kVersion) return malformed(kVersionAt, "version", kVersion, version);
  uint32_t size = base::load32(&object[kSizeAt]);
  if (size < kHeaderSize || size > object.size())
    return malformed(kSizeAt, "size (not above)", object.size(), size);
  View v;
  v.object_ = object.first(size);
  uint64_t symbols = 0;
  for (uint32_t c = 0; c < kCounts; c++) {
    v.counts_[c] = base::load32(&object[kCountsAt + 4 * c]);
    if (c == kNamedDefs) v.defs_ = static_cast<uint32_t>(symbols + v.counts_[c]);
    if (c <= kNamedRefs) symbols += v.counts_[c];
    if (symbols > size) return malformed(kCountsAt + 4 * c, "symbols (not above)", size, symbols);
  }
  v.symbols_ = static_cast<uint32_t>(symbols);
  v.first_hashed_ = v.counts_[kPackageDefs] + v.counts_[kHashed64Defs];
  v.first_named_ = v.first_hashed_ + v.counts_[kHashedDefs];
  if (v.counts_[kNamedSymbols] > symbols)
    return malformed(kCountsAt + 4 * kNamedSymbols, "named symbols (not above)", symbols,
                     v.counts_[kNamedSymbols]);
  if (v.counts_[kExternals] > size)
    return malformed(kCountsAt + 4 * kExternals, "externals (not above)", size, v.counts_[kExternals]);
  if (v.counts_[kNamedExternals] > v.counts_[kExternals]) {
    return malformed(kCountsAt + 4 * kNamedExternals, "named externals (not above)", v.counts_[kExternals],
                     v.counts_[kNamedExternals]);
  }
  if (absl::Status s = v.read_directory(); !s.ok()) return s;
  if (absl::Status s = v.check_blocks(); !s.ok()) return s;
  return v;
}

absl::Status View::read_directory() {
  uint32_t count = base::load32(&object_[kBlockCountAt]);
  if (count > (object_.size() - kHeaderSize) / kDirectoryEntrySize) {
    return malformed(kBlockCountAt, "blocks (not above)",
                     (object_.size() - kHeaderSize) / kDirectoryEntrySize, count);
  }
  uint64_t end = kHeaderSize + uint64_t{count} * kDirectoryEntrySize;
  uint16_t last = 0;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t at = kHeaderSize + i * kDirectoryEntrySize;
    const uint8_t* p = &object_[at];
    BlockEntry e = entry(p);
    if (e.id <= last) return malformed(at, "number of a block (above)", last, e.id);
    last = e.id;
    if (e.offset < end || e.offset % kBlockAlign != 0)
      return malformed(at + 4, "offset of a block (not below)", end, e.offset);
    if (e.offset > object_.size() || e.size > object_.size() - e.offset) {
      return malformed(at + 8, "end of a block (not above)", object_.size(), uint64_t{e.offset} + e.size);
    }
    end = uint64_t{e.offset} + e.size;
    if (e.id >= kBlockCount) {
      if (e.required)
        return absl::InvalidArgumentError(
            base::concat("malformed object: offset ", at, ": block ", e.id, " is not known, and required"));
      continue;
    }
    uint8_t most = may_be_cold(static_cast<Block>(e.id)) ? 1 : 0;
    if (p[2] > most)
      return malformed(at + 2, base::concat("encoding of block ", kBlockNames[e.id], " (not above)"), most,
                       p[2]);
    if (e.encoding != Encoding::kPlain) continue;
    if (e.raw_size != e.size) return malformed(at + 12, "raw size", e.size, e.raw_size);
    blocks_[e.id] = object_.subspan(e.offset, e.size);
  }
  return absl::OkStatus();
}

std::vector<BlockEntry> View::directory() const {
  std::vector<BlockEntry> entries(base::load32(&object_[kBlockCountAt]));
  for (size_t i = 0; i < entries.size(); i++)
    entries[i] = entry(&object_[kHeaderSize + i * kDirectoryEntrySize]);
  return entries;
}

// Whatever is as long as a count says is; what is found through an index is checked when it is asked for.
absl::Status View::check_blocks() {
  classes_ = static_cast<uint32_t>(block(Block::kClasses).size() / kClassSize);
  wide_classes_ = classes_ > 256;
  wide_externals_ = counts_[kExternals] != 0 && block(Block::kExternals).size() / counts_[kExternals] > 4;
  uint64_t words = (uint64_t{defs_} + 63) / 64, hashed64 = counts_[kHashed64Defs];
  struct Wanted {
    Block block;
    uint64_t size;
  };
  const Wanted wanted[] = {
      {Block::kExternals, counts_[kExternals] * (wide_externals_ ? 8ull : 4ull)},
      {Block::kClassColumn, symbols_ * (wide_classes_ ? 2ull : 1ull)},
      {Block::kSizes, symbols_ * 2ull},
      {Block::kDataBases, words * kFamilies * 4},
      {Block::kDataOffsets, defs_ * 2ull},
      {Block::kHash64, hashed64 * 8},
      {Block::kHash, counts_[kHashedDefs] * 16ull},
      {Block::kNamed, (uint64_t{symbols_} + 63) / 64 * kRankRecord},
      {Block::kNameTags, counts_[kPackageDefs] * 4ull},
      {Block::kRelocated, words * kRankRecord},
      {Block::kDebugRelocated, words * kRankRecord},
      {Block::kAssociated, words * kRankRecord},
  };
  for (const Wanted& w : wanted) {
    uint32_t id = static_cast<uint32_t>(w.block);
    if (block(w.block).size() == w.size) continue;
    return malformed(kHeaderSize, base::concat("size of block ", kBlockNames[id]), w.size,
                     block(w.block).size());
  }
  uint64_t hashes = block(Block::kNameHash).size() / 16;
  if (hashes > counts_[kNamedSymbols])
    return malformed(kHeaderSize, "hashes in block name-hash (not above)", counts_[kNamedSymbols], hashes);
  first_hash_ = counts_[kNamedSymbols] - static_cast<uint32_t>(hashes);
  static constexpr std::pair<Block, uint32_t> kRecords[] = {{Block::kImports, 8},
                                                            {Block::kRefFlags, kRefFlagsRecord},
                                                            {Block::kClasses, kClassSize},
                                                            {Block::kWide, kWideRecord},
                                                            {Block::kRelocClasses, kRelocClassSize},
                                                            {Block::kNameHash, 16},
                                                            {Block::kEdgeIndex, 4},
                                                            {Block::kRelocIndex, 4},
                                                            {Block::kDebugEdgeIndex, 4},
                                                            {Block::kDebugRelocIndex, 4},
                                                            {Block::kAuxIndex, 4}};
  for (auto [b, record] : kRecords) {
    if (block(b).size() % record == 0) continue;
    return malformed(kHeaderSize,
                     base::concat("size of block ", kBlockNames[static_cast<uint32_t>(b)], " (a multiple)"),
                     record, block(b).size());
  }
  if (block(Block::kPaths).size() < 8)
    return malformed(kHeaderSize, "size of block paths (not below)", 8, block(Block::kPaths).size());
  packages_ = base::load32(&block(Block::kPaths)[0]);
  files_ = base::load32(&block(Block::kPaths)[4]);
  if (packages_ > object_.size() || files_ > object_.size())
    return malformed(kHeaderSize, "counts of block paths (not above)", object_.size(),
                     uint64_t{packages_} + files_);
  // Externals that fit into 32 bits are split where the number of packages ends.
  external_bits_ = wide_externals_ ? 32 : 32 - static_cast<unsigned>(std::bit_width(packages_ + 1));
  return absl::OkStatus();
}

absl::Status View::decompress(std::vector<std::unique_ptr<uint8_t[]>>& storage) {
  for (const BlockEntry& e : directory()) {
    if (e.encoding != Encoding::kZstd || e.id >= kBlockCount || !blocks_[e.id].empty()) continue;
    base::Bytes frame = object_.subspan(e.offset, e.size);
    unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
    if (size != e.raw_size)
      return malformed(e.offset, base::concat("raw size of block ", kBlockNames[e.id]), e.raw_size, size);
    if (e.raw_size / kMostExpansion > e.size) {
      return malformed(e.offset, base::concat("size of block ", kBlockNames[e.id], " (not below)"),
                       e.raw_size / kMostExpansion, e.size);
    }
    storage.emplace_back(new uint8_t[e.raw_size]);
    size_t n = ZSTD_decompress(storage.back().get(), e.raw_size, frame.data(), frame.size());
    if (n != e.raw_size) {
      return absl::InvalidArgumentError(base::concat("malformed object: offset ", e.offset, ": block ",
                                                     kBlockNames[e.id], " does not decompress"));
    }
    blocks_[e.id] = {storage.back().get(), e.raw_size};
  }
  return absl::OkStatus();
}

absl::StatusOr<NameTable> View::paths() const {
  return NameTable::open(block(Block::kPaths).subspan(8), packages_ + import_count() + files_, Block::kPaths);
}
absl::StatusOr<NameTable> View::names() const {
  return NameTable::open(block(Block::kNames), counts_[kNamedSymbols]);
}
absl::StatusOr<NameTable> View::tool_names() const {
  return NameTable::open(block(Block::kToolNames), counts_[kNamedExternals], Block::kToolNames);
}

uint32_t View::wide(uint32_t i, WideField field) const {
  base::Bytes b = block(Block::kWide);
  uint64_t key = uint64_t{i} * 4 + static_cast<uint32_t>(field);
  size_t low = 0, high = b.size() / kWideRecord;
  while (low < high) {
    size_t middle = (low + high) / 2;
    uint32_t found = base::load32(&b[middle * kWideRecord]);
    if (found == key) return base::load32(&b[middle * kWideRecord + 4]);
    if (found < key)
      low = middle + 1;
    else
      high = middle;
  }
  return 0;
}

base::NameHash View::name_hash(uint32_t i) const {
  uint32_t k = name_number(i) - first_hash_;  // wraps if the counts are wrong
  if (k >= block(Block::kNameHash).size() / 16) return {};
  const uint8_t* p = column(Block::kNameHash, k, 16);
  return {base::load64(p), base::load64(p + 8)};
}

View::RefFlags View::ref_flags(uint32_t i) const {
  const uint8_t* p = column(Block::kRefFlags, i, kRefFlagsRecord);
  return {base::load32(p), base::load16(p + 4)};
}

bool View::streams_ok(uint32_t i) const {
  RelocDecoder r = relocs(i);
  while (!r.done()) r.advance();
  AuxDecoder a = auxs(i);
  while (!a.done()) a.advance();
  return r.ok() && a.ok();
}

// ---- Relocations ----

RelocDecoder View::relocs(uint32_t i) const {
  RelocDecoder d;
  if (i >= defs_) return d;
  RelocStreams streams;
  d.ok_ = reloc_streams(i, &streams);
  if (!d.ok_) return d;
  d.view_ = this;
  d.from_ = i;
  d.edge_ = streams.edges.data();
  d.edges_end_ = d.edge_ + streams.edges.size();
  d.reloc_ = streams.relocs.data();
  d.relocs_end_ = d.reloc_ + streams.relocs.size();
  d.done_ = false;
  d.advance();
  return d;
}

// ---- Auxiliary symbols ----

AuxDecoder View::auxs(uint32_t i) const {
  AuxDecoder d;
  base::Bytes s;
  d.ok_ = stream(Block::kAssociated, Block::kAuxIndex, Block::kAux, i, &s);
  if (!d.ok_ || s.empty()) return d;
  d.view_ = this;
  d.p_ = s.data();
  d.end_ = s.data() + s.size();
  d.last_ = i;
  base::Bytes shapes = block(Block::kAuxShapes);
  uint64_t shape = base::read_uleb(d.p_, d.end_);
  d.ok_ = shape < shapes.size();
  if (!d.ok_) return d;
  d.kind_ = shapes.data() + shape;
  d.kinds_end_ = shapes.data() + shapes.size();
  uint64_t n = base::read_uleb(d.kind_, d.kinds_end_);
  d.ok_ = n <= static_cast<uint64_t>(d.kinds_end_ - d.kind_);
  if (!d.ok_) return d;
  d.kinds_end_ = d.kind_ + n;
  d.done_ = false;
  d.advance();
  return d;
}

}  // namespace dovetail::objfmt::dense
