// The opcodes of a line table (DWARF 5, 6.2): they end with their unit, each sequence's addresses do not go back and
// lie in code.
#include "inspect/verify_dwarf_line.h"

#include "base/text.h"

namespace dovetail::inspect {
namespace {

using base::concat;

enum StandardOpcode : uint8_t {
  kExtended,
  kCopy,
  kAdvancePc,
  kAdvanceLine,
  kSetFile,
  kSetColumn,
  kNegate,
  kBasicBlock,
  kConstAddPc,
  kFixedAdvance
};
enum ExtendedOpcode : uint8_t { kEndSequence = 1, kSetAddress = 2 };

class LineTable {
 public:
  LineTable(base::Bytes section, uint64_t offset, const std::function<bool(uint64_t)>& is_code, Findings* findings)
      : section_(section), offset_(offset), is_code_(is_code), findings_(findings) {}

  uint64_t run() {
    if (!read_header()) return offset_;
    while (p_ < end_ && good_) step();
    if (good_ && in_sequence_) wrong("dwarf.line", "the table ends within a sequence");
    return static_cast<uint64_t>(end_ - section_.data());
  }

 private:
  void wrong(std::string_view rule, std::string text) {
    findings_->add(
        rule, {.block = ".debug_line", .offset = p_ == nullptr ? offset_ : static_cast<uint64_t>(p_ - section_.data())},
        std::move(text));
    good_ = false;
  }

  bool read_header() {
    base::Bytes head = base::subrange(section_, offset_, 32);
    if (head.empty()) return wrong("dwarf.line", "there is no table"), false;
    uint64_t length = base::load32(head.data()), version = base::load16(&head[4]);
    if (length > section_.size() - offset_ - 4)
      return wrong("dwarf.line", concat(length, " bytes of ", section_.size() - offset_ - 4)), false;
    if (version < 2 || version > 5) return wrong("dwarf.line", concat("version ", version)), false;
    size_t at = version == 5 ? 8 : 6;
    uint64_t header = base::load32(&head[at]), begin = offset_ + at + 4;
    end_ = section_.data() + offset_ + 4 + length;
    if (begin + header > offset_ + 4 + length)
      return wrong("dwarf.line", concat("a header of ", header, " bytes")), false;
    const uint8_t* fields = section_.data() + begin;
    min_length_ = fields[0];
    fields += version >= 4 ? 2 : 1;
    line_range_ = fields[2], opcode_base_ = fields[3];
    if (line_range_ == 0 || opcode_base_ == 0)
      return wrong("dwarf.line", "a header without a range of lines or opcodes"), false;
    lengths_ = fields + 4;
    if (lengths_ + opcode_base_ - 1 > section_.data() + begin + header)
      return wrong("dwarf.line", "opcodes behind the header"), false;
    p_ = section_.data() + begin + header;
    return true;
  }

  void advance(uint64_t units) { address_ += units * min_length_; }
  void row() {
    if (!is_code_(address_)) return wrong("dwarf.line", concat("address ", address_, " is none of code"));
    if (in_sequence_ && address_ < last_) return wrong("dwarf.line", concat("address ", address_, " behind ", last_));
    last_ = address_, in_sequence_ = true;
  }

  void step() {
    uint8_t opcode = *p_++;
    if (opcode >= opcode_base_) {
      advance(static_cast<uint64_t>(opcode - opcode_base_) / line_range_);
      return row();
    }
    switch (opcode) {
      case kExtended:
        return extended();
      case kCopy:
        return row();
      case kAdvancePc:
        return advance(base::read_uleb(p_, end_));
      case kConstAddPc:
        return advance(static_cast<uint64_t>(255 - opcode_base_) / line_range_);
      case kFixedAdvance:
        if (end_ - p_ < 2) return wrong("dwarf.line", "ends within an opcode");
        address_ += base::load16(p_);
        p_ += 2;
        return;
      default:
        for (uint8_t n = lengths_[opcode - 1]; n > 0; n--) base::read_uleb(p_, end_);
    }
  }
  void extended() {
    uint64_t length = base::read_uleb(p_, end_);
    if (length == 0 || length > static_cast<uint64_t>(end_ - p_))
      return wrong("dwarf.line", concat("an opcode of ", length, " bytes"));
    const uint8_t* next = p_ + length;
    if (*p_ == kSetAddress && length == 9) address_ = base::load64(p_ + 1);
    if (*p_ == kEndSequence) {
      row();
      in_sequence_ = false, address_ = last_ = 0;
    }
    if (good_) p_ = next;
  }

  base::Bytes section_;
  uint64_t offset_;
  const std::function<bool(uint64_t)>& is_code_;
  Findings* findings_;
  const uint8_t *p_ = nullptr, *end_ = nullptr, *lengths_ = nullptr;
  uint8_t min_length_ = 1, line_range_ = 1, opcode_base_ = 1;
  uint64_t address_ = 0, last_ = 0;
  bool in_sequence_ = false, good_ = true;
};

}  // namespace

uint64_t verify_line_table(base::Bytes section, uint64_t offset, const std::function<bool(uint64_t)>& is_code,
                           Findings* findings) {
  return LineTable(section, offset, is_code, findings).run();
}

}  // namespace dovetail::inspect
