#include "inspect/dwarf_lines.h"

#include <algorithm>

#include "base/text.h"

namespace dovetail::inspect {
namespace {

class LineTable {
 public:
  explicit LineTable(Dwarf_Line_Context context, Dwarf_Unsigned version) : context_(context), version_(version) {}
  ~LineTable() { dwarf_srclines_dealloc_b(context_); }
  LineTable(const LineTable&) = delete;
  LineTable& operator=(const LineTable&) = delete;

  bool dump(DumpWriter& w) {
    read_files();
    Dwarf_Error error = nullptr;
    Dwarf_Line* table = nullptr;
    Dwarf_Signed count = 0;
    int code = dwarf_srclines_from_linecontext(context_, &table, &count, &error);
    if (code != DW_DLV_OK) return code == DW_DLV_NO_ENTRY;
    for (Dwarf_Signed i = 0; i < count; i++) dump_line(table[i], w);
    return true;
  }

 private:
  void read_files() {
    Dwarf_Error error = nullptr;
    Dwarf_Signed base = 0, count = 0, end = 0;
    if (dwarf_srclines_files_indexes(context_, &base, &count, &end, &error) != DW_DLV_OK) return;
    files_.resize(static_cast<size_t>(std::max<Dwarf_Signed>(base, 0)), "?");
    for (Dwarf_Signed i = base; i < end; i++) {
      const char* name = nullptr;
      Dwarf_Unsigned directory = 0, time = 0, length = 0;
      Dwarf_Form_Data16* md5 = nullptr;
      int code = dwarf_srclines_files_data_b(context_, i, &name, &directory, &time, &length, &md5, &error);
      if (code != DW_DLV_OK) return;
      files_.push_back(path(directory, name));
    }
  }

  std::string path(Dwarf_Unsigned directory, std::string_view name) const {
    Dwarf_Error error = nullptr;
    const char* text = nullptr;
    auto number = static_cast<Dwarf_Signed>(directory);
    bool named = dwarf_srclines_include_dir_data(context_, number, &text, &error) == DW_DLV_OK;
    bool plain = !named || std::string_view(text) == "." || name.starts_with('/');
    return plain ? std::string(name) : base::concat(text, "/", name);
  }

  void dump_line(Dwarf_Line row, DumpWriter& w) const {
    Dwarf_Error error = nullptr;
    Dwarf_Addr address = 0;
    Dwarf_Unsigned line = 0, file = 0;
    Dwarf_Bool end = false, statement = false;
    dwarf_lineaddr(row, &address, &error);
    dwarf_lineno(row, &line, &error);
    dwarf_line_srcfileno(row, &file, &error);
    // A sequence begins with file 1 in version 5 too (DWARF 5, section 6.2.2); libdwarf 20210528 begins it with 0,
    // where Go's linker has "?" and others the same file again.
    if (version_ >= 5 && file == 0) file = 1;
    dwarf_lineendsequence(row, &end, &error);
    dwarf_linebeginstatement(row, &statement, &error);
    w.begin_row();
    w.hex("address", address, Show::value(10));
    w.text("file", file < files_.size() ? std::string_view(files_[file]) : "?", Show::value());
    w.number("line", static_cast<int64_t>(line), Show::value());
    w.flag("statement", statement);
    w.flag("end", end);
    w.end_row();
  }

  Dwarf_Line_Context context_;
  Dwarf_Unsigned version_;
  std::vector<std::string> files_;
};

}  // namespace

bool dump_lines(Dwarf_Die unit, DumpWriter& w) {
  Dwarf_Error error = nullptr;
  Dwarf_Unsigned version = 0;
  Dwarf_Small tables = 0;
  Dwarf_Line_Context context = nullptr;
  w.begin_list("lines", "lines:");
  int code = dwarf_srclines_b(unit, &version, &tables, &context, &error);
  bool ok = code == DW_DLV_OK ? LineTable(context, version).dump(w) : code == DW_DLV_NO_ENTRY;
  w.end_list();
  return ok;
}

}  // namespace dovetail::inspect
