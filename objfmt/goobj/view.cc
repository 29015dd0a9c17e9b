#include "objfmt/goobj/view.h"

#include "base/text.h"

namespace dovetail::objfmt::goobj {
namespace {

absl::Status malformed(uint64_t offset, std::string_view field, uint64_t wanted, uint64_t found) {
  return absl::InvalidArgumentError(
      base::concat("malformed object: offset ", offset, ": ", field, ": want ", wanted, ", have ", found));
}

}  // namespace

absl::StatusOr<View> View::parse(base::Bytes object) {
  if (object.size() < kHeaderSize) return malformed(0, "size of the header", kHeaderSize, object.size());
  if (base::as_text(object.first(8)) != std::string_view(kMagic, 8)) {
    return absl::InvalidArgumentError("malformed object: offset 0: magic: want \"\\x00go120ld\"");
  }
  View v;
  v.object_ = object;
  v.header_flags_ = base::load32(&object[16]);
  uint32_t before = kHeaderSize;
  for (uint32_t b = 0; b < kEnd + 1; b++) {
    uint32_t at = 20 + 4 * b;
    v.offsets_[b] = base::load32(&object[at]);
    if (v.offsets_[b] < before) {
      return malformed(at, base::concat("offset of block ", kBlockNames[b], " (not below)"), before, v.offsets_[b]);
    }
    before = v.offsets_[b];
  }
  if (v.offsets_[kEnd] > object.size()) {
    return malformed(20 + 4 * kEnd, "offset of block End (not above)", object.size(), v.offsets_[kEnd]);
  }
  static constexpr std::pair<Block, uint32_t> kRecords[] = {
      {kAutolib, kAutolibSize}, {kPkgIdx, kStringRefSize}, {kFile, kStringRefSize}, {kPkgDef, kSymSize},
      {kHashed64Def, kSymSize}, {kHashedDef, kSymSize}, {kNonPkgDef, kSymSize}, {kNonPkgRef, kSymSize},
      {kRefFlags, kRefFlagsSize}, {kHash64, kHash64Size}, {kHash, kHashSize}, {kReloc, kRelocSize}, {kAux, kAuxSize},
  };
  for (auto [b, record] : kRecords) {
    uint32_t bytes = v.offsets_[b + 1] - v.offsets_[b];
    if (bytes % record != 0) {
      return malformed(20 + 4 * b, base::concat("size of block ", kBlockNames[b], " (a multiple)"), record, bytes);
    }
  }
  v.symbols_begin_ = v.block(kPkgDef);
  v.pkgdefs_ = v.count(kPkgDef, kSymSize);
  v.hashed64_ = v.count(kHashed64Def, kSymSize);
  v.hashed_ = v.count(kHashedDef, kSymSize);
  v.nameddefs_ = v.count(kNonPkgDef, kSymSize);
  v.defs_ = (v.offsets_[kNonPkgRef] - v.offsets_[kPkgDef]) / kSymSize;
  v.symbols_ = (v.offsets_[kRefFlags] - v.offsets_[kPkgDef]) / kSymSize;
  v.relocs_ = v.count(kReloc, kRelocSize);
  v.auxs_ = v.count(kAux, kAuxSize);
  v.data_size_ = v.offsets_[kRefName] - v.offsets_[kData];
  if (v.count(kHash64, kHash64Size) != v.hashed64_count()) {
    return malformed(20 + 4 * kHash64, "hashes in block Hash64", v.hashed64_count(), v.count(kHash64, kHash64Size));
  }
  if (v.count(kHash, kHashSize) != v.hashed_count()) {
    return malformed(20 + 4 * kHash, "hashes in block Hash", v.hashed_count(), v.count(kHash, kHashSize));
  }
  for (Block b : {kRelocIdx, kAuxIdx, kDataIdx}) {
    uint32_t have = (v.offsets_[b + 1] - v.offsets_[b]) / 4;
    if (have != v.defs_ + 1) {
      return malformed(20 + 4 * b, base::concat("entries of block ", kBlockNames[b]), v.defs_ + 1, have);
    }
  }
  return v;
}

bool View::ranges_ok(uint32_t i) const {
  return i >= defs_ ||
         (range_ok(kRelocIdx, i, relocs_) && range_ok(kAuxIdx, i, auxs_) && range_ok(kDataIdx, i, data_size_));
}

Autolib View::autolib(uint32_t i) const {
  const uint8_t* p = block(kAutolib) + size_t{i} * kAutolibSize;
  return {string(p), base::load64(p + 8)};
}

}  // namespace dovetail::objfmt::goobj
