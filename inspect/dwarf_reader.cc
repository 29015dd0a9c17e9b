#include "inspect/dwarf_reader.h"

#include "base/text.h"

namespace dovetail::inspect {
namespace {

using Sections = std::vector<DwarfSection>;

// libdwarf takes section 0 for the null section that ELF files begin with.
int section_info(void* object, Dwarf_Half index, Dwarf_Obj_Access_Section* out, int*) {
  const Sections& sections = *static_cast<Sections*>(object);
  *out = {};
  out->name = "";
  if (index > sections.size()) return DW_DLV_NO_ENTRY;
  if (index == 0) return DW_DLV_OK;
  const DwarfSection& s = sections[index - 1u];
  out->addr = s.address;
  out->type = 1;  // SHT_PROGBITS
  out->size = s.bytes.size();
  out->name = s.name.c_str();
  return DW_DLV_OK;
}
Dwarf_Endianness byte_order(void*) { return DW_OBJECT_LSB; }
Dwarf_Small length_size(void*) { return 4; }
Dwarf_Small pointer_size(void*) { return 8; }
Dwarf_Unsigned section_count(void* object) { return static_cast<Sections*>(object)->size() + 1; }
int load_section(void* object, Dwarf_Half index, Dwarf_Small** bytes, int*) {
  const Sections& sections = *static_cast<Sections*>(object);
  if (index == 0 || index > sections.size()) return DW_DLV_NO_ENTRY;
  *bytes = const_cast<Dwarf_Small*>(sections[index - 1u].bytes.data());
  return DW_DLV_OK;
}
constexpr Dwarf_Obj_Access_Methods kMethods = {section_info,  byte_order,   length_size, pointer_size,
                                               section_count, load_section, nullptr};

}  // namespace

DwarfReader::DwarfReader(Sections sections) : sections_(std::move(sections)), access_{&sections_, &kMethods} {}

absl::StatusOr<std::unique_ptr<DwarfReader>> DwarfReader::open(Sections sections) {
  std::unique_ptr<DwarfReader> reader(new DwarfReader(std::move(sections)));
  Dwarf_Error error = nullptr;
  int code = dwarf_object_init_b(&reader->access_, nullptr, nullptr, DW_GROUPNUMBER_ANY, &reader->debug_, &error);
  if (code == DW_DLV_OK) return reader;
  reader->debug_ = nullptr;
  return absl::DataLossError(code == DW_DLV_ERROR ? dwarf_errmsg(error) : "there is no debug information");
}

DwarfReader::~DwarfReader() {
  Dwarf_Error error = nullptr;
  if (debug_ != nullptr) dwarf_object_finish(debug_, &error);
}

}  // namespace dovetail::inspect
