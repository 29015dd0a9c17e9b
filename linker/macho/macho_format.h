// Numbers of the Mach-O format, and what differs between CPUs. Apple's <mach-o/loader.h>, <mach-o/nlist.h>,
// <mach-o/reloc.h>; the choice of values is cmd/link ld/macho.go's, Go 1.26.
#pragma once

#include <cstdint>

#include "linker/arch/cpu.h"
#include "linker/section_bytes.h"

namespace dovetail::linker {

inline constexpr uint64_t kMachoHeaderSize = 32, kMachoSegmentSize = 72, kMachoSectionSize = 80, kMachoSymbolSize = 16;
inline constexpr uint32_t kMachoMagic64 = 0xfeedfacf, kMachoExecute = 2;

enum MachoFlags : uint32_t { kMhNoUndefs = 1, kMhDyldLink = 4, kMhPie = 0x200000 };

enum MachoCommand : uint32_t {
  kLcSymtab = 0x2,
  kLcUnixThread = 0x5,
  kLcDysymtab = 0xb,
  kLcLoadDylib = 0xc,
  kLcLoadDylinker = 0xe,
  kLcSegment64 = 0x19,
  kLcUuid = 0x1b,
  kLcCodeSignature = 0x1d,
  kLcDyldInfoOnly = 0x80000022,
  kLcMain = 0x80000028,
  kLcBuildVersion = 0x32,
};

enum MachoSectionFlags : uint32_t {
  kSZerofill = 0x1,
  kSNonLazySymbolPointers = 0x6,
  kSSymbolStubs = 0x8,
  kSAttrSomeInstructions = 0x400,
  kSAttrDebug = 0x2000000,
  kSAttrPureInstructions = 0x80000000,
};

inline constexpr uint32_t kSgReadOnly = 0x10;  // of a segment: once it is relocated

enum MachoSymbolType : uint8_t { kNUndefExt = 0x01, kNSect = 0x0e, kNSectExt = 0x0f, kNSectPrivateExt = 0x1f };

enum MachoOpcode : uint8_t {
  kRebaseDone = 0x00,
  kRebaseSetTypePointer = 0x11,
  kRebaseSetSegmentAndOffset = 0x20,
  kRebaseDoOnce = 0x51,
  kBindDone = 0x00,
  kBindSetOrdinalImm = 0x10,
  kBindSetOrdinalUleb = 0x20,
  kBindSetSpecialImm = 0x30,
  kBindSetSymbol = 0x40,
  kBindSetTypePointer = 0x51,
  kBindSetSegmentAndOffset = 0x70,
  kBindDo = 0x90,
};
inline constexpr int kBindFlatLookup = -2;

struct MachoMachine {
  uint32_t cpu, subcpu;
  bool entry_is_offset;  // LC_MAIN; else LC_UNIXTHREAD with the initial registers
  bool is_signed;        // nothing runs without a signature
  const char* inode64_suffix;  // of a few functions of libSystem with two versions; null: there is one
  // A stub that jumps to where the word at `slot` of .got says.
  void (*add_stub)(SectionBytes* stubs, SymId got, int64_t slot);
  // The relocation by which code takes a symbol's address, and the change that makes a load from .got of it: false
  // if the code is none that can be changed so.
  objfmt::RelocKind address;
  bool (*is_address)(base::Bytes code, uint64_t offset);
  void (*make_load)(base::MutableBytes code, loader::LinkReloc* r);
};

const MachoMachine& macho_machine(CpuId cpu);

}  // namespace dovetail::linker
