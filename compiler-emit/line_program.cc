#include "compiler-emit/line_program.h"

#include "compiler-emit/byte_sink.h"

namespace dovetail::emit {
namespace {

// As the header that cmd/link writes says (cmd/link/internal/ld/dwarf.go writelines).
constexpr int64_t kLineBase = -4, kLineRange = 10, kOpcodeBase = 11;
constexpr int64_t kSpecialPcs = (255 - kOpcodeBase) / kLineRange;  // the pc advance of opcode 255
constexpr uint8_t kAdvancePc = 2, kAdvanceLine = 3, kSetFile = 4, kNegateStmt = 6, kConstAddPc = 8,
                  kSetPrologueEnd = 10, kEndSequence = 1, kSetAddress = 2;
constexpr uint8_t kExtended = 0, kAddressSize = 8;

// A special opcode does for most rows. What it cannot do is done by opcodes in front of it.
void put_row(std::vector<uint8_t>& out, int64_t pcs, int64_t lines) {
  if (lines < kLineBase || lines >= kLineBase + kLineRange) {
    out.push_back(kAdvanceLine);
    put_sleb(out, lines);
    lines = 0;
  }
  int64_t opcode = kOpcodeBase + (lines - kLineBase) + kLineRange * pcs;
  if (opcode > 255 && opcode - kLineRange * kSpecialPcs <= 255 && pcs >= kSpecialPcs) {
    out.push_back(kConstAddPc);
    opcode -= kLineRange * kSpecialPcs;
  } else if (opcode > 255) {
    out.push_back(kAdvancePc);
    put_uleb(out, static_cast<uint64_t>(pcs));
    opcode = kOpcodeBase + (lines - kLineBase);
  }
  out.push_back(static_cast<uint8_t>(opcode));
}

}  // namespace

std::vector<uint8_t> encode_line_program(std::span<const LineRow> rows, uint32_t code_size) {
  std::vector<uint8_t> out;
  if (rows.empty()) return out;
  out = {kExtended, 1 + kAddressSize, kSetAddress};
  out.resize(out.size() + kAddressSize);
  int64_t pc = 0, line = 1;
  uint64_t file = 1;  // files count from 1 here
  bool is_stmt = true;
  for (const LineRow& r : rows) {
    if (r.file + uint64_t{1} != file) {
      file = r.file + uint64_t{1};
      out.push_back(kSetFile);
      put_uleb(out, file);
    }
    if (r.prologue_end) out.push_back(kSetPrologueEnd);
    if (r.is_stmt != is_stmt) {
      is_stmt = r.is_stmt;
      out.push_back(kNegateStmt);
    }
    put_row(out, r.pc - pc, r.line - line);
    pc = r.pc;
    line = r.line;
  }
  out.push_back(kAdvancePc);
  put_uleb(out, static_cast<uint64_t>(code_size - pc));
  out.insert(out.end(), {kExtended, 1, kEndSequence});
  return out;
}

}  // namespace dovetail::emit
