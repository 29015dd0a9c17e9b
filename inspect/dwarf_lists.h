// Location lists, range lists and location expressions of debug information, with addresses as they are in memory.
#pragma once

#include <string>

#include "base/bytes.h"
#include "inspect/dump_writer.h"
#include "inspect/dwarf_reader.h"

namespace dovetail::inspect {

// An attribute's location expression: "DW_OP_fbreg -8 DW_OP_piece 8". False: damaged.
bool read_expression(Dwarf_Attribute attr, std::string* text);
// Of the bytes of an expression; "?" if they are none.
std::string expression_text(base::Bytes bytes);

// Where the rows of a list go, and how far to the right the text has them.
struct ListText {
  DumpWriter& w;
  std::string indent;
};
// An attribute's location list, as a list "locations" of the row that is open. False: damaged.
bool dump_location_list(Dwarf_Attribute attr, const ListText& text);
// An entry's range list (DW_AT_ranges), as a list "ranges".
bool dump_range_list(Dwarf_Debug debug, Dwarf_Die die, Dwarf_Attribute attr, uint16_t version, const ListText& text);

}  // namespace dovetail::inspect
