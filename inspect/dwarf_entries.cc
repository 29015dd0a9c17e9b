#include "inspect/dwarf_entries.h"

#include <dwarf.h>

#include <algorithm>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"
#include "base/text.h"
#include "inspect/dwarf_lists.h"

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
    list(die, attr, name, form, depth);
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
        if (form == DW_FORM_sdata || form == DW_FORM_implicit_const) {
          return answered(dwarf_formsdata(attr, &signed_number, &error)) ? std::to_string(signed_number) : "?";
        }
        return answered(dwarf_formudata(attr, &number, &error)) ? std::to_string(number) : "?";
      case DW_FORM_CLASS_REFERENCE: return reference(attr, refers);
      // Go writes expressions as blocks, also in version 5.
      case DW_FORM_CLASS_BLOCK:
        return name == DW_AT_location || name == DW_AT_frame_base ? expression(attr) : block(attr);
      case DW_FORM_CLASS_EXPRLOC: return expression(attr);
      case DW_FORM_CLASS_LOCLIST:
      case DW_FORM_CLASS_LOCLISTPTR:
      case DW_FORM_CLASS_RNGLIST:
      case DW_FORM_CLASS_RANGELISTPTR: return list_place(attr, form);
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

  std::string expression(Dwarf_Attribute attr) {
    std::string text;
    ok_ &= read_expression(attr, &text);
    return text;
  }

  // The offset of a list, or its number in the unit's table of them.
  std::string list_place(Dwarf_Attribute attr, Dwarf_Half form) {
    Dwarf_Error error = nullptr;
    Dwarf_Unsigned index = 0;
    if (form != DW_FORM_loclistx && form != DW_FORM_rnglistx) return offset(attr);
    return dwarf_formudata(attr, &index, &error) == DW_DLV_OK ? base::concat("index ", index) : "?";
  }

  // What a list holds. Of an object, its bytes are a symbol of their own.
  void list(Dwarf_Die die, Dwarf_Attribute attr, Dwarf_Half name, Dwarf_Half form, int depth) {
    if (options_.relocation != nullptr) return;
    ListText text{*w_, base::concat(std::string(10, ' '), step_in(depth))};
    switch (dwarf_get_form_class(version_, name, 4, form)) {
      case DW_FORM_CLASS_LOCLIST:
      case DW_FORM_CLASS_LOCLISTPTR: ok_ &= dump_location_list(attr, text); break;
      case DW_FORM_CLASS_RNGLIST:
      case DW_FORM_CLASS_RANGELISTPTR:
        if (name == DW_AT_ranges) ok_ &= dump_range_list(debug_, die, attr, version_, text);
        break;
      default: break;
    }
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
