#include "dwarf/abbrev.h"

#include <iterator>

#include "base/bytes.h"

namespace dovetail::dwarf {
namespace {

constexpr int kMaxAttrs = 9;

struct Entry {
  Tag tag;
  bool children;
  AttrForm attrs[kMaxAttrs];  // ends at the first with kFormNone
};

constexpr AttrForm kName{kAtName, kFormString};
constexpr AttrForm kType{kAtType, kFormRefAddr};
constexpr AttrForm kOrigin{kAtAbstractOrigin, kFormRefAddr};
constexpr AttrForm kLow{kAtLowPc, kFormLowPc}, kHigh{kAtHighPc, kFormHighPc};
constexpr AttrForm kFrameBase{kAtFrameBase, kFormBlock1};
constexpr AttrForm kDeclLine{kAtDeclLine, kFormUdata};
constexpr AttrForm kExternal{kAtExternal, kFormFlag};
constexpr AttrForm kTrampoline{kAtTrampoline, kFormFlag};
constexpr AttrForm kRanges{kAtRanges, kFormSecOffset};
constexpr AttrForm kCallFile{kAtCallFile, kFormData4}, kCallLine{kAtCallLine, kFormUdata};
constexpr AttrForm kSize{kAtByteSize, kFormUdata};
constexpr AttrForm kKind{kAtGoKind, kFormData1}, kRuntimeType{kAtGoRuntimeType, kFormAddr};
constexpr AttrForm kElem{kAtGoElem, kFormRefAddr};
constexpr AttrForm kParameter{kAtVariableParameter, kFormFlag};
constexpr AttrForm kInList{kAtLocation, kFormSecOffset}, kInBlock{kAtLocation, kFormBlock1};
constexpr AttrForm kClosure{kAtGoClosureOffset, kFormUdata};
constexpr AttrForm kLanguage{kAtLanguage, kFormData1};
constexpr AttrForm kCompDir{kAtCompDir, kFormString}, kProducer{kAtProducer, kFormString};
constexpr AttrForm kPackageName{kAtGoPackageName, kFormString};
// Present in version 5 only; skipped otherwise.
constexpr AttrForm kAddrBase{kAtAddrBase, kFormSecOffset};

// By Abbrev, from 1; the compiler's variable forms follow.
constexpr Entry kTable[] = {
    {kTagCompileUnit, true, {kName, kLanguage, {kAtStmtList, kFormSecOffset}, {kAtLowPc, kFormAddr}, kRanges, kCompDir,
                             kProducer, kPackageName, kAddrBase}},
    {kTagCompileUnit, true, {kName, kLanguage, kCompDir, kProducer, kPackageName}},
    {kTagSubprogram, true, {kName, kLow, kHigh, kFrameBase, {kAtDeclFile, kFormData4}, kDeclLine, kExternal}},
    {kTagSubprogram, true, {kName, kLow, kHigh, kFrameBase, kTrampoline}},
    {kTagSubprogram, true, {kName, {kAtInline, kFormData1}, kDeclLine, kExternal}},
    {kTagSubprogram, true, {kOrigin, kLow, kHigh, kFrameBase}},
    {kTagSubprogram, true, {kOrigin, kLow, kHigh, kFrameBase, kTrampoline}},
    {kTagInlinedSubroutine, true, {kOrigin, kLow, kHigh, kCallFile, kCallLine}},
    {kTagInlinedSubroutine, true, {kOrigin, kRanges, kCallFile, kCallLine}},
    {kTagVariable, false, {kName, kInBlock, kType, kExternal}},
    {kTagConstant, false, {kName, kType, {kAtConstValue, kFormSdata}}},
    {kTagLexicalBlock, true, {kRanges}},
    {kTagLexicalBlock, true, {{kAtLowPc, kFormAddr}, {kAtHighPc, kFormAddr}}},
    {kTagMember, false, {kName, {kAtDataMemberLocation, kFormUdata}, kType, {kAtGoEmbeddedField, kFormFlag}}},
    {kTagFormalParameter, false, {kType}},
    {kTagFormalParameter, false, {kParameter, kType}},
    {kTagUnspecifiedParameters, false, {}},
    {kTagSubrangeType, false, {kType, {kAtCount, kFormUdata}}},
    {kTagUnspecifiedType, false, {kName}},
    {kTagBaseType, false, {kName, {kAtEncoding, kFormData1}, {kAtByteSize, kFormData1}, kKind, kRuntimeType}},
    {kTagArrayType, true, {kName, kType, kSize, kKind, kRuntimeType}},
    {kTagTypedef, false, {kName, kType, kKind, kRuntimeType, kElem}},
    {kTagSubroutineType, true, {kName, kSize, kKind, kRuntimeType}},
    {kTagTypedef, true, {kName, kType, kKind, kRuntimeType}},
    {kTagTypedef, false, {kName, kType, kKind, kRuntimeType, {kAtGoKey, kFormRefAddr}, kElem}},
    {kTagPointerType, false, {kName, kType, kKind, kRuntimeType}},
    {kTagPointerType, false, {kName, kRuntimeType}},
    {kTagStructureType, true, {kName, kSize, kKind, kRuntimeType, kElem}},
    {kTagStructureType, true, {kName, kSize, kKind, kRuntimeType}},
    {kTagStructureType, true, {kName, kSize, kKind, kRuntimeType}},
    {kTagTypedef, false, {kName, kType}},
    {kTagTypedef, false, {kName, kType, {kAtGoDictIndex, kFormUdata}}},
    // Variables and parameters of functions: abstract, concrete, with a closure offset, plain.
    {kTagVariable, false, {kName, kDeclLine, kType}},
    {kTagFormalParameter, false, {kName, kParameter, kType}},
    {kTagVariable, false, {kOrigin, kInList}},
    {kTagVariable, false, {kOrigin, kInBlock}},
    {kTagVariable, false, {kName, kDeclLine, kType, kClosure, kInList}},
    {kTagVariable, false, {kName, kDeclLine, kType, kClosure, kInBlock}},
    {kTagVariable, false, {kName, kDeclLine, kType, kInList}},
    {kTagVariable, false, {kName, kDeclLine, kType, kInBlock}},
    {kTagFormalParameter, false, {kOrigin, kInList}},
    {kTagFormalParameter, false, {kOrigin, kInBlock}},
    {kTagFormalParameter, false, {kName, kParameter, kDeclLine, kType, kClosure, kInList}},
    {kTagFormalParameter, false, {kName, kParameter, kDeclLine, kType, kClosure, kInBlock}},
    {kTagFormalParameter, false, {kName, kParameter, kDeclLine, kType, kInList}},
    {kTagFormalParameter, false, {kName, kParameter, kDeclLine, kType, kInBlock}},
};
static_assert(std::size(kTable) == static_cast<size_t>(Abbrev::kDictIndex) + 14);

uint8_t final_form(Form form, int version) {
  if (form == kFormLowPc) return version >= 5 ? kFormAddrx : kFormAddr;
  if (form == kFormHighPc) return version >= 5 ? kFormUdata : kFormAddr;
  return form;
}

std::span<const AttrForm> attributes_of(const Entry& e, int version) {
  size_t n = 0;
  while (n < kMaxAttrs && e.attrs[n].form != kFormNone && (version >= 5 || e.attrs[n].attr != kAtAddrBase)) n++;
  return {e.attrs, n};
}

}  // namespace

std::span<const AttrForm> attributes(Abbrev abbrev, int version) {
  return attributes_of(kTable[static_cast<size_t>(abbrev) - 1], version);
}

bool has_children(Abbrev abbrev) { return kTable[static_cast<size_t>(abbrev) - 1].children; }

std::vector<uint8_t> abbrev_section(int version, bool call_line_data4) {
  std::vector<uint8_t> out;
  auto put = [&](uint64_t v) {
    uint8_t buffer[10];
    out.insert(out.end(), buffer, base::write_uleb(buffer, v));
  };
  for (size_t i = 0; i < std::size(kTable); i++) {
    put(i + 1);
    put(kTable[i].tag);
    out.push_back(kTable[i].children);
    for (AttrForm f : attributes_of(kTable[i], version)) {
      put(f.attr);
      put(f.attr == kAtCallLine && call_line_data4 ? uint8_t{kFormData4} : final_form(f.form, version));
    }
    out.insert(out.end(), {0, 0});
  }
  out.push_back(0);
  return out;
}

}  // namespace dovetail::dwarf
