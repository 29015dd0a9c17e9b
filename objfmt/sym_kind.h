// Kinds of symbols, in the order in which cmd/link lays them out: the order of
// the enumerators decides the order of text (FIPS code last) and of data
// (cmd/link sym/symkind.go, Go 1.26). Kinds that linux/amd64 never uses keep
// their place, so that other targets need no renumbering.
#pragma once

#include <cstdint>

namespace dovetail::objfmt {

enum class SymKind : uint8_t {
  kNone,
  // Text.
  kText, kTextFipsStart, kTextFips, kTextFipsEnd, kTextEnd, kElfRxSect, kMachoPlt,
  // Read-only data.
  kType, kString, kGoString, kGoFunc, kGcBits, kRodata, kRodataFipsStart, kRodataFips, kRodataFipsEnd,
  kRodataEnd, kFuncTab, kPclntab, kElfRoSect,
  // Read-only after relocation.
  kTypeRelro, kStringRelro, kGoStringRelro, kGoFuncRelro, kGcBitsRelro, kRodataRelro, kFuncTabRelro,
  kElfRelroSect, kMachoRelroSect, kTypelink, kItablink,
  // Writable.
  kFirstWritable, kBuildInfo, kFipsInfo, kElfSect, kMacho, kWindows, kModuledata, kElfGot, kMachoGot,
  kNoptrdata, kNoptrdataFipsStart, kNoptrdataFips, kNoptrdataFipsEnd, kNoptrdataEnd, kInitArray,
  kData, kDataFipsStart, kDataFips, kDataFipsEnd, kDataEnd, kXcoffToc,
  // Zero-initialised.
  kBss, kNoptrbss, kLibfuzzerCounter, kCoverageCounter, kCoverageAuxvar, kTlsBss,
  // Not allocated.
  kFirstUnallocated, kXref, kMachoSymStr, kMachoSymTab, kMachoIndirectPlt, kMachoIndirectGot,
  kDynImport, kHostObj, kUndefExt,
  // DWARF.
  kDwarfSect, kDwarfCuInfo, kDwarfConst, kDwarfFunc, kDwarfAbstractFunc, kDwarfType, kDwarfVar,
  kDwarfRange, kDwarfLoc, kDwarfLines, kDwarfAddr,
  kSehUnwindInfo, kSehSect,
  kCount,
};

constexpr bool is_text(SymKind k) { return k >= SymKind::kText && k <= SymKind::kTextEnd; }
// Everything with an address that is no function.
constexpr bool is_allocated_data(SymKind k) { return k > SymKind::kTextEnd && k < SymKind::kFirstUnallocated; }
constexpr bool is_data(SymKind k) { return k >= SymKind::kNoptrdata && k <= SymKind::kNoptrbss; }
constexpr bool is_dwarf(SymKind k) { return k >= SymKind::kDwarfSect && k <= SymKind::kDwarfAddr; }

// The kind that an object file's kind byte stands for (objabi.SymKind; cmd/link
// sym/symkind.go AbiSymKindToSymKind, Go 1.26); kCount if there is no such kind.
constexpr SymKind from_object_kind(uint8_t kind) {
  constexpr SymKind kMap[] = {
      SymKind::kNone,       SymKind::kText,         SymKind::kTextFips,     SymKind::kRodata,
      SymKind::kRodataFips, SymKind::kNoptrdata,    SymKind::kNoptrdataFips, SymKind::kData,
      SymKind::kDataFips,   SymKind::kBss,          SymKind::kNoptrbss,     SymKind::kTlsBss,
      SymKind::kDwarfCuInfo, SymKind::kDwarfConst,  SymKind::kDwarfFunc,    SymKind::kDwarfAbstractFunc,
      SymKind::kDwarfType,  SymKind::kDwarfVar,     SymKind::kDwarfRange,   SymKind::kDwarfLoc,
      SymKind::kDwarfLines, SymKind::kDwarfAddr,    SymKind::kLibfuzzerCounter, SymKind::kCoverageCounter,
      SymKind::kCoverageAuxvar, SymKind::kSehUnwindInfo,
  };
  return kind < sizeof kMap / sizeof kMap[0] ? kMap[kind] : SymKind::kCount;
}

}  // namespace dovetail::objfmt
