#include "dwarf/unit_headers.h"

#include "base/byte_sink.h"
#include "base/text.h"
#include "dwarf/abbrev.h"

namespace dovetail::dwarf {

using base::put;
using base::put_uleb;

namespace {

void put_text(std::vector<uint8_t>& out, std::string_view s) {
  out.insert(out.end(), s.begin(), s.end());
  out.push_back(0);
}

}  // namespace

// cmd/link ld/dwarf.go writeUnitInfo and dwarfGenerateDebugInfo, Go 1.26.
std::vector<uint8_t> info_header(const Program& program, const Target& target, const Unit& unit,
                                 const PackageSymbols& symbols, std::string_view version, uint64_t first_address,
                                 const Extent& begin, uint64_t size) {
  std::vector<uint8_t> out;
  put(out, static_cast<uint32_t>(size - 4));
  put(out, uint16_t{target.version});
  if (target.version >= 5) {
    out.push_back(kUnitTypeCompile);
    out.push_back(kPointerSize);
    put(out, uint32_t{0});  // in .debug_abbrev
  } else {
    put(out, uint32_t{0});
    out.push_back(kPointerSize);
  }
  Abbrev abbrev = unit.textless() ? Abbrev::kCompileUnitTextless : Abbrev::kCompileUnit;
  out.push_back(static_cast<uint8_t>(abbrev));
  std::string_view flags = base::as_text(symbols.producer.bytes);
  for (AttrForm f : attributes(abbrev, target.version)) {
    switch (f.attr) {
      case kAtName: put_text(out, program.in.libraries[unit.library].path); break;
      case kAtLanguage: out.push_back(kLanguageGo); break;
      case kAtStmtList: put(out, static_cast<uint32_t>(at(begin, SectionId::kLine))); break;
      case kAtLowPc: put(out, first_address); break;
      case kAtRanges: put(out, static_cast<uint32_t>(at(begin, SectionId::kRanges))); break;
      // Links happen in temporary directories: none is worth naming.
      case kAtCompDir: put_text(out, "."); break;
      case kAtProducer:
        put_text(out, base::concat("Go cmd/compile ", version, flags.empty() ? "" : "; ", flags));
        break;
      case kAtGoPackageName: put_text(out, base::as_text(symbols.package_name.bytes)); break;
      case kAtAddrBase: put(out, static_cast<uint32_t>(at(begin, SectionId::kAddresses))); break;
      default: break;
    }
  }
  return out;
}

// cmd/internal/dwarf/dwarf.go PutRngListRanges and PutBasedRanges, Go 1.26.
std::vector<uint8_t> range_list(const Target& target, const Unit& unit, uint32_t slot) {
  std::vector<uint8_t> out;
  if (target.version < 5) {
    for (PcRange r : unit.ranges) {
      put(out, r.begin);
      put(out, r.end);
    }
    out.resize(out.size() + 2 * kPointerSize);
    return out;
  }
  out.resize(5);
  out[0] = kRangeListBaseAddressx;
  write_fixed_uleb(&out[1], slot, 4);
  for (PcRange r : unit.ranges) {
    out.push_back(kRangeListOffsetPair);
    put_uleb(out, static_cast<uint64_t>(r.begin));
    put_uleb(out, static_cast<uint64_t>(r.end));
  }
  out.push_back(kRangeListEnd);
  return out;
}

std::vector<uint8_t> section_header(bool offset_count, uint64_t size) {
  std::vector<uint8_t> out;
  put(out, static_cast<uint32_t>(size - 4));
  put(out, uint16_t{5});
  out.push_back(kPointerSize);
  out.push_back(0);  // segment selector
  if (offset_count) put(out, uint32_t{0});
  return out;
}

bool write_fixed_uleb(uint8_t* p, uint64_t v, unsigned length) {
  for (unsigned i = 0; i < length; i++, v >>= 7) {
    p[i] = static_cast<uint8_t>((v & 0x7f) | (i + 1 < length ? 0x80 : 0));
  }
  return v == 0;
}

}  // namespace dovetail::dwarf
