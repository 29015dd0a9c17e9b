// Names of DWARF tags, attributes and forms, as far as Go's compiler and linker use them
// (src/cmd/internal/dwarf/dwarf_defs.go, Go 1.26; DWARF 5, section 7.5).
#include <iterator>

#include "absl/strings/str_format.h"
#include "linker/cli/diff_dwarf.h"

namespace dovetail::linker::diff::dw {
namespace {

struct Name {
  uint16_t value;
  const char* name;
};

constexpr Name kTags[] = {
    {0x01, "array_type"},
    {0x02, "class_type"},
    {0x04, "enumeration_type"},
    {0x05, "formal_parameter"},
    {0x08, "imported_declaration"},
    {0x0b, "lexical_block"},
    {0x0d, "member"},
    {0x0f, "pointer_type"},
    {0x10, "reference_type"},
    {0x11, "compile_unit"},
    {0x12, "string_type"},
    {0x13, "structure_type"},
    {0x15, "subroutine_type"},
    {0x16, "typedef"},
    {0x17, "union_type"},
    {0x18, "unspecified_parameters"},
    {0x19, "variant"},
    {0x1d, "inlined_subroutine"},
    {0x21, "subrange_type"},
    {0x24, "base_type"},
    {0x26, "const_type"},
    {0x27, "constant"},
    {0x28, "enumerator"},
    {0x2e, "subprogram"},
    {0x34, "variable"},
    {0x35, "volatile_type"},
    {0x38, "interface_type"},
    {0x39, "namespace"},
    {0x3b, "unspecified_type"},
    {0x3c, "partial_unit"},
    {0x41, "type_unit"},
    {0x48, "call_site"},
    {0x4a, "skeleton_unit"},
};
constexpr Name kAts[] = {
    {0x01, "sibling"},
    {0x02, "location"},
    {0x03, "name"},
    {0x09, "ordering"},
    {0x0b, "byte_size"},
    {0x0c, "bit_offset"},
    {0x0d, "bit_size"},
    {0x10, "stmt_list"},
    {0x11, "low_pc"},
    {0x12, "high_pc"},
    {0x13, "language"},
    {0x1b, "comp_dir"},
    {0x1c, "const_value"},
    {0x1e, "default_value"},
    {0x20, "inline"},
    {0x21, "is_optional"},
    {0x22, "lower_bound"},
    {0x25, "producer"},
    {0x27, "prototyped"},
    {0x2e, "bit_stride"},
    {0x2f, "upper_bound"},
    {0x31, "abstract_origin"},
    {0x32, "accessibility"},
    {0x34, "artificial"},
    {0x37, "count"},
    {0x38, "data_member_location"},
    {0x39, "decl_column"},
    {0x3a, "decl_file"},
    {0x3b, "decl_line"},
    {0x3c, "declaration"},
    {0x3e, "encoding"},
    {0x3f, "external"},
    {0x40, "frame_base"},
    {0x47, "specification"},
    {0x49, "type"},
    {0x4b, "variable_parameter"},
    {0x4d, "vtable_elem_location"},
    {0x50, "data_location"},
    {0x51, "byte_stride"},
    {0x52, "entry_pc"},
    {0x55, "ranges"},
    {0x56, "trampoline"},
    {0x57, "call_column"},
    {0x58, "call_file"},
    {0x59, "call_line"},
    {0x5a, "description"},
    {0x72, "str_offsets_base"},
    {0x73, "addr_base"},
    {0x74, "rnglists_base"},
    {0x8c, "loclists_base"},
    {0x2900, "go_kind"},
    {0x2901, "go_key"},
    {0x2902, "go_elem"},
    {0x2903, "go_embedded_field"},
    {0x2904, "go_runtime_type"},
    {0x2905, "go_package_name"},
    {0x2906, "go_dict_index"},
    {0x2907, "go_closure_offset"},
};
constexpr Name kForms[] = {
    {0x01, "addr"},     {0x03, "block2"},         {0x04, "block4"},   {0x05, "data2"},
    {0x06, "data4"},    {0x07, "data8"},          {0x08, "string"},   {0x09, "block"},
    {0x0a, "block1"},   {0x0b, "data1"},          {0x0c, "flag"},     {0x0d, "sdata"},
    {0x0e, "strp"},     {0x0f, "udata"},          {0x10, "ref_addr"}, {0x11, "ref1"},
    {0x12, "ref2"},     {0x13, "ref4"},           {0x14, "ref8"},     {0x15, "ref_udata"},
    {0x16, "indirect"}, {0x17, "sec_offset"},     {0x18, "exprloc"},  {0x19, "flag_present"},
    {0x1a, "strx"},     {0x1b, "addrx"},          {0x1e, "data16"},   {0x1f, "line_strp"},
    {0x20, "ref_sig8"}, {0x21, "implicit_const"}, {0x22, "loclistx"}, {0x23, "rnglistx"},
    {0x29, "addrx1"},   {0x2a, "addrx2"},         {0x2b, "addrx3"},   {0x2c, "addrx4"},
};

template <size_t N>
std::string find(const Name (&names)[N], const char* prefix, uint64_t value) {
  for (const Name& n : names) {
    if (n.value == value) return n.name;
  }
  return absl::StrFormat("%s_%#x", prefix, value);
}

}  // namespace

std::string tag_name(uint64_t tag) { return find(kTags, "DW_TAG", tag); }
std::string at_name(uint64_t at) { return "DW_AT_" + find(kAts, "?", at); }
std::string form_name(uint64_t form) { return "DW_FORM_" + find(kForms, "?", form); }

}  // namespace dovetail::linker::diff::dw
