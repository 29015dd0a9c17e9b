#include "inspect/dwarf_frames.h"

#include <dwarf.h>

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/text.h"
#include "inspect/debug_sections.h"
#include "inspect/dwarf_reader.h"
#include "inspect/named_image.h"

namespace dovetail::inspect {
namespace {

// What stands behind an instruction's first byte (DWARF 5, table 7.29).
enum class Operand : uint8_t {
  kNone,
  kDelta1, kDelta2, kDelta4,  // bytes of code, factored
  kAddress,
  kRegister,
  kOffset,        // uleb
  kFactored,      // uleb, factored
  kSignedFactored,  // sleb, factored
  kBlock,
};
struct FrameInstruction {
  uint8_t code;
  Operand a = Operand::kNone, b = Operand::kNone;
};
constexpr FrameInstruction kInstructions[] = {
    {DW_CFA_set_loc, Operand::kAddress},
    {DW_CFA_advance_loc1, Operand::kDelta1},
    {DW_CFA_advance_loc2, Operand::kDelta2},
    {DW_CFA_advance_loc4, Operand::kDelta4},
    {DW_CFA_offset_extended, Operand::kRegister, Operand::kFactored},
    {DW_CFA_restore_extended, Operand::kRegister},
    {DW_CFA_undefined, Operand::kRegister},
    {DW_CFA_same_value, Operand::kRegister},
    {DW_CFA_register, Operand::kRegister, Operand::kRegister},
    {DW_CFA_remember_state},
    {DW_CFA_restore_state},
    {DW_CFA_def_cfa, Operand::kRegister, Operand::kOffset},
    {DW_CFA_def_cfa_register, Operand::kRegister},
    {DW_CFA_def_cfa_offset, Operand::kOffset},
    {DW_CFA_def_cfa_expression, Operand::kBlock},
    {DW_CFA_expression, Operand::kRegister, Operand::kBlock},
    {DW_CFA_offset_extended_sf, Operand::kRegister, Operand::kSignedFactored},
    {DW_CFA_def_cfa_sf, Operand::kRegister, Operand::kSignedFactored},
    {DW_CFA_def_cfa_offset_sf, Operand::kSignedFactored},
    {DW_CFA_val_offset, Operand::kRegister, Operand::kFactored},
    {DW_CFA_val_offset_sf, Operand::kRegister, Operand::kSignedFactored},
    {DW_CFA_val_expression, Operand::kRegister, Operand::kBlock},
};

// What entries share.
struct Common {
  uint64_t code_factor = 1;
  int64_t data_factor = 1;
};

// One entry's instructions, from its first byte to its last.
class Decoder {
 public:
  Decoder(base::Bytes bytes, uint64_t address, const Common& common)
      : p_(bytes.data()), end_(bytes.data() + bytes.size()), address_(address), common_(common) {}

  // The next instruction but padding; false at the end, and where the bytes are none (`damaged`).
  bool next(std::string* text) {
    while (p_ != end_ && *p_ == DW_CFA_nop) p_++;
    if (p_ == end_) return false;
    uint8_t byte = *p_++;
    text->clear();
    damaged = !decode(byte, text);
    return !damaged;
  }
  uint64_t address() const { return address_; }

  bool damaged = false;

 private:
  bool decode(uint8_t byte, std::string* text) {
    uint8_t high = byte & 0xc0, low = byte & 0x3f;
    const char* name = nullptr;
    if (dwarf_get_CFA_name(high != 0 ? high : byte, &name) != DW_DLV_OK) return false;
    *text = name;
    if (high == DW_CFA_advance_loc) return advance(low, text);
    if (high != 0) {
      absl::StrAppend(text, " r", low);
      return high == DW_CFA_restore || append(Operand::kFactored, text);
    }
    for (const FrameInstruction& i : kInstructions) {
      if (i.code == byte) return append(i.a, text) && append(i.b, text);
    }
    return false;
  }

  bool advance(uint64_t delta, std::string* text) {
    delta *= common_.code_factor;
    address_ += delta;
    absl::StrAppendFormat(text, " %d", delta);
    return true;
  }

  template <class T>
  bool fixed(T* value) {
    if (static_cast<size_t>(end_ - p_) < sizeof(T)) return false;
    *value = base::load<T>(p_);
    p_ += sizeof(T);
    return true;
  }

  bool append(Operand operand, std::string* text) {
    uint8_t d1 = 0;
    uint16_t d2 = 0;
    uint32_t d4 = 0;
    switch (operand) {
      case Operand::kNone: return true;
      case Operand::kDelta1: return fixed(&d1) && advance(d1, text);
      case Operand::kDelta2: return fixed(&d2) && advance(d2, text);
      case Operand::kDelta4: return fixed(&d4) && advance(d4, text);
      case Operand::kAddress:
        if (!fixed(&address_)) return false;
        absl::StrAppendFormat(text, " 0x%x", address_);
        return true;
      default: break;
    }
    // The rest are numbers of variable length; they end with the entry's bytes.
    if (p_ == end_) return false;
    if (operand == Operand::kSignedFactored) {
      absl::StrAppendFormat(text, " %d", base::read_sleb(p_, end_) * common_.data_factor);
      return true;
    }
    uint64_t value = base::read_uleb(p_, end_);
    if (operand == Operand::kRegister) absl::StrAppendFormat(text, " r%d", value);
    if (operand == Operand::kOffset) absl::StrAppendFormat(text, " %d", value);
    if (operand == Operand::kFactored) {
      absl::StrAppendFormat(text, " %d", static_cast<int64_t>(value) * common_.data_factor);
    }
    if (operand == Operand::kBlock) {
      if (value > static_cast<uint64_t>(end_ - p_)) return false;
      absl::StrAppend(text, " ", absl::BytesToHexString({reinterpret_cast<const char*>(p_), value}));
      p_ += value;
    }
    return true;
  }

  const uint8_t* p_;
  const uint8_t* end_;
  uint64_t address_;
  const Common& common_;
};

base::Bytes bytes_of(Dwarf_Ptr p, Dwarf_Unsigned size) { return {static_cast<const uint8_t*>(p), size}; }

class FrameDumper {
 public:
  FrameDumper(Dwarf_Debug debug, const NamedImage& image, const DumpOptions& options, DumpWriter& w)
      : debug_(debug), image_(image), options_(options), w_(w) {}

  bool run() {
    Dwarf_Error error = nullptr;
    Dwarf_Cie* cies = nullptr;
    Dwarf_Fde* fdes = nullptr;
    Dwarf_Signed cie_count = 0, fde_count = 0;
    int code = dwarf_get_fde_list(debug_, &cies, &cie_count, &fdes, &fde_count, &error);
    if (code != DW_DLV_OK) return code == DW_DLV_NO_ENTRY;
    bool ok = true;
    for (Dwarf_Signed i = 0; i < cie_count; i++) ok &= common(cies[i]);
    for (Dwarf_Signed i = 0; i < fde_count; i++) ok &= function(fdes[i]);
    dwarf_fde_cie_list_dealloc(debug_, cies, cie_count, fdes, fde_count);
    return ok;
  }

 private:
  bool common(Dwarf_Cie cie) {
    Dwarf_Error error = nullptr;
    Dwarf_Unsigned size = 0, code_factor = 0, length = 0;
    Dwarf_Small version = 0;
    char* augmentation = nullptr;
    Dwarf_Signed data_factor = 0;
    Dwarf_Half column = 0, offset_size = 0;
    Dwarf_Ptr bytes = nullptr;
    Dwarf_Off offset = 0;
    if (dwarf_get_cie_info_b(cie, &size, &version, &augmentation, &code_factor, &data_factor, &column, &bytes, &length,
                             &offset_size, &error) != DW_DLV_OK ||
        dwarf_cie_section_offset(debug_, cie, &offset, &error) != DW_DLV_OK) {
      return false;
    }
    const Common& factors = commons_[offset] = {code_factor, data_factor};
    if (!options_.symbol.empty()) return true;
    w_.begin_row();
    w_.hex("offset", offset, Show::value(8));
    w_.text("entry", "CIE", Show::value());
    w_.number("version", version);
    w_.text("augmentation", augmentation);
    w_.number("code_factor", static_cast<int64_t>(code_factor));
    w_.number("data_factor", data_factor);
    w_.number("return_address", column);
    bool ok = instructions(bytes_of(bytes, length), std::nullopt, factors);
    w_.end_row();
    return ok;
  }

  bool function(Dwarf_Fde fde) {
    Dwarf_Error error = nullptr;
    Dwarf_Addr begin = 0;
    Dwarf_Unsigned size = 0, length = 0, instructions_length = 0;
    Dwarf_Ptr bytes = nullptr, code = nullptr;
    Dwarf_Off cie = 0, offset = 0;
    Dwarf_Signed number = 0;
    if (dwarf_get_fde_range(fde, &begin, &size, &bytes, &length, &cie, &number, &offset, &error) != DW_DLV_OK ||
        dwarf_get_fde_instr_bytes(fde, &code, &instructions_length, &error) != DW_DLV_OK) {
      return false;
    }
    Place place = image_.locate(begin);
    bool named = place.range != nullptr && place.offset == 0;
    std::string name = named ? NamedImage::range_name(*place.range) : "";
    if (!options_.wants(name)) return true;
    w_.begin_row();
    w_.hex("offset", offset, Show::value(8));
    w_.text("entry", "FDE", Show::value());
    w_.text("function", name, Show::value());
    w_.hex("begin", begin);
    w_.hex("end", begin + size);
    w_.number("cie", static_cast<int64_t>(cie), Show::hidden());
    bool ok = instructions(bytes_of(code, instructions_length), begin, commons_[cie]);
    w_.end_row();
    return ok;
  }

  // A function's have the address from which they hold.
  bool instructions(base::Bytes bytes, std::optional<uint64_t> begin, const Common& factors) {
    w_.begin_list("instructions", "");
    Decoder decoder(bytes, begin.value_or(0), factors);
    for (std::string text; decoder.next(&text);) {
      w_.begin_row();
      if (begin) w_.hex("address", decoder.address(), Show::value(10));
      else w_.null("address");
      w_.text("instruction", text, Show::value());
      w_.end_row();
    }
    w_.end_list();
    return !decoder.damaged;
  }

  Dwarf_Debug debug_;
  const NamedImage& image_;
  const DumpOptions& options_;
  DumpWriter& w_;
  absl::flat_hash_map<uint64_t, Common> commons_;  // by offset
};

}  // namespace

absl::Status dump_frames(const Member& member, const DumpOptions& options, DumpWriter& w) {
  absl::StatusOr<objfmt::ImageView> view = objfmt::ImageView::parse(member.object);
  if (!view.ok()) return view.status();
  // As of debug entries.
  if (view->header().type == objfmt::kElfTypeRelocatable) return absl::OkStatus();
  for (const objfmt::ImageSection& s : view->sections()) {
    if (s.name != ".debug_frame") continue;
    SectionContents contents = section_contents(s);
    if (!contents.problem.empty()) return absl::DataLossError(base::concat(s.name, ": ", contents.problem));
    absl::StatusOr<std::unique_ptr<DwarfReader>> reader = DwarfReader::open({{".debug_frame", s.addr, contents.bytes}});
    if (!reader.ok()) return reader.status();
    NamedImage image(*view, view->symtab() != nullptr);
    if (!FrameDumper((*reader)->debug(), image, options, w).run()) return absl::DataLossError("malformed .debug_frame");
  }
  return absl::OkStatus();
}

}  // namespace dovetail::inspect
