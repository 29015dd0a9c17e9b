#include "compiler-emit/pc_table.h"

#include "base/text.h"
#include "compiler-emit/byte_sink.h"

namespace dovetail::emit {
namespace {

absl::Status check_row(std::span<const PcValue> rows, size_t i, uint32_t code_size, uint32_t quantum) {
  uint32_t pc = rows[i].pc;
  if (i > 0 && pc <= rows[i - 1].pc) {
    return absl::InvalidArgumentError(
        base::concat("row ", i, ": pc ", pc, " does not ascend, the row before has ", rows[i - 1].pc));
  }
  if (pc >= code_size)
    return absl::InvalidArgumentError(
        base::concat("row ", i, ": pc ", pc, " in ", code_size, " bytes of code"));
  if (pc % quantum != 0) {
    return absl::InvalidArgumentError(
        base::concat("row ", i, ": pc ", pc, " is no multiple of ", quantum, ", the size of an instruction"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<uint8_t>> encode_pc_table(std::span<const PcValue> rows, int32_t initial,
                                                     uint32_t code_size, uint32_t quantum) {
  std::vector<uint8_t> out;
  if (rows.empty()) return out;
  int32_t last = -1;
  uint32_t begin = 0;
  bool started = false;
  auto put_row = [&](uint32_t pc, int32_t value) {
    if (started && value == last) return;
    if (started) put_uleb(out, (pc - begin) / quantum);
    put_uleb(out, static_cast<uint32_t>(base::zigzag(int64_t{
                      static_cast<int32_t>(static_cast<uint32_t>(value) - static_cast<uint32_t>(last))})));
    last = value;
    begin = pc;
    started = true;
  };
  if (rows[0].pc != 0) put_row(0, initial);
  for (size_t i = 0; i < rows.size(); i++) {
    if (absl::Status s = check_row(rows, i, code_size, quantum); !s.ok()) return s;
    put_row(rows[i].pc, rows[i].value);
  }
  put_uleb(out, (code_size - begin) / quantum);
  out.push_back(0);
  return out;
}

}  // namespace dovetail::emit
