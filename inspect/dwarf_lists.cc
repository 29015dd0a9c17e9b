#include "inspect/dwarf_lists.h"

#include <dwarf.h>

#include "absl/strings/str_format.h"
#include "base/text.h"

namespace dovetail::inspect {
namespace {

// How many operands an operation has; of all others libdwarf gives zeros.
unsigned operand_count(unsigned op) {
  if (op >= DW_OP_breg0 && op <= DW_OP_breg31) return 1;
  switch (op) {
    case DW_OP_addr: case DW_OP_addrx: case DW_OP_const1u: case DW_OP_const1s: case DW_OP_const2u:
    case DW_OP_const2s: case DW_OP_const4u: case DW_OP_const4s: case DW_OP_const8u: case DW_OP_const8s:
    case DW_OP_constu: case DW_OP_consts:
    case DW_OP_pick: case DW_OP_plus_uconst: case DW_OP_skip: case DW_OP_bra: case DW_OP_regx: case DW_OP_fbreg:
    case DW_OP_piece: case DW_OP_deref_size: case DW_OP_implicit_value: return 1;
    case DW_OP_bregx: case DW_OP_bit_piece: return 2;
    default: return 0;
  }
}

bool append_operation(Dwarf_Locdesc_c place, Dwarf_Unsigned k, std::string* text) {
  Dwarf_Error error = nullptr;
  Dwarf_Small op = 0;
  Dwarf_Unsigned a = 0, b = 0, c = 0, raw_a = 0, raw_b = 0, raw_c = 0, branch = 0;
  int code = dwarf_get_location_op_value_d(place, k, &op, &a, &b, &c, &raw_a, &raw_b, &raw_c, &branch, &error);
  if (code != DW_DLV_OK) return code == DW_DLV_NO_ENTRY;
  const char* name = nullptr;
  if (!text->empty()) *text += ' ';
  *text += dwarf_get_OP_name(op, &name) == DW_DLV_OK ? name : absl::StrFormat("DW_OP_0x%x", op);
  unsigned operands = operand_count(op);
  if (operands > 0) {
    *text += op == DW_OP_addr ? absl::StrFormat(" 0x%x", a) : base::concat(" ", static_cast<int64_t>(a));
  }
  if (operands > 1) *text += base::concat(" ", static_cast<int64_t>(b));
  return true;
}

// An expression with the addresses for which it holds, in a list.
struct Location {
  Dwarf_Small kind = 0, source = 0;
  Dwarf_Addr begin = 0, end = 0;
  std::string operations;

  // Entries that only tell what others count from.
  bool is_plain() const {
    return kind != DW_LLE_end_of_list && kind != DW_LLE_base_addressx && kind != DW_LLE_base_address;
  }
};

class Locations {
 public:
  Locations() = default;
  Locations(const Locations&) = delete;
  Locations& operator=(const Locations&) = delete;
  ~Locations() {
    if (head != nullptr) dwarf_loc_head_c_dealloc(head);
  }

  bool read(Dwarf_Unsigned i, Location* out) const {
    Dwarf_Error error = nullptr;
    Dwarf_Unsigned raw_begin = 0, raw_end = 0, operations = 0, at = 0, list_at = 0;
    Dwarf_Bool unavailable = false;
    Dwarf_Locdesc_c place = nullptr;
    *out = {};
    int code = dwarf_get_locdesc_entry_d(head, i, &out->kind, &raw_begin, &raw_end, &unavailable, &out->begin,
                                         &out->end, &operations, &place, &out->source, &at, &list_at, &error);
    if (code != DW_DLV_OK || unavailable) return false;
    bool ok = true;
    for (Dwarf_Unsigned k = 0; k < operations; k++) ok &= append_operation(place, k, &out->operations);
    return ok;
  }

  Dwarf_Loc_Head_c head = nullptr;
  Dwarf_Unsigned count = 0;
};

// The entry of the unit that the entry is in has the address that ranges of DWARF 2 to 4 count from; 0 without.
uint64_t unit_base(Dwarf_Debug debug, Dwarf_Die die) {
  Dwarf_Error error = nullptr;
  Dwarf_Off at = 0;
  Dwarf_Die unit = nullptr;
  Dwarf_Addr low = 0;
  if (dwarf_CU_dieoffset_given_die(die, &at, &error) != DW_DLV_OK) return 0;
  if (dwarf_offdie_b(debug, at, true, &unit, &error) != DW_DLV_OK) return 0;
  if (dwarf_lowpc(unit, &low, &error) != DW_DLV_OK) low = 0;
  dwarf_dealloc(debug, unit, DW_DLA_DIE);
  return low;
}

// A row of a list; without operations it is one of ranges.
void write_entry(uint64_t begin, uint64_t end, const std::string* operations, const ListText& text) {
  DumpWriter& w = text.w;
  w.begin_row();
  if (w.json()) {
    w.hex("begin", begin);
    w.hex("end", end);
  } else {
    w.text("", text.indent, Show::value());
    w.text("", absl::StrFormat("[0x%x, 0x%x)", begin, end), Show::value());
  }
  if (operations != nullptr) w.text("operations", *operations, Show::value());
  w.end_row();
}

// .debug_ranges.
bool dump_plain_ranges(Dwarf_Debug debug, Dwarf_Die die, Dwarf_Off offset, const ListText& text) {
  Dwarf_Error error = nullptr;
  Dwarf_Off real = 0;
  Dwarf_Ranges* ranges = nullptr;
  Dwarf_Signed count = 0;
  Dwarf_Unsigned bytes = 0;
  int code = dwarf_get_ranges_b(debug, offset, die, &real, &ranges, &count, &bytes, &error);
  if (code != DW_DLV_OK) return false;
  uint64_t from = unit_base(debug, die);
  for (Dwarf_Signed i = 0; i < count; i++) {
    const Dwarf_Ranges& r = ranges[i];
    if (r.dwr_type == DW_RANGES_ADDRESS_SELECTION) from = r.dwr_addr2;
    if (r.dwr_type == DW_RANGES_ENTRY) write_entry(from + r.dwr_addr1, from + r.dwr_addr2, nullptr, text);
  }
  dwarf_ranges_dealloc(debug, ranges, count);
  return true;
}

// .debug_rnglists.
bool dump_coded_ranges(Dwarf_Attribute attr, Dwarf_Half form, Dwarf_Unsigned offset, const ListText& text) {
  Dwarf_Error error = nullptr;
  Dwarf_Rnglists_Head head = nullptr;
  Dwarf_Unsigned count = 0, at = 0;
  if (dwarf_rnglists_get_rle_head(attr, form, offset, &head, &count, &at, &error) != DW_DLV_OK) return false;
  bool ok = true;
  for (Dwarf_Unsigned i = 0; i < count && ok; i++) {
    unsigned length = 0, kind = 0;
    Dwarf_Unsigned raw_begin = 0, raw_end = 0, begin = 0, end = 0;
    Dwarf_Bool unavailable = false;
    ok = dwarf_get_rnglists_entry_fields_a(head, i, &length, &kind, &raw_begin, &raw_end, &unavailable, &begin, &end,
                                           &error) == DW_DLV_OK;
    if (kind == DW_RLE_end_of_list || kind == DW_RLE_base_addressx || kind == DW_RLE_base_address) continue;
    ok &= !unavailable;
    if (ok) write_entry(begin, end, nullptr, text);
  }
  dwarf_dealloc_rnglists_head(head);
  return ok;
}

}  // namespace

bool read_expression(Dwarf_Attribute attr, std::string* text) {
  Dwarf_Error error = nullptr;
  Locations all;
  int code = dwarf_get_loclist_c(attr, &all.head, &all.count, &error);
  if (code != DW_DLV_OK) return code == DW_DLV_NO_ENTRY;
  Location location;
  bool ok = all.count == 0 || all.read(0, &location);
  *text = location.operations;
  return ok;
}

// libdwarf reads operations only where it knows the section: of a unit that is made for them.
std::string expression_text(base::Bytes bytes) {
  constexpr uint8_t kAbbrevs[] = {1, DW_TAG_compile_unit, DW_CHILDREN_no, DW_AT_location, DW_FORM_exprloc, 0, 0, 0};
  constexpr size_t kMost = 0x3fff;  // two bytes of length
  if (bytes.empty()) return "";
  if (bytes.size() > kMost) return "?";
  // Length, version 4, offset of abbreviations, size of addresses; abbreviation, length.
  std::vector<uint8_t> info = {0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 8, 1};
  info.push_back(static_cast<uint8_t>(bytes.size() | 0x80));
  info.push_back(static_cast<uint8_t>(bytes.size() >> 7));
  info.insert(info.end(), bytes.begin(), bytes.end());
  base::store32(info.data(), static_cast<uint32_t>(info.size() - 4));
  absl::StatusOr<std::unique_ptr<DwarfReader>> reader =
      DwarfReader::open({{".debug_info", 0, info}, {".debug_abbrev", 0, kAbbrevs}});
  if (!reader.ok()) return "?";
  Dwarf_Error error = nullptr;
  Dwarf_Unsigned length, type_offset, next;
  Dwarf_Off abbrev;
  Dwarf_Half version, address_size, size, extension, kind;
  Dwarf_Sig8 signature;
  Dwarf_Die unit = nullptr;
  Dwarf_Attribute attr = nullptr;
  std::string text;
  bool ok = dwarf_next_cu_header_d((*reader)->debug(), true, &length, &version, &abbrev, &address_size, &size,
                                   &extension, &signature, &type_offset, &next, &kind, &error) == DW_DLV_OK &&
            dwarf_siblingof_b((*reader)->debug(), nullptr, true, &unit, &error) == DW_DLV_OK &&
            dwarf_attr(unit, DW_AT_location, &attr, &error) == DW_DLV_OK && read_expression(attr, &text);
  return ok ? text : "?";
}

bool dump_location_list(Dwarf_Attribute attr, const ListText& text) {
  Dwarf_Error error = nullptr;
  Locations all;
  int code = dwarf_get_loclist_c(attr, &all.head, &all.count, &error);
  if (code != DW_DLV_OK) return code == DW_DLV_NO_ENTRY;
  bool ok = true;
  text.w.begin_list("locations", "");
  Location location;
  for (Dwarf_Unsigned i = 0; i < all.count && ok; i++) {
    ok = all.read(i, &location);
    if (ok && location.is_plain()) write_entry(location.begin, location.end, &location.operations, text);
  }
  text.w.end_list();
  return ok;
}

bool dump_range_list(Dwarf_Debug debug, Dwarf_Die die, Dwarf_Attribute attr, uint16_t version, const ListText& text) {
  Dwarf_Error error = nullptr;
  Dwarf_Half form = 0;
  Dwarf_Off offset = 0;
  if (dwarf_whatform(attr, &form, &error) != DW_DLV_OK) return false;
  int code = form == DW_FORM_rnglistx ? dwarf_formudata(attr, &offset, &error)
                                      : dwarf_global_formref(attr, &offset, &error);
  if (code != DW_DLV_OK) return false;
  text.w.begin_list("ranges", "");
  bool ok = version >= 5 ? dump_coded_ranges(attr, form, offset, text) : dump_plain_ranges(debug, die, offset, text);
  text.w.end_list();
  return ok;
}

}  // namespace dovetail::inspect
