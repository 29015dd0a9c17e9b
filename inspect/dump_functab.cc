// Functions of an image, by the pclntab.
#include <algorithm>

#include "base/text.h"
#include "inspect/dump_image.h"
#include "inspect/dump_pc_table.h"

namespace dovetail::inspect {
namespace {

// Words of a _func (inspect/go_tables.h).
constexpr size_t kArgs = 2, kDeferreturn = 3, kPcsp = 4, kPcfile = 5, kPcln = 6, kStartLine = 9, kLast = 10,
                 kFirstPcdata = 11;
constexpr uint32_t kNone = UINT32_MAX, kInlineTreePcdata = 2, kInlineTreeFuncdata = 3;
constexpr size_t kInlinedCallSize = 16;

// No table of a Go function is that long; what damaged bytes claim is cut there.
constexpr size_t kMostInlined = 1 << 16;

class Function {
 public:
  Function(const NamedImage& image, uint64_t index)
      : image_(image), tab_(image.pclntab()), record_(tab_.func(index)), quantum_(image.is_arm64() ? 4 : 1) {
    uint64_t end = std::max<uint64_t>(tab_.entry_off(index + 1), record_.entry_off);
    size_ = end - record_.entry_off;
  }

  std::string_view name() const { return tab_.name(record_); }

  // The cells of the row that is open; in text, the address first.
  void head(DumpWriter& w) const {
    w.hex("address", tab_.text + record_.entry_off, Show::value(10));
    w.number("size", static_cast<int64_t>(size_), Show::value(7));
    w.text("name", name(), Show::value());
    PcTable files(tab_.pctab, record_.word(kPcfile), quantum_);
    w.text("file", files.next() ? tab_.file(record_, files.value()) : std::string_view(), Show::value());
    w.number("start_line", static_cast<int32_t>(record_.word(kStartLine)), Show::value());
  }

  void details(DumpWriter& w) const {
    w.number("args", static_cast<int32_t>(record_.word(kArgs)));
    w.hex("deferreturn", record_.word(kDeferreturn));
    w.text("func_id", func_id_name(static_cast<uint8_t>(record_.word(kLast))));
    w.words("flags", func_flag_names(static_cast<uint8_t>(record_.word(kLast) >> 8)));
    inline_tree(w);
    w.begin_list("pc_tables", "");
    table("pcsp", record_.word(kPcsp), w);
    table("pcfile", record_.word(kPcfile), w);
    table("pcline", record_.word(kPcln), w);
    for (size_t i = 0; i < pcdata_count(); i++) {
      table(base::concat("pcdata[", i, "] ", pcdata_name(i)), record_.word(kFirstPcdata + i), w);
    }
    w.end_list();
    funcdata(w);
  }

 private:
  // Bounded by the record.
  size_t pcdata_count() const {
    size_t words = record_.words();
    return std::min<size_t>(record_.npcdata(), words - std::min(words, kFirstPcdata));
  }

  void table(std::string_view name, uint32_t offset, DumpWriter& w) const {
    if (offset == 0) return;
    dump_pc_table(name, PcTable(tab_.pctab, offset, quantum_), [&](int32_t value) {
      return name == "pcfile" && value >= 0 ? std::string(tab_.file(record_, value)) : std::string();
    }, w);
  }

  // The tree has as many calls as the pc table has numbers for.
  size_t inlined_count() const {
    if (pcdata_count() <= kInlineTreePcdata) return 0;
    uint32_t offset = record_.word(kFirstPcdata + kInlineTreePcdata);
    size_t count = 0;
    PcTable table(tab_.pctab, offset, quantum_);
    while (offset != 0 && table.next()) {
      if (table.value() >= 0) count = std::max<size_t>(count, static_cast<size_t>(table.value()) + 1);
    }
    return std::min(count, kMostInlined);
  }

  uint32_t funcdata_offset(size_t i) const {
    size_t word = kFirstPcdata + pcdata_count() + i;
    return i < record_.nfuncdata() && word < record_.words() ? record_.word(word) : kNone;
  }

  // inlinedCall: funcID u8, pad[3], nameOff, parentPc, startLine (4 each).
  void inline_tree(DumpWriter& w) const {
    w.begin_list("inline_tree", "");
    uint32_t offset = funcdata_offset(kInlineTreeFuncdata);
    for (size_t i = 0, n = offset == kNone ? 0 : inlined_count(); i < n; i++) {
      base::Bytes call = base::subrange(tab_.gofunc, offset + i * kInlinedCallSize, kInlinedCallSize);
      if (call.empty()) break;
      w.begin_row();
      w.number("number", static_cast<int64_t>(i), Show::value(0, "inlined "));
      w.hex("parent_pc", base::load32(call.data() + 8), Show::value(0, "at "));
      w.text("function", objfmt::ImageView::string_at(tab_.names, base::load32(call.data() + 4)), Show::value());
      w.text("func_id", func_id_name(call[0]));
      w.number("start_line", static_cast<int32_t>(base::load32(call.data() + 12)));
      w.end_row();
    }
    w.end_list();
  }

  void funcdata(DumpWriter& w) const {
    w.begin_list("funcdata", "");
    for (size_t i = 0; i < record_.nfuncdata(); i++) {
      uint32_t offset = funcdata_offset(i);
      if (offset == kNone) continue;
      w.begin_row();
      w.number("number", static_cast<int64_t>(i), Show::value(0, "funcdata "));
      w.text("name", funcdata_name(i), Show::value());
      w.hex("address", image_.module().gofunc() + offset, Show::value());
      w.end_row();
    }
    w.end_list();
  }

  const NamedImage& image_;
  const Pclntab& tab_;
  FuncRecord record_;
  uint8_t quantum_;
  uint64_t size_;
};

void dump_functions(const NamedImage& image, const DumpOptions& options, bool details, DumpWriter& w) {
  for (uint64_t i = 0; i < image.pclntab().count; i++) {
    Function f(image, i);
    if (!options.wants(f.name())) continue;
    w.begin_row();
    f.head(w);
    if (details) f.details(w);
    w.end_row();
  }
}

}  // namespace

void dump_functab(const NamedImage& image, const DumpOptions& options, DumpWriter& w) {
  w.begin_list("functab", "functab (address, size, name, file, first line):");
  dump_functions(image, options, false, w);
  w.end_list();
}

void dump_image_funcs(const NamedImage& image, const DumpOptions& options, DumpWriter& w) {
  w.begin_list("functions", "functions:");
  dump_functions(image, options, true, w);
  w.end_list();
}

}  // namespace dovetail::inspect
