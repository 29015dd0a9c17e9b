// Instructions of amd64 and arm64, one after another, with the address that each refers to.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "base/bytes.h"

namespace dovetail::inspect {

struct Instruction {
  uint64_t address;
  base::Bytes bytes;
  std::string text;                // as Capstone prints it; ".byte 0x…" for what is no instruction
  std::optional<uint64_t> target;  // of a direct branch, or of an operand relative to the pc
};

class InstructionReader {
 public:
  // Error: this build of Capstone lacks the machine.
  static absl::StatusOr<InstructionReader> open(bool arm64, bool intel);
  InstructionReader(InstructionReader&&) = default;
  ~InstructionReader();

  // Starts at the first of `code`, which lies at `address`.
  void start(base::Bytes code, uint64_t address);
  // False at the end.
  bool next(Instruction* instruction);

 private:
  struct Engine;
  explicit InstructionReader(std::unique_ptr<Engine> engine);
  void skip(Instruction* instruction);

  std::unique_ptr<Engine> engine_;
  base::Bytes rest_;
  uint64_t address_ = 0;
};

}  // namespace dovetail::inspect
