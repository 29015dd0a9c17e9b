// Numbers of the ELF64 format and the few facts about each CPU that its headers and dynamic sections need.
#pragma once

#include <cstdint>

namespace dovetail::linker {

inline constexpr uint64_t kElfHeaderSize = 64, kElfProgramHeaderSize = 56, kElfSectionHeaderSize = 64,
                          kElfSymbolSize = 24, kElfRelaSize = 24;
inline constexpr uint16_t kElfTypeExec = 2, kElfTypeDyn = 3;

enum ElfSegmentType : uint32_t {
  kPtLoad = 1,
  kPtDynamic = 2,
  kPtInterp = 3,
  kPtNote = 4,
  kPtPhdr = 6,
  kPtTls = 7,
  kPtGnuStack = 0x6474e551,
  kPtGnuRelro = 0x6474e552,
};
inline constexpr uint32_t kPfX = 1, kPfW = 2, kPfR = 4;

enum ElfSectionType : uint32_t {
  kShtNull = 0,
  kShtProgbits = 1,
  kShtSymtab = 2,
  kShtStrtab = 3,
  kShtRela = 4,
  kShtHash = 5,
  kShtDynamic = 6,
  kShtNote = 7,
  kShtNobits = 8,
  kShtDynsym = 11,
  kShtInitArray = 14,
  kShtGnuVerneed = 0x6ffffffe,
  kShtGnuVersym = 0x6fffffff,
};
inline constexpr uint64_t kShfWrite = 1, kShfAlloc = 2, kShfExec = 4, kShfTls = 0x400, kShfCompressed = 0x800;

enum ElfSymbolType : uint8_t { kSttNotype = 0, kSttObject = 1, kSttFunc = 2, kSttFile = 4, kSttTls = 6 };
enum ElfBinding : uint8_t { kStbLocal = 0, kStbGlobal = 1 };
inline constexpr uint16_t kShnUndef = 0, kShnAbs = 0xfff1;
constexpr uint8_t elf_symbol_info(ElfBinding binding, ElfSymbolType type) {
  return static_cast<uint8_t>(binding << 4 | type);
}

enum ElfDynamicTag : uint64_t {
  kDtNull = 0,
  kDtNeeded = 1,
  kDtPltRelSize = 2,
  kDtPltGot = 3,
  kDtHash = 4,
  kDtStrtab = 5,
  kDtSymtab = 6,
  kDtRela = 7,
  kDtRelaSize = 8,
  kDtRelaEntry = 9,
  kDtStrSize = 10,
  kDtSymEntry = 11,
  kDtPltRel = 20,
  kDtDebug = 21,
  kDtJmpRel = 23,
  kDtRunpath = 29,
  kDtFlags = 30,
  kDtVersym = 0x6ffffff0,
  kDtFlags1 = 0x6ffffffb,
  kDtVerneed = 0x6ffffffe,
  kDtVerneedNum = 0x6fffffff,
};
inline constexpr uint64_t kDfBindNow = 8, kDf1Now = 1, kDf1Pie = 0x08000000;

// cmd/link amd64/obj.go, arm64/obj.go Init, ld/elf.go asmbElf, Go 1.26.
struct ElfMachine {
  uint16_t machine;
  uint32_t plt_entry_size;  // as the section header of .plt says it
  const char* interpreter;
  const char* musl_interpreter;  // where the first does not exist
  uint32_t reloc_relative, reloc_glob_dat, reloc_jump_slot;
  void (*start_plt)(struct DynamicSections*);
  int32_t (*add_plt_slot)(struct DynamicSections*, const ElfMachine&, uint32_t number);
};

extern const ElfMachine kElfAmd64, kElfArm64;  // elf/machines.cc

}  // namespace dovetail::linker
