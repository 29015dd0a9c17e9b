// Numbers of the PE/COFF format that images of Go programs use (Microsoft's "PE Format", debug/pe).
#pragma once

#include <cstdint>

namespace dovetail::linker {

struct PeMachine {
  uint16_t number;          // IMAGE_FILE_MACHINE_*
  bool unwind_tables;       // .pdata and .xdata
  bool fixed_executables;   // -buildmode=exe: the image is where its headers say
};
inline constexpr PeMachine kPeAmd64 = {0x8664, true, true};
inline constexpr PeMachine kPeArm64 = {0xaa64, false, false};

inline constexpr uint32_t kPeSectionAlign = 0x1000, kPeFileAlign = 0x200;
inline constexpr uint32_t kPeFileHeaderSize = 20, kPeOptionalHeaderSize = 240, kPeSectionHeaderSize = 40;
inline constexpr uint32_t kPeDirectoryCount = 16;
inline constexpr uint32_t kCoffSymbolSize = 18, kCoffShortName = 8;

// IMAGE_FILE_*
inline constexpr uint16_t kPeRelocsStripped = 1, kPeExecutable = 2, kPeLargeAddressAware = 0x20;
// IMAGE_DLLCHARACTERISTICS_*
inline constexpr uint16_t kPeHighEntropy = 0x20, kPeDynamicBase = 0x40, kPeNxCompatible = 0x100,
                          kPeTerminalServerAware = 0x8000;
// IMAGE_SUBSYSTEM_*
inline constexpr uint16_t kPeWindowsGui = 2, kPeWindowsConsole = 3;
// IMAGE_SCN_*
inline constexpr uint32_t kPeCode = 0x20, kPeInitialized = 0x40, kPeAlign1 = 0x100000, kPeDiscardable = 0x2000000,
                          kPeExecute = 0x20000000, kPeRead = 0x40000000, kPeWrite = 0x80000000;
// IMAGE_REL_BASED_*
inline constexpr uint16_t kPeBasedHighLow = 3, kPeBasedDir64 = 10;
// IMAGE_SYM_CLASS_*, and the type of a function.
inline constexpr uint8_t kCoffExternal = 2, kCoffStatic = 3;
inline constexpr uint16_t kCoffFunction = 0x20;

// IMAGE_DIRECTORY_ENTRY_*
enum class PeDirectory : uint8_t {
  kExport = 0, kImport = 1, kResource = 2, kException = 3, kBaseReloc = 5, kImportAddresses = 12,
};

}  // namespace dovetail::linker
