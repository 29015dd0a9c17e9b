// DWARF 4 and 5 as `dovetail diff` reads it: straight from the bytes, since one of the images may be half
// broken. Nothing is trusted: cursors stop at the end, references are looked up before they are followed, and
// what is damaged ends the walk of its unit, not the program.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "base/bytes.h"
#include "inspect/debug_sections.h"
#include "linker/cli/diff_passes.h"

namespace dovetail::linker::diff {

// A cursor that turns bad at the end of its bytes instead of leaving them.
class DwarfCursor {
 public:
  explicit DwarfCursor(base::Bytes bytes, uint64_t at = 0) : bytes_(bytes), at_(at), ok_(at <= bytes.size()) {
    if (!ok_) at_ = bytes.size();
  }
  bool ok() const { return ok_; }
  bool at_end() const { return !ok_ || at_ >= bytes_.size(); }
  uint64_t at() const { return at_; }
  uint64_t fixed(unsigned size);  // 1 to 8 bytes, little-endian
  uint64_t uleb();
  int64_t sleb();
  std::string_view string();  // up to a NUL
  base::Bytes take(uint64_t size);

 private:
  base::Bytes bytes_;
  uint64_t at_;
  bool ok_;
};

namespace dw {
// The attributes and forms that are treated in a way of their own (DWARF 5, section 7.5).
enum At : uint16_t {
  kLocation = 0x02,
  kName = 0x03,
  kStmtList = 0x10,
  kLowPc = 0x11,
  kHighPc = 0x12,
  kCompDir = 0x1b,
  kFrameBase = 0x40,
  kAbstractOrigin = 0x31,
  kRanges = 0x55,
  kAddrBase = 0x73,
  kRnglistsBase = 0x74,
  kLoclistsBase = 0x8c,
  kGoRuntimeType = 0x2904,
};
enum class Class : uint8_t {
  kNone,
  kAddress,
  kAddressIndex,
  kConstant,
  kString,
  kStringOffset,
  kLineStringOffset,
  kUnitRef,
  kInfoRef,
  kBlock,
  kExprloc,
  kSectionOffset,
  kLoclistIndex,
  kRnglistIndex
};
std::string tag_name(uint64_t tag);
std::string at_name(uint64_t at);
std::string form_name(uint64_t form);
}  // namespace dw

struct DwarfAttr {
  uint16_t at, form;
  int64_t implicit;  // of DW_FORM_implicit_const
};
struct DwarfAbbrev {
  uint64_t code = 0, tag = 0, offset = 0;
  bool children = false;
  std::vector<DwarfAttr> attrs;
};
// The abbreviations from one offset of .debug_abbrev up to a null entry, by code.
struct DwarfAbbrevTable {
  uint64_t offset;
  std::vector<DwarfAbbrev> entries;  // sorted by code
  const DwarfAbbrev* find(uint64_t code) const;
};

struct DwarfUnit {
  uint64_t offset = 0, end = 0;  // in .debug_info, end: behind it
  uint64_t first_die = 0;
  uint64_t length = 0, abbrev_offset = 0;
  uint16_t version = 0;
  uint8_t unit_type = 0, address_size = 8, offset_size = 4;
  const DwarfAbbrevTable* abbrevs = nullptr;
  std::string_view name;
  uint64_t addr_base = 0, low_pc = 0, stmt_list = UINT64_MAX;
};

struct DwarfValue {
  dw::Class cls = dw::Class::kNone;
  uint64_t number = 0;      // constant, address, index, offset; references: offset in .debug_info
  base::Bytes block;        // blocks, expressions
  std::string_view string;  // every kind of string
};

// The debug sections of one image, decompressed, with its units.
class DwarfImage {
 public:
  explicit DwarfImage(const Image& image);

  const Image& image() const { return image_; }
  base::Bytes info, abbrev, line, frame, loclists, rnglists, addr, str, line_str;
  base::Bytes loc, ranges;  // DWARF 4
  const std::vector<DwarfUnit>& units() const { return units_; }
  const std::vector<std::string>& problems() const { return problems_; }

  // Contents of any debug section, decompressed if need be; empty if there is none.
  base::Bytes contents(std::string_view name);
  // Reads a value and steps over it. False: unknown form or end of bytes.
  bool read(const DwarfUnit& unit, const DwarfAttr& attr, DwarfCursor& cursor, DwarfValue& value) const;
  // The unit that contains the offset, or null.
  const DwarfUnit* unit_at(uint64_t info_offset) const;
  // Tag and name of the DIE there; the name is that of its origin if it has none itself.
  struct DieName {
    uint64_t tag = 0;
    std::string_view name;
    friend bool operator==(const DieName&, const DieName&) = default;
  };
  DieName die_name(uint64_t info_offset, int depth = 0) const;
  // Entry `index` of the unit's part of .debug_addr.
  uint64_t indexed_address(const DwarfUnit& unit, uint64_t index) const;

 private:
  void parse_units();
  bool parse_unit(uint64_t offset, DwarfUnit& unit);
  void read_unit_die(DwarfUnit& unit);
  const DwarfAbbrevTable* abbrev_table(uint64_t offset);

  const Image& image_;
  struct Decompressed {
    std::string_view name;
    SectionContents contents;
  };
  std::vector<Decompressed> decompressed_;
  std::vector<std::unique_ptr<DwarfAbbrevTable>> abbrev_tables_;
  std::vector<DwarfUnit> units_;
  std::vector<std::string> problems_;
};

struct DwarfSides {
  DwarfImage& a;
  DwarfImage& b;
};

// Reports that more than one pass adds to.
struct DwarfReports {
  SectionReport &info, &loclists, &rnglists;
};

DwarfAbbrevTable parse_abbrevs(base::Bytes section, uint64_t offset);

void diff_dwarf_info(const DwarfSides& sides, const DwarfReports& reports);
void diff_dwarf_abbrev(const DwarfSides& sides, SectionReport& report);
void diff_dwarf_line(const DwarfSides& sides, SectionReport& report);
void diff_dwarf_frame(const DwarfSides& sides, SectionReport& report);
void diff_dwarf_addr(const DwarfSides& sides, SectionReport& report);

// A location list or range list of both images, from the given offsets. Adds findings at `at()`; true if they
// mean the same.
struct DwarfListRef {
  const DwarfImage& dwarf;
  const DwarfUnit& unit;
  uint64_t offset;
};
bool diff_dwarf_list(const DwarfListRef& a, const DwarfListRef& b, bool locations,
                     absl::FunctionRef<std::string()> at, SectionReport& report);

// Where two deflate streams of the same contents part: block, token, place in the output.
std::string explain_deflate(base::Bytes a, base::Bytes b);

// All debug sections that differ.
void diff_dwarf(const Sides& sides, Report& report);

}  // namespace dovetail::linker::diff
