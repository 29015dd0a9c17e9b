#include "inspect/dwarf_units.h"

#include <dwarf.h>

#include <algorithm>

namespace dovetail::inspect {
namespace {

// Reads forward; at the end of the bytes everything is 0 and `good` false.
struct Cursor {
  const uint8_t* p;
  const uint8_t* end;
  bool good = true;

  uint64_t fixed(unsigned size) {
    if (static_cast<size_t>(end - p) < size) return good = false, p = end, 0;
    uint64_t v = 0;
    for (unsigned i = 0; i < std::min(size, 8u); i++) v |= uint64_t{p[i]} << (8 * i);
    p += size;
    return v;
  }
  uint64_t uleb() {
    good &= p != end;
    return base::read_uleb(p, end);
  }
  void skip(uint64_t size) {
    good &= size <= static_cast<uint64_t>(end - p);
    p += std::min<uint64_t>(size, static_cast<uint64_t>(end - p));
  }
  std::string_view string() {
    const uint8_t* from = p;
    while (p != end && *p != 0) p++;
    std::string_view text = base::as_text({from, p});
    skip(1);
    return text;
  }
};

std::string_view string_in(base::Bytes section, uint64_t offset) {
  Cursor c{section.data() + std::min<uint64_t>(offset, section.size()), section.data() + section.size()};
  return c.string();
}

// An attribute's value: a number, or a text.
struct Value {
  uint64_t number = 0;
  std::string_view text;
};

Value read_value(uint64_t form, const DwarfUnitSections& s, Cursor& c) {
  Value v;
  switch (form) {
    case DW_FORM_addr: case DW_FORM_data8: case DW_FORM_ref8: case DW_FORM_ref_sig8: v.number = c.fixed(8); break;
    case DW_FORM_data4: case DW_FORM_ref4: case DW_FORM_sec_offset: case DW_FORM_ref_addr: case DW_FORM_strx4:
    case DW_FORM_addrx4: v.number = c.fixed(4); break;
    case DW_FORM_strx3: case DW_FORM_addrx3: v.number = c.fixed(3); break;
    case DW_FORM_data2: case DW_FORM_ref2: case DW_FORM_strx2: case DW_FORM_addrx2: v.number = c.fixed(2); break;
    case DW_FORM_data1: case DW_FORM_ref1: case DW_FORM_flag: case DW_FORM_strx1: case DW_FORM_addrx1:
      v.number = c.fixed(1); break;
    case DW_FORM_data16: c.skip(16); break;
    case DW_FORM_flag_present: case DW_FORM_implicit_const: break;
    case DW_FORM_udata: case DW_FORM_ref_udata: case DW_FORM_strx: case DW_FORM_addrx: case DW_FORM_loclistx:
    case DW_FORM_rnglistx: case DW_FORM_sdata: v.number = c.uleb(); break;
    case DW_FORM_string: v.text = c.string(); break;
    case DW_FORM_strp: v.text = string_in(s.str, c.fixed(4)); break;
    case DW_FORM_line_strp: v.text = string_in(s.line_str, c.fixed(4)); break;
    case DW_FORM_block: case DW_FORM_exprloc: c.skip(c.uleb()); break;
    case DW_FORM_block1: c.skip(c.fixed(1)); break;
    case DW_FORM_block2: c.skip(c.fixed(2)); break;
    case DW_FORM_block4: c.skip(c.fixed(4)); break;
    default: c.good = false;
  }
  return v;
}

// Where the attributes of the abbreviation stand. Tables end with code 0.
bool find_abbreviation(uint64_t code, Cursor& abbrev) {
  for (uint64_t other; abbrev.good && (other = abbrev.uleb()) != 0;) {
    abbrev.uleb(), abbrev.fixed(1);
    if (other == code) return abbrev.good;
    for (bool more = true; more && abbrev.good;) {
      uint64_t name = abbrev.uleb(), form = abbrev.uleb();
      if (form == DW_FORM_implicit_const) abbrev.uleb();
      more = name != 0 || form != 0;
    }
  }
  return false;
}

void read_entry(const DwarfUnitSections& s, uint64_t abbrev_at, Cursor c, DwarfUnit* unit) {
  Cursor abbrev{s.abbrev.data() + std::min<uint64_t>(abbrev_at, s.abbrev.size()), s.abbrev.data() + s.abbrev.size()};
  uint64_t code = c.uleb();
  if (code == 0 || !find_abbreviation(code, abbrev)) return;
  for (;;) {
    uint64_t name = abbrev.uleb(), form = abbrev.uleb();
    if (form == DW_FORM_implicit_const) abbrev.uleb();
    if (!abbrev.good || (name == 0 && form == 0)) return;
    Value v = read_value(form, s, c);
    if (!c.good) return;
    if (name == DW_AT_name) unit->name = v.text;
    if (name == DW_AT_stmt_list) unit->lines = v.number;
    if (name == DW_AT_addr_base) unit->addresses = v.number;
  }
}

}  // namespace

std::vector<DwarfUnit> read_dwarf_units(const DwarfUnitSections& s) {
  constexpr uint64_t kLeast = 8;  // of a unit's header behind its length
  std::vector<DwarfUnit> units;
  for (uint64_t at = 0; s.info.size() - at >= 4 + kLeast;) {
    Cursor c{s.info.data() + at, s.info.data() + s.info.size()};
    uint64_t length = c.fixed(4);
    if (length < kLeast || length > s.info.size() - at - 4) break;
    c.end = c.p + length;
    DwarfUnit unit{at, at + 4 + length, {}, {}, {}};
    uint64_t version = c.fixed(2), kind = version >= 5 ? c.fixed(1) : uint64_t{DW_UT_compile}, abbrev = 0;
    if (version >= 5) c.fixed(1), abbrev = c.fixed(4);
    else abbrev = c.fixed(4), c.fixed(1);
    if (c.good && kind == DW_UT_compile && version >= 4 && version <= 5) read_entry(s, abbrev, c, &unit);
    at = unit.end;
    units.push_back(unit);
  }
  return units;
}

}  // namespace dovetail::inspect
