// Today's Go object, as it lies in the file (cmd/internal/goobj/objfile.go, Go
// 1.26). Little-endian, packed, unaligned; all offsets count from the magic.
//
//     0   magic         "\0go120ld"
//     8   fingerprint   8 bytes
//    16   flags         u32
//    20   offsets       u32 x 19, one for each block below and the end
//    96   string bytes  referred to by (length, offset) pairs
//
//   block        record (bytes)
//   Autolib      path strref (8), fingerprint (8)
//   PkgIdx       path strref (8); index 0 is a dummy
//   File         name strref (8)
//   SymbolDefs   21: name strref, abi u16 @8, kind u8 @10, flag u8 @11, flag2 u8 @12, size u32 @13, align u32 @17
//   Hashed64Defs, HashedDefs, NonPkgDefs, NonPkgRefs: the same record
//   RefFlags     10: symref (8), flag u8, flag2 u8
//   Hash64       8 each, one per hashed64 definition
//   Hash         16 each
//   RelocIdx, AuxIdx, DataIdx: u32 x (definitions + 1)
//   Reloc        23: offset i32, size u8 @4, kind u16 @5, addend i64 @7, package u32 @15, symbol u32 @19
//   Aux          9: type u8, package u32 @1, symbol u32 @5
//   Data         bytes
//   RefName      16: symref (8), name strref (8); for tools, not for linkers
#pragma once

#include <cstdint>

namespace dovetail::objfmt::goobj {

inline constexpr char kMagic[] = "\0go120ld";
inline constexpr uint32_t kHeaderSize = 96;

enum Block : uint32_t {
  kAutolib, kPkgIdx, kFile, kPkgDef, kHashed64Def, kHashedDef, kNonPkgDef, kNonPkgRef, kRefFlags, kHash64,
  kHash, kRelocIdx, kAuxIdx, kDataIdx, kReloc, kAux, kData, kRefName, kEnd, kBlockCount,
};
inline constexpr const char* kBlockNames[] = {
    "Autolib", "PkgIdx", "File", "SymbolDefs", "Hashed64Defs", "HashedDefs", "NonPkgDefs", "NonPkgRefs",
    "RefFlags", "Hash64", "Hash", "RelocIdx", "AuxIdx", "DataIdx", "Reloc", "Aux", "Data", "RefName", "End",
};

inline constexpr uint32_t kSymSize = 21, kRelocSize = 23, kAuxSize = 9, kRefFlagsSize = 10, kAutolibSize = 16,
                          kStringRefSize = 8, kHashSize = 16, kHash64Size = 8, kSymRefSize = 8,
                          kRefNameSize = kSymRefSize + kStringRefSize;

// Header flags.
inline constexpr uint32_t kFlagShared = 1, kFlagFromAssembly = 4, kFlagUnlinkable = 8, kFlagStd = 16;

// A reference's package number: special ones descend from 2^31 - 1.
inline constexpr uint32_t kPkgNone = 0x7fffffff, kPkgHashed64 = kPkgNone - 1, kPkgHashed = kPkgNone - 2,
                          kPkgBuiltin = kPkgNone - 3, kPkgSelf = kPkgNone - 4, kPkgInvalid = 0;

inline constexpr uint16_t kAbiStatic = 0xffff;

}  // namespace dovetail::objfmt::goobj
