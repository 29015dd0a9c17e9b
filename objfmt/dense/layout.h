// The dense object format as it lies in a file; docs/dense-object-format.md is its specification.
//
// Little-endian, all offsets count from the magic. Members of archives begin at any even offset, so columns
// are aligned relative to the magic only, and everything is read through memcpy.
#pragma once

#include <cstdint>

#include "objfmt/name_class.h"

namespace dovetail::objfmt::dense {

inline constexpr char kMagic[] = "\0dvdense";
inline constexpr uint32_t kMagicSize = 8, kVersion = 1, kHeaderSize = 64, kDirectoryEntrySize = 16,
                          kBlockAlign = 8;

// Offsets in the header.
inline constexpr uint32_t kVersionAt = 8, kFlagsAt = 12, kFingerprintAt = 16, kCountsAt = 24,
                          kBlockCountAt = 56, kSizeAt = 60;

// The counts of the header, in their order.
enum Count : uint32_t {
  kPackageDefs,
  kHashed64Defs,
  kHashedDefs,
  kNamedDefs,
  kNamedRefs,
  kExternals,       // references to definitions of other packages, and built-in ones
  kNamedExternals,  // how many of them, the first, have a name
  kNamedSymbols,    // that have a name
  kCounts,
};

enum class Block : uint16_t {
  kNone,
  kImports,      // u64 fingerprint of each direct import
  kPaths,        // names: referenced packages, direct imports, files
  kExternals,    // u32 or u64: package << shift | index
  kRefFlags,     // 8: u32 external, u16 flags, u16 zero
  kClasses,      // 16: see ClassRecord
  kClassColumn,  // u8, or u16 if there are more than 256 classes, of each symbol
  kSizes,        // u16 of each symbol
  kDataBases,    // u32 x 4 for each 64 definitions: where each family's data of the first of them would begin
  kDataOffsets,  // u16 of each definition: from the base of its family
  kWide,         // 8: u32 symbol * 4 + WideField, u32 value: what the columns have no room for, sorted
  kHash64,       // 8 of each 64-bit-hashed definition
  kHash,         // 16 of each hashed definition
  kNamed,        // 12 for each 64 symbols: u64 bits, u32 bits set before: which have a name
  kNameHash,     // 16 of each named definition and reference that has a name
  kNameTags,     // u32 of each package definition
  kRelocClasses,  // 4: u16 kind, u8 size, u8 flags (kAddendInReloc …)
  kRelocated,     // 12 for each 64 definitions: u64 bits, u32 bits set before: which have relocations
  kEdgeIndex,     // u32 of each of those, and the end: where its edges begin
  kRelocIndex,    // the same of its relocations
  kEdges,
  kRelocs,
  kDebugRelocated,
  kDebugEdgeIndex,
  kDebugRelocIndex,
  kDebugEdges,
  kDebugRelocs,  // the same of debug information
  kAssociated,   // as kRelocated, of definitions with auxiliary symbols
  kAuxIndex,
  kAux,
  kAuxShapes,  // names: the kinds of auxiliary symbols, one byte each
  kText,
  kData,
  kMetadata,
  kDebug,      // bytes
  kNames,      // names of symbols, of those that have one
  kToolNames,  // names of externals
  kResidue,    // what no link needs: docs/dense-object-format.md
  kCount,
};
inline constexpr uint32_t kBlockCount = static_cast<uint32_t>(Block::kCount);
inline constexpr const char* kBlockNames[] = {
    "",
    "imports",
    "paths",
    "externals",
    "ref-flags",
    "classes",
    "class-column",
    "sizes",
    "data-bases",
    "data-offsets",
    "wide",
    "hash64",
    "hash",
    "named",
    "name-hash",
    "name-tags",
    "reloc-classes",
    "relocated",
    "edge-index",
    "reloc-index",
    "edges",
    "relocs",
    "debug-relocated",
    "debug-edge-index",
    "debug-reloc-index",
    "debug-edges",
    "debug-relocs",
    "associated",
    "aux-index",
    "aux",
    "aux-shapes",
    "text",
    "data",
    "metadata",
    "debug",
    "names",
    "tool-names",
    "residue",
};
static_assert(sizeof kBlockNames / sizeof kBlockNames[0] == kBlockCount);

enum class Encoding : uint8_t { kPlain, kZstd };
// A block is at most so many times as long as its frame, or else it stays plain: readers make room before
// they decode.
inline constexpr uint64_t kMostExpansion = 1000;
// What may be compressed: nothing that a link asks for before it knows what is live.
constexpr bool may_be_cold(Block b) {
  return b == Block::kDebug || b == Block::kNames || b == Block::kToolNames || b == Block::kResidue;
}
inline constexpr uint8_t kBlockRequired = 1;  // a reader that does not know the block refuses the object

// Where a definition's bytes are.
enum class Family : uint8_t { kText, kData, kMetadata, kDebug };

// What many symbols have in common.
inline constexpr uint32_t kClassSize = 16;
struct ClassRecord {
  uint8_t kind;  // as goobj's
  Family family;
  uint16_t abi, flags;
  uint8_t length;  // kLength...
  NameClass name_class;
  uint32_t align;
  uint32_t zero = 0;
  friend bool operator==(const ClassRecord&, const ClassRecord&) = default;
};
// What a column says instead of a value that kWide has.
inline constexpr uint16_t kSeeWide = 0xffff;
enum class WideField : uint32_t { kSize, kDataOffset, kDataLength };
inline constexpr uint32_t kDefsPerBase = 64, kFamilies = 4;
// How many bytes of data a definition has: as many as its size, none, or as kWide says.
inline constexpr uint8_t kLengthIsSize = 0, kLengthNone = 1, kLengthWide = 2;

inline constexpr uint32_t kRankRecord = 12, kRefFlagsRecord = 8, kWideRecord = 8, kRelocClassSize = 4;
inline constexpr uint32_t kNamesPerGroup = 16;

// Of a class of relocations: where the addend stands if it is not zero.
inline constexpr uint8_t kAddendInReloc = 1, kAddendInEdge = 2;

// A reference in a stream is one number r: even for symbols of the object, r / 2 the zigzag distance from a
// symbol that the stream's rule names; 1 for none; else (r - 3) / 2 is the external.
inline constexpr uint64_t kNilTarget = 1;

// A relocation's first byte: low bits the edge, high bits the distance from the end of the relocation before.
inline constexpr uint32_t kSlotBits = 3, kSlotNext = 0, kSlotFollows = 7;
inline constexpr uint32_t kGapAbove = 30, kGapBelow = 31;

}  // namespace dovetail::objfmt::dense
