#include "inspect/disassemble.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"
#include "base/text.h"
#include "inspect/instructions.h"
#include "inspect/named_image.h"
#include "inspect/object_targets.h"
#include "inspect/pc_table.h"

namespace dovetail::inspect {
namespace {

using objfmt::AuxKind;

constexpr uint8_t kInt3 = 0xcc;

// A pc table that is asked for ascending pcs.
class PcColumn {
 public:
  PcColumn(base::Bytes tables, uint32_t offset, uint8_t quantum) : table_(tables, offset, quantum) {}
  // The value at `pc`, from the function's entry; -1 if the table does not reach there.
  int32_t at(uint64_t pc) {
    while (more_ && pc >= table_.end()) more_ = table_.next();
    return more_ ? table_.value() : -1;
  }

 private:
  PcTable table_;
  bool more_ = true;
};

// The source's line, in front of the first instruction that was made from it.
void write_source(std::string_view line, DumpWriter& w) {
  constexpr std::string_view kBlank = " \t\f\v\r";
  size_t begin = line.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return;
  std::string_view text = line.substr(begin, line.find_last_not_of(kBlank) + 1 - begin);
  w.begin_row();
  w.text("source", text, Show::value(0, "; "));
  w.end_row();
}

// One function's lines of text. What differs between objects and images comes through `Source`:
// file(pc), line(pc) and refer(instruction, pc, writer).
template <class Source>
void write_code(InstructionReader& reader, base::Bytes code, uint64_t address, Source& source, SourceText* texts,
                DumpWriter& w) {
  w.begin_list("instructions", "");
  reader.start(code, address);
  Instruction in;
  std::string last;
  while (reader.next(&in)) {
    uint64_t pc = in.address - address;
    std::string file = source.file(pc);
    int32_t line = source.line(pc);
    std::optional<std::string_view> text;
    if (texts != nullptr) text = texts->line(file, line);
    // Beside the first instruction of a line only.
    std::string place = base::concat(file.substr(file.rfind('/') + 1), ":", line);
    if (!w.json() && text && place != last) write_source(*text, w);
    w.begin_row();
    if (w.json()) {
      w.text("file", file);
      w.number("line", line);
      if (text) w.text("source", *text);
      else w.null("source");
    } else {
      w.text("place", place == last ? "" : place, Show::value(-20));
      last = place;
    }
    w.hex("address", in.address, Show::value(8));
    w.text("bytes", absl::BytesToHexString(base::to_absl(base::as_text(in.bytes))), Show::value(-20));
    w.text("instruction", in.text, Show::value(-36));
    source.refer(in, pc, w);
    w.end_row();
  }
  w.end_list();
}

// Of an object: lines by the pc tables that its auxiliary symbols are, names by relocations.
class ObjectSource {
 public:
  ObjectSource(const DumpObject& o, uint32_t func, InstructionReader& reader)
      : o_(o),
        targets_(o, func, reader),
        file_(table(o, func, AuxKind::kPcfile), 0, quantum(o)),
        line_(table(o, func, AuxKind::kPcline), 0, quantum(o)) {
    for (objfmt::Reloc r : o.view.relocs(func)) relocs_.push_back(r);
    std::stable_sort(relocs_.begin(), relocs_.end(),
                     [](const objfmt::Reloc& a, const objfmt::Reloc& b) { return a.offset < b.offset; });
  }

  std::string file(uint64_t pc) {
    int32_t number = file_.at(pc);
    bool known = number >= 0 && static_cast<uint32_t>(number) < o_.view.file_count();
    return known ? std::string(o_.view.file(static_cast<uint32_t>(number))) : "?";
  }
  int32_t line(uint64_t pc) { return line_.at(pc); }

  void refer(const Instruction& in, uint64_t pc, DumpWriter& w) {
    std::optional<std::string> target = targets_.at(pc);
    std::vector<std::string> texts;
    if (w.json()) target ? w.text("target", *target) : w.null("target");
    if (w.json()) w.begin_list("relocations", "");
    for (; next_ < relocs_.size() && relocs_[next_].offset < static_cast<int64_t>(pc + in.bytes.size()); next_++) {
      const objfmt::Reloc& r = relocs_[next_];
      std::string name = o_.names.target(r.target);
      std::string_view type = objfmt::reloc_kind_name(r.kind);
      if (w.json()) {
        w.begin_row();
        w.number("offset", r.offset - static_cast<int64_t>(pc));
        w.number("size", r.size);
        w.text("type", type);
        w.text("target", name);
        w.number("addend", r.addend);
        w.end_row();
      } else {
        std::string text = base::concat(type, name.empty() ? "" : " ", name);
        if (r.addend != 0) absl::StrAppendFormat(&text, "%+d", r.addend);
        texts.push_back(text);
      }
    }
    if (w.json()) return w.end_list();
    std::string all;
    for (const std::string& t : texts) all += base::concat(all.empty() ? "" : "; ", t);
    // A relocation names what it refers to; a jump within the function, or what follows an arm64 ADRP, has none.
    if (!all.empty()) w.text("relocations", all, Show::value());
    else if (target) w.text("target", *target, Show::value());
  }

 private:
  static uint8_t quantum(const DumpObject& o) { return o.is_arm64 ? 4 : 1; }
  static base::Bytes table(const DumpObject& o, uint32_t func, AuxKind kind) {
    for (objfmt::Aux a : o.view.auxs(func)) {
      if (a.kind != kind) continue;
      std::optional<uint32_t> i = o.names.local(a.target);
      return i && *i < o.view.def_count() ? o.view.data(*i) : base::Bytes();
    }
    return {};
  }

  const DumpObject& o_;
  ObjectTargets targets_;
  PcColumn file_, line_;
  std::vector<objfmt::Reloc> relocs_;
  size_t next_ = 0;
};

// Of an image: lines by the pclntab, names by addresses.
class ImageSource {
 public:
  ImageSource(const NamedImage& image, const FuncRecord& f)
      : image_(image),
        func_(f),
        file_(image.pclntab().pctab, f.word(5), quantum(image)),
        line_(image.pclntab().pctab, f.word(6), quantum(image)) {}

  std::string file(uint64_t pc) { return std::string(image_.pclntab().file(func_, file_.at(pc))); }
  int32_t line(uint64_t pc) { return line_.at(pc); }

  void refer(const Instruction& in, uint64_t, DumpWriter& w) {
    if (in.target) w.text("target", image_.describe(*in.target), Show::value());
    else w.null("target");
    if (w.json()) w.begin_list("relocations", ""), w.end_list();
  }

 private:
  static uint8_t quantum(const NamedImage& image) { return image.is_arm64() ? 4 : 1; }

  const NamedImage& image_;
  const FuncRecord& func_;
  PcColumn file_, line_;
};

// Function i's bytes without the padding up to the next function.
base::Bytes code_of(const NamedImage& image, uint64_t i, uint64_t address) {
  const Pclntab& tab = image.pclntab();
  uint64_t end = std::max<uint64_t>(tab.entry_off(i + 1), tab.entry_off(i));
  base::Bytes code = image.view().at(address);
  code = code.first(std::min<uint64_t>(code.size(), end - tab.entry_off(i)));
  if (const objfmt::ImageSection* symbols = image.view().symtab(); symbols != nullptr) {
    Place place = image.locate(address);
    if (place.range != nullptr && place.offset == 0 && place.range->size != 0 && place.range->size <= code.size()) {
      return code.first(place.range->size);
    }
  }
  if (image.is_arm64()) {
    while (code.size() >= 4 && base::load32(code.data() + code.size() - 4) == 0) code = code.first(code.size() - 4);
  } else {
    while (!code.empty() && code.back() == kInt3) code = code.first(code.size() - 1);
  }
  return code;
}

absl::StatusOr<bool> disassemble_image(const Member& member, const DisassembleOptions& options, DumpWriter& w) {
  absl::StatusOr<objfmt::ImageView> view = objfmt::ImageView::parse(member.object);
  if (!view.ok()) return view.status();
  if (view->header().type == objfmt::kElfTypeRelocatable) return false;
  uint16_t machine = view->header().machine;
  if (machine != objfmt::kElfMachineAmd64 && machine != objfmt::kElfMachineArm64) {
    return absl::UnimplementedError(base::concat("machine ", machine, " cannot be disassembled"));
  }
  NamedImage image(*view, view->symtab() != nullptr);
  const Pclntab& tab = image.pclntab();
  if (!tab.found) return absl::InvalidArgumentError("there is no pclntab, the image is not one of Go 1.20 to 1.26");
  absl::StatusOr<InstructionReader> reader = InstructionReader::open(image.is_arm64(), options.intel);
  if (!reader.ok()) return reader.status();
  bool found = false;
  w.begin_list("disassembly", "");
  for (uint64_t i = 0; i < tab.count; i++) {
    FuncRecord f = tab.func(i);
    if (tab.name(f) != options.function) continue;
    found = true;
    uint64_t address = tab.text + f.entry_off;
    base::Bytes code = code_of(image, i, address);
    w.begin_row();
    w.text("name", tab.name(f), Show::value());
    w.null("abi");
    w.hex("address", address);
    w.number("size", static_cast<int64_t>(code.size()));
    ImageSource source(image, f);
    write_code(*reader, code, address, source, options.source, w);
    w.end_row();
  }
  w.end_list();
  return found;
}

absl::StatusOr<bool> disassemble_object(const Member& member, const DisassembleOptions& options, DumpWriter& w) {
  absl::StatusOr<std::unique_ptr<DumpObject>> opened = DumpObject::open(member, options.packages);
  if (!opened.ok()) return opened.status();
  const DumpObject& o = **opened;
  if (!o.is_arm64 && o.goarch != "amd64") {
    return absl::UnimplementedError(base::concat("code for ", o.goarch, " cannot be disassembled"));
  }
  absl::StatusOr<InstructionReader> reader = InstructionReader::open(o.is_arm64, options.intel);
  if (!reader.ok()) return reader.status();
  bool found = false;
  w.begin_list("disassembly", "");
  for (uint32_t i = 0; i < o.view.def_count(); i++) {
    if (!objfmt::is_text(o.view.kind(i)) || o.names.symbol(i) != options.function) continue;
    found = true;
    w.begin_row();
    w.text("name", o.names.symbol(i), Show::value());
    w.text("abi", abi_name(o.view.abi(i)), Show::value());
    w.hex("address", 0);
    w.number("size", o.view.size(i));
    ObjectSource source(o, i, *reader);
    write_code(*reader, o.view.data(i), 0, source, options.source, w);
    w.end_row();
  }
  w.end_list();
  return found;
}

}  // namespace

absl::StatusOr<bool> disassemble(const Member& member, const DisassembleOptions& options, DumpWriter& w) {
  return member.kind == MemberKind::kImage ? disassemble_image(member, options, w)
                                         : disassemble_object(member, options, w);
}

}  // namespace dovetail::inspect
