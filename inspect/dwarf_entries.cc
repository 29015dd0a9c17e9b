#include "inspect/dwarf_entries.h"

#include <dwarf.h>

#include <algorithm>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"
#include "base/text.h"

namespace dovetail::inspect {
namespace {

// Go's own attributes (cmd/internal/dwarf/dwarf.go, Go 1.26), which libdwarf does not name.
std::string attribute_name(unsigned at) {
  static constexpr const char* kGo[] = {"go_kind", "go_key", "go_elem", "go_embedded_field", "go_runtime_type",
                                        "go_package_name", "go_dict_index", "go_closure_offset"};
  if (at >= 0x2900 && at < 0x2900 + std::size(kGo)) return base::concat("DW_AT_", kGo[at - 0x2900]);
  const char* name = nullptr;
  return dwarf_get_AT_name(at, &name) == DW_DLV_OK ? name : absl::StrFormat("DW_AT_0x%x", at);
}

std::string tag_name(unsigned tag) {
  const char* name = nullptr;
  return dwarf_get_TAG_name(tag, &name) == DW_DLV_OK ? name : absl::StrFormat("DW_TAG_0x%x", tag);
}

std::string form_name(unsigned form) {
  const char* name = nullptr;
  return dwarf_get_FORM_name(form, &name) == DW_DLV_OK ? name : absl::StrFormat("DW_FORM_0x%x", form);
}

std::string entry_name(Dwarf_Die die) {
  char* name = nullptr;
  Dwarf_Error error = nullptr;
  return dwarf_diename(die, &name, &error) == DW_DLV_OK ? name : "";
}

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

class EntryDumper {
 public:
  EntryDumper(const DwarfReader& reader, uint16_t version, const EntryOptions& options, DumpWriter* w)
      : debug_(reader.debug()), version_(version), options_(options), w_(w) {}

  // Depth first, without recursion.
  bool walk(Dwarf_Die top, bool* found) {
    struct Open {
      Dwarf_Die die;
      int depth;
    };
    std::vector<Open> open = {{top, 0}};
    int chosen = options_.name.empty() ? 0 : kNothing;  // entries from this depth on are written
    while (!open.empty()) {
      auto [die, depth] = open.back();
      open.pop_back();
      if (depth <= chosen && !options_.name.empty()) chosen = kNothing;
      if (chosen == kNothing && entry_name(die) == options_.name) chosen = depth, *found = true;
      if (depth >= chosen && w_ != nullptr) entry(die, depth);
      Dwarf_Error error = nullptr;
      Dwarf_Die other = nullptr;
      if (depth > 0 && answered(dwarf_siblingof_b(debug_, die, true, &other, &error))) open.push_back({other, depth});
      if (answered(dwarf_child(die, &other, &error))) open.push_back({other, depth + 1});
      dwarf_dealloc(debug_, die, DW_DLA_DIE);
    }
    return ok_;
  }

 private:
  static constexpr int kNothing = INT32_MAX;

  // How far the text of an entry stands to the right.
  static std::string step_in(int depth) { return std::string(2 * static_cast<size_t>(std::min(depth, 100)), ' '); }

  bool answered(int code) {
    ok_ &= code != DW_DLV_ERROR;
    return code == DW_DLV_OK;
  }

  void entry(Dwarf_Die die, int depth) {
    Dwarf_Error error = nullptr;
    Dwarf_Off offset = 0;
    Dwarf_Half tag = 0;
    answered(dwarf_dieoffset(die, &offset, &error));
    answered(dwarf_tag(die, &tag, &error));
    w_->begin_row();
    w_->hex("offset", offset - options_.base, Show::value(8));
    w_->number("depth", depth, Show::hidden());
    if (w_->json()) w_->text("tag", tag_name(tag));
    else w_->text("tag", base::concat(step_in(depth), tag_name(tag)), Show::value());
    Dwarf_Attribute* list = nullptr;
    Dwarf_Signed count = 0;
    w_->begin_list("attributes", "");
    if (answered(dwarf_attrlist(die, &list, &count, &error))) {
      for (Dwarf_Signed i = 0; i < count; i++) attribute(die, depth, list[i], i + 1 < count ? list[i + 1] : nullptr);
      for (Dwarf_Signed i = 0; i < count; i++) dwarf_dealloc(debug_, list[i], DW_DLA_ATTR);
      dwarf_dealloc(debug_, list, DW_DLA_LIST);
    }
    w_->end_list();
    w_->end_row();
  }

  void attribute(Dwarf_Die die, int depth, Dwarf_Attribute attr, Dwarf_Attribute next) {
    Dwarf_Error error = nullptr;
    Dwarf_Half name = 0, form = 0;
    if (!answered(dwarf_whatattr(attr, &name, &error)) || !answered(dwarf_whatform(attr, &form, &error))) return;
    std::string refers;
    if (options_.relocation != nullptr) refers = relocation(die, attr, next, form);
    w_->begin_row();
    if (!w_->json()) w_->text("", base::concat(std::string(8, ' '), step_in(depth)), Show::value());
    w_->text("name", attribute_name(name), Show::value(-24));
    w_->text("form", form_name(form), Show::hidden());
    w_->text("value", value(attr, name, form, &refers), Show::value());
    w_->text("refers_to", refers, refers.empty() ? Show::hidden() : Show::value(0, "-> "));
    w_->end_row();
  }

  // Of the forms that Go's compiler writes; 0 where no relocation can be.
  uint64_t size_of(Dwarf_Attribute attr, Dwarf_Half form) {
    Dwarf_Error error = nullptr;
    Dwarf_Block* block = nullptr;
    switch (form) {
      case DW_FORM_addr: return 8;
      case DW_FORM_ref_addr: case DW_FORM_sec_offset: case DW_FORM_data4: return 4;
      case DW_FORM_addrx: case DW_FORM_udata: return 1;
      case DW_FORM_block1: {
        if (!answered(dwarf_formblock(attr, &block, &error))) return 0;
        uint64_t size = 1 + block->bl_len;
        dwarf_dealloc(debug_, block, DW_DLA_BLOCK);
        return size;
      }
      default: return 0;
    }
  }

  // The bytes of an attribute reach to the next one; those of the last are told by the form.
  std::string relocation(Dwarf_Die die, Dwarf_Attribute attr, Dwarf_Attribute next, Dwarf_Half form) {
    Dwarf_Error error = nullptr;
    Dwarf_Off begin = 0, end = 0;
    if (!answered(dwarf_attr_offset(die, attr, &begin, &error))) return "";
    if (next == nullptr || dwarf_attr_offset(die, next, &end, &error) != DW_DLV_OK) end = begin + size_of(attr, form);
    return (*options_.relocation)(begin, end);
  }

  std::string value(Dwarf_Attribute attr, Dwarf_Half name, Dwarf_Half form, std::string* refers) {
    Dwarf_Error error = nullptr;
    Dwarf_Unsigned number = 0;
    Dwarf_Signed signed_number = 0;
    switch (dwarf_get_form_class(version_, name, 4, form)) {
      case DW_FORM_CLASS_STRING: {
        char* text = nullptr;
        return answered(dwarf_formstring(attr, &text, &error)) ? text : "?";
      }
      case DW_FORM_CLASS_FLAG: {
        Dwarf_Bool flag = false;
        return !answered(dwarf_formflag(attr, &flag, &error)) ? "?" : flag ? "true" : "false";
      }
      case DW_FORM_CLASS_CONSTANT:
        if (form == DW_FORM_sdata) {
          return answered(dwarf_formsdata(attr, &signed_number, &error)) ? std::to_string(signed_number) : "?";
        }
        return answered(dwarf_formudata(attr, &number, &error)) ? std::to_string(number) : "?";
      case DW_FORM_CLASS_REFERENCE: return reference(attr, refers);
      // Go writes expressions as blocks, also in version 5.
      case DW_FORM_CLASS_BLOCK:
        return name == DW_AT_location || name == DW_AT_frame_base ? locations(attr) : block(attr);
      case DW_FORM_CLASS_EXPRLOC: return locations(attr);
      case DW_FORM_CLASS_LOCLIST:
      case DW_FORM_CLASS_LOCLISTPTR:
        return options_.relocation == nullptr ? locations(attr) : offset(attr);
      case DW_FORM_CLASS_ADDRESS: return address(attr, form);
      default:
        // Go's own attributes are of no class that libdwarf knows.
        if (form == DW_FORM_addr || form == DW_FORM_addrx) return address(attr, form);
        if (form == DW_FORM_ref_addr) return reference(attr, refers);
        if (form == DW_FORM_udata || form == DW_FORM_data1) {
          return answered(dwarf_formudata(attr, &number, &error)) ? std::to_string(number) : "?";
        }
        return offset(attr);
    }
  }

  std::string address(Dwarf_Attribute attr, Dwarf_Half form) {
    Dwarf_Error error = nullptr;
    Dwarf_Addr at = 0;
    Dwarf_Unsigned index = 0;
    // An index of an object leads nowhere yet.
    if (options_.relocation != nullptr && form == DW_FORM_addrx) {
      return answered(dwarf_get_debug_addr_index(attr, &index, &error)) ? base::concat("index ", index) : "?";
    }
    return answered(dwarf_formaddr(attr, &at, &error)) ? absl::StrFormat("0x%x", at) : "?";
  }

  std::string offset(Dwarf_Attribute attr) {
    Dwarf_Error error = nullptr;
    Dwarf_Off at = 0;
    return answered(dwarf_global_formref(attr, &at, &error)) ? absl::StrFormat("0x%x", at) : "?";
  }

  std::string reference(Dwarf_Attribute attr, std::string* refers) {
    Dwarf_Error error = nullptr;
    Dwarf_Off at = 0;
    if (!answered(dwarf_global_formref(attr, &at, &error))) return "?";
    Dwarf_Die die = nullptr;
    if (options_.relocation == nullptr && answered(dwarf_offdie_b(debug_, at, true, &die, &error))) {
      *refers = entry_name(die);
      dwarf_dealloc(debug_, die, DW_DLA_DIE);
    }
    return absl::StrFormat("0x%x", at);
  }

  std::string block(Dwarf_Attribute attr) {
    Dwarf_Error error = nullptr;
    Dwarf_Block* block = nullptr;
    if (!answered(dwarf_formblock(attr, &block, &error))) return "?";
    std::string text = absl::BytesToHexString({static_cast<const char*>(block->bl_data), block->bl_len});
    dwarf_dealloc(debug_, block, DW_DLA_BLOCK);
    return text;
  }

  // An expression, or a list: "[0x401000, 0x401020) DW_OP_fbreg -8; …".
  std::string locations(Dwarf_Attribute attr) {
    Dwarf_Error error = nullptr;
    Dwarf_Loc_Head_c head = nullptr;
    Dwarf_Unsigned count = 0;
    if (!answered(dwarf_get_loclist_c(attr, &head, &count, &error))) return "?";
    std::string text;
    for (Dwarf_Unsigned i = 0; i < count; i++) {
      Dwarf_Small kind = 0, source = 0;
      Dwarf_Unsigned raw_low = 0, raw_high = 0, operations = 0, at = 0, list_at = 0;
      Dwarf_Bool unavailable = false;
      Dwarf_Addr low = 0, high = 0;
      Dwarf_Locdesc_c place = nullptr;
      if (!answered(dwarf_get_locdesc_entry_d(head, i, &kind, &raw_low, &raw_high, &unavailable, &low, &high,
                                              &operations, &place, &source, &at, &list_at, &error))) {
        break;
      }
      bool in_list = source != 0;
      if (in_list && (kind == DW_LLE_end_of_list || kind == DW_LLE_base_addressx || kind == DW_LLE_base_address)) {
        continue;
      }
      if (!text.empty()) text += "; ";
      if (in_list) absl::StrAppendFormat(&text, "[0x%x, 0x%x)", low, high);
      for (Dwarf_Unsigned k = 0; k < operations; k++) operation(place, k, &text);
    }
    dwarf_loc_head_c_dealloc(head);
    return text;
  }

  void operation(Dwarf_Locdesc_c place, Dwarf_Unsigned k, std::string* text) {
    Dwarf_Error error = nullptr;
    Dwarf_Small op = 0;
    Dwarf_Unsigned a = 0, b = 0, c = 0, raw_a = 0, raw_b = 0, raw_c = 0, branch = 0;
    if (!answered(dwarf_get_location_op_value_d(place, k, &op, &a, &b, &c, &raw_a, &raw_b, &raw_c, &branch, &error))) {
      return;
    }
    const char* name = nullptr;
    if (!text->empty()) *text += ' ';
    *text += dwarf_get_OP_name(op, &name) == DW_DLV_OK ? name : absl::StrFormat("DW_OP_0x%x", op);
    unsigned operands = operand_count(op);
    if (operands > 0) {
      *text += op == DW_OP_addr ? absl::StrFormat(" 0x%x", a) : base::concat(" ", static_cast<int64_t>(a));
    }
    if (operands > 1) *text += base::concat(" ", static_cast<int64_t>(b));
  }

  Dwarf_Debug debug_;
  uint16_t version_;
  const EntryOptions& options_;
  DumpWriter* w_;
  bool ok_ = true;
};

}  // namespace

bool dump_entries(const DwarfReader& reader, Dwarf_Die top, uint16_t version, const EntryOptions& options,
                  DumpWriter* w, bool* found) {
  return EntryDumper(reader, version, options, w).walk(top, found);
}

}  // namespace dovetail::inspect
