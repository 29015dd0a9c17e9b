// Function information of an object: argument and frame size, the inline tree, and the pc tables, which say for each pc
// the stack depth, the file, the line, the inlined call, and the values that the runtime asks for (PCDATA).
#include "base/text.h"
#include "inspect/dump.h"
#include "inspect/dump_pc_table.h"

namespace dovetail::inspect {
namespace {

using objfmt::Aux;
using objfmt::AuxKind;
using objfmt::FuncInfo;

class FuncDumper {
 public:
  FuncDumper(const DumpObject& o, uint32_t func, DumpWriter& w) : o_(o), func_(func), w_(w) {
    for (Aux a : o.view.auxs(func)) {
      if (a.kind == AuxKind::kFuncInfo) info_ = FuncInfo(data(a));
    }
  }

  bool has_info() const { return info_.valid(); }

  void dump() {
    w_.begin_row();
    w_.number("number", func_, Show::value(0, "#"));
    w_.text("name", o_.names.symbol(func_), Show::value());
    w_.text("abi", abi_name(o_.view.abi(func_)), Show::value());
    w_.number("size", o_.view.size(func_));
    w_.number("args", static_cast<int32_t>(info_.args()));
    w_.number("locals", info_.locals());
    w_.text("func_id", func_id_name(info_.func_id()));
    w_.words("flags", func_flag_names(info_.flags()));
    w_.number("start_line", info_.start_line());
    files();
    inline_tree();
    tables();
    funcdata();
    w_.end_row();
  }

 private:
  base::Bytes data(Aux a) const {
    std::optional<uint32_t> i = o_.names.local(a.target);
    return i && *i < o_.view.def_count() ? o_.view.data(*i) : base::Bytes();
  }

  std::string file(uint32_t number) const {
    return number < o_.view.file_count() ? std::string(o_.view.file(number)) : base::concat("(no file ", number, ")");
  }

  void files() {
    w_.begin_list("files", "");
    for (uint32_t i = 0; i < info_.file_count(); i++) {
      w_.begin_row();
      w_.number("number", info_.file(i), Show::value(0, "file "));
      w_.text("file", file(info_.file(i)), Show::value());
      w_.end_row();
    }
    w_.end_list();
  }

  void inline_tree() {
    w_.begin_list("inline_tree", "");
    for (uint32_t i = 0; i < info_.inline_count(); i++) {
      objfmt::InlineNode n = info_.inline_node(i);
      w_.begin_row();
      w_.number("number", i, Show::value(0, "inlined "));
      w_.number("parent", n.parent, Show::value(0, "in "));
      w_.hex("parent_pc", static_cast<uint32_t>(n.parent_pc), Show::value(0, "at "));
      w_.text("function", o_.names.target(n.func), Show::value());
      w_.text("file", file(n.file), Show::value(0, "called from "));
      w_.number("line", n.line, Show{});
      w_.end_row();
    }
    w_.end_list();
  }

  void tables() {
    w_.begin_list("pc_tables", "");
    size_t pcdata = 0;
    for (Aux a : o_.view.auxs(func_)) {
      if (a.kind < AuxKind::kPcsp || a.kind > AuxKind::kPcdata) continue;
      std::string name(aux_kind_name(a.kind));
      if (a.kind == AuxKind::kPcdata) {
        name = base::concat("pcdata[", pcdata, "] ", pcdata_name(pcdata));
        pcdata++;
      }
      base::Bytes table = data(a);
      if (table.empty()) continue;
      dump_pc_table(name, PcTable(table, 0, o_.is_arm64 ? 4 : 1), [&](int32_t value) {
        return a.kind == AuxKind::kPcfile && value >= 0 ? file(static_cast<uint32_t>(value)) : std::string();
      }, w_);
    }
    w_.end_list();
  }

  void funcdata() {
    w_.begin_list("funcdata", "");
    size_t number = 0;
    for (Aux a : o_.view.auxs(func_)) {
      if (a.kind != AuxKind::kFuncdata) continue;
      size_t n = number++;
      if (a.target.is_nil()) continue;
      w_.begin_row();
      w_.number("number", static_cast<int64_t>(n), Show::value(0, "funcdata "));
      w_.text("name", funcdata_name(n), Show::value());
      w_.text("symbol", o_.names.target(a.target), Show::value());
      w_.bytes("data", data(a), Show::value());
      w_.end_row();
    }
    w_.end_list();
  }

  const DumpObject& o_;
  uint32_t func_;
  DumpWriter& w_;
  FuncInfo info_;
};

}  // namespace

void dump_object_funcs(const DumpObject& o, const DumpOptions& options, DumpWriter& w) {
  w.begin_list("functions", "functions:");
  for (uint32_t i = 0; i < o.view.def_count(); i++) {
    if (!objfmt::is_text(o.view.kind(i)) || !o.wanted(i, options)) continue;
    FuncDumper dumper(o, i, w);
    if (dumper.has_info()) dumper.dump();
  }
  w.end_list();
}

}  // namespace dovetail::inspect
