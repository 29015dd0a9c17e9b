#include "inspect/instructions.h"

#include <capstone/capstone.h>

#include <algorithm>

#include "absl/strings/str_format.h"
#include "base/text.h"

namespace dovetail::inspect {

struct InstructionReader::Engine {
  csh handle = 0;
  cs_insn* instruction = nullptr;
  bool arm64 = false;
  // arm64: the register that an ADRP has set, and to what, for the instruction that adds the rest.
  unsigned page_register = ARM64_REG_INVALID;
  uint64_t page = 0;

  ~Engine() {
    if (instruction != nullptr) cs_free(instruction, 1);
    if (handle != 0) cs_close(&handle);
  }

  std::optional<uint64_t> target_of_amd64() const {
    const cs_x86& x = instruction->detail->x86;
    bool branch = cs_insn_group(handle, instruction, CS_GRP_JUMP) || cs_insn_group(handle, instruction, CS_GRP_CALL);
    for (int i = 0; i < x.op_count; i++) {
      const cs_x86_op& op = x.operands[i];
      if (branch && op.type == X86_OP_IMM) return static_cast<uint64_t>(op.imm);
      if (op.type == X86_OP_MEM && op.mem.base == X86_REG_RIP && op.mem.index == X86_REG_INVALID) {
        return instruction->address + instruction->size + static_cast<uint64_t>(op.mem.disp);
      }
    }
    return std::nullopt;
  }

  std::optional<uint64_t> target_of_arm64() {
    const cs_arm64& a = instruction->detail->arm64;
    unsigned page_of = page_register;
    page_register = ARM64_REG_INVALID;
    const cs_arm64_op *first = a.operands, *last = a.operands + (a.op_count == 0 ? 0 : a.op_count - 1);
    switch (instruction->id) {
      case ARM64_INS_B: case ARM64_INS_BL: case ARM64_INS_CBZ: case ARM64_INS_CBNZ: case ARM64_INS_TBZ:
      case ARM64_INS_TBNZ: case ARM64_INS_ADR:
        if (a.op_count > 0 && last->type == ARM64_OP_IMM) return static_cast<uint64_t>(last->imm);
        return std::nullopt;
      case ARM64_INS_ADRP:
        if (a.op_count == 2 && last->type == ARM64_OP_IMM) {
          page_register = first->reg;
          page = static_cast<uint64_t>(last->imm);
        }
        return std::nullopt;
      case ARM64_INS_ADD:
        if (a.op_count == 3 && last->type == ARM64_OP_IMM && last->shift.value == 0 && page_of != ARM64_REG_INVALID &&
            first[1].type == ARM64_OP_REG && first[1].reg == page_of) {
          return page + static_cast<uint64_t>(last->imm);
        }
        return std::nullopt;
      default:
        if (page_of != ARM64_REG_INVALID && a.op_count > 1 && last->type == ARM64_OP_MEM && last->mem.base == page_of &&
            last->mem.index == ARM64_REG_INVALID) {
          return page + static_cast<uint64_t>(int64_t{last->mem.disp});
        }
        return std::nullopt;
    }
  }
};

InstructionReader::InstructionReader(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
InstructionReader::~InstructionReader() = default;

absl::StatusOr<InstructionReader> InstructionReader::open(bool arm64, bool intel) {
  auto engine = std::make_unique<Engine>();
  engine->arm64 = arm64;
  cs_err error = cs_open(arm64 ? CS_ARCH_ARM64 : CS_ARCH_X86, arm64 ? CS_MODE_ARM : CS_MODE_64, &engine->handle);
  if (error == CS_ERR_OK) error = cs_option(engine->handle, CS_OPT_DETAIL, CS_OPT_ON);
  if (error == CS_ERR_OK && !arm64 && !intel) error = cs_option(engine->handle, CS_OPT_SYNTAX, CS_OPT_SYNTAX_ATT);
  if (error == CS_ERR_OK) engine->instruction = cs_malloc(engine->handle);
  if (engine->instruction == nullptr) return absl::UnavailableError(base::concat("Capstone: ", cs_strerror(error)));
  return InstructionReader(std::move(engine));
}

void InstructionReader::start(base::Bytes code, uint64_t address) {
  rest_ = code;
  address_ = address;
  engine_->page_register = ARM64_REG_INVALID;
}

// What is no instruction: a byte, or a word of arm64.
void InstructionReader::skip(Instruction* out) {
  size_t size = std::min<size_t>(rest_.size(), engine_->arm64 ? 4 : 1);
  out->address = address_;
  out->bytes = rest_.first(size);
  out->text = ".byte ";
  for (size_t i = 0; i < size; i++) absl::StrAppendFormat(&out->text, "%s0x%02x", i == 0 ? "" : ", ", rest_[i]);
  out->target = std::nullopt;
  rest_ = rest_.subspan(size);
  address_ += size;
}

bool InstructionReader::next(Instruction* out) {
  if (rest_.empty()) return false;
  const uint8_t* code = rest_.data();
  size_t size = rest_.size();
  uint64_t address = address_;
  cs_insn* i = engine_->instruction;
  if (!cs_disasm_iter(engine_->handle, &code, &size, &address, i) || i->size == 0) return skip(out), true;
  out->address = address_;
  out->bytes = rest_.first(i->size);
  out->text = i->op_str[0] == '\0' ? std::string(i->mnemonic) : base::concat(i->mnemonic, " ", i->op_str);
  out->target = engine_->arm64 ? engine_->target_of_arm64() : engine_->target_of_amd64();
  rest_ = rest_.subspan(i->size);
  address_ += i->size;
  return true;
}

}  // namespace dovetail::inspect
