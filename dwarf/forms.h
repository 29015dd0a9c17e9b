// The numbers of DWARF that a linker writes (DWARF 5, chapter 7; Go's own attributes: cmd/internal/dwarf/dwarf.go, Go 1.26).
#pragma once

#include <cstdint>

namespace dovetail::dwarf {

enum Tag : uint8_t {
  kTagArrayType = 0x01, kTagFormalParameter = 0x05, kTagLexicalBlock = 0x0b, kTagMember = 0x0d,
  kTagPointerType = 0x0f, kTagCompileUnit = 0x11, kTagStructureType = 0x13, kTagSubroutineType = 0x15,
  kTagTypedef = 0x16, kTagUnspecifiedParameters = 0x18, kTagInlinedSubroutine = 0x1d, kTagSubrangeType = 0x21,
  kTagBaseType = 0x24, kTagConstant = 0x27, kTagSubprogram = 0x2e, kTagVariable = 0x34, kTagUnspecifiedType = 0x3b,
};

enum Attr : uint16_t {
  kAtNone = 0, kAtLocation = 0x02, kAtName = 0x03, kAtByteSize = 0x0b, kAtStmtList = 0x10, kAtLowPc = 0x11,
  kAtHighPc = 0x12, kAtLanguage = 0x13, kAtCompDir = 0x1b, kAtConstValue = 0x1c, kAtInline = 0x20,
  kAtProducer = 0x25, kAtAbstractOrigin = 0x31, kAtCount = 0x37, kAtDataMemberLocation = 0x38, kAtDeclFile = 0x3a,
  kAtDeclLine = 0x3b, kAtEncoding = 0x3e, kAtExternal = 0x3f, kAtFrameBase = 0x40, kAtType = 0x49,
  kAtVariableParameter = 0x4b, kAtRanges = 0x55, kAtTrampoline = 0x56, kAtCallFile = 0x58, kAtCallLine = 0x59,
  kAtAddrBase = 0x73,
  kAtGoKind = 0x2900, kAtGoKey = 0x2901, kAtGoElem = 0x2902, kAtGoEmbeddedField = 0x2903, kAtGoRuntimeType = 0x2904,
  kAtGoPackageName = 0x2905, kAtGoDictIndex = 0x2906, kAtGoClosureOffset = 0x2907,
};

enum Form : uint8_t {
  kFormNone = 0, kFormAddr = 0x01, kFormData4 = 0x06, kFormString = 0x08, kFormBlock1 = 0x0a, kFormData1 = 0x0b,
  kFormFlag = 0x0c, kFormSdata = 0x0d, kFormUdata = 0x0f, kFormRefAddr = 0x10, kFormSecOffset = 0x17,
  kFormAddrx = 0x1b,
  // Not DWARF's: what stands for a function's first and last address depends on the version.
  kFormLowPc = 0x9a, kFormHighPc = 0x9b,
};

enum Encoding : uint8_t {
  kEncodingBoolean = 0x02, kEncodingComplexFloat = 0x03, kEncodingFloat = 0x04, kEncodingSigned = 0x05,
  kEncodingUnsigned = 0x07,
};

enum RangeListEntry : uint8_t { kRangeListEnd = 0, kRangeListBaseAddressx = 1, kRangeListOffsetPair = 4 };

enum FrameOp : uint8_t {
  kCfaAdvanceLoc1 = 0x02, kCfaAdvanceLoc2 = 0x03, kCfaAdvanceLoc4 = 0x04, kCfaOffsetExtended = 0x05,
  kCfaUndefined = 0x07, kCfaSameValue = 0x08, kCfaDefCfa = 0x0c, kCfaOffsetExtendedSf = 0x11,
  kCfaDefCfaOffsetSf = 0x13, kCfaValOffset = 0x14, kCfaAdvanceLoc = 0x40,
};

inline constexpr uint8_t kUnitTypeCompile = 0x01;
inline constexpr uint8_t kLanguageGo = 0x16;
inline constexpr uint8_t kLineContentPath = 0x01, kLineContentDirectoryIndex = 0x02;

}  // namespace dovetail::dwarf
