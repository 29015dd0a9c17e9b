// Instructions and the addresses that they refer to, of both machines.
#include "inspect/instructions.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace {

using dovetail::inspect::Instruction;
using dovetail::inspect::InstructionReader;

std::vector<Instruction> read(const std::vector<uint8_t>& code, uint64_t address, bool arm64, bool intel = false) {
  auto reader = InstructionReader::open(arm64, intel);
  REQUIRE(reader.ok());
  reader->start(code, address);
  std::vector<Instruction> all;
  for (Instruction i; reader->next(&i);) all.push_back(i);
  return all;
}

TEST_CASE("amd64: branches and pc-relative operands have targets") {
  const std::vector<uint8_t> code = {
      0xe8, 0x05, 0x00, 0x00, 0x00,              // call .+10
      0x48, 0x8d, 0x05, 0xf0, 0xff, 0xff, 0xff,  // lea -16(%rip), %rax
      0x74, 0xfe,                                // je .
      0x48, 0x8b, 0x43, 0x08,                    // mov 8(%rbx), %rax
      0x06,                                      // no instruction
      0xc3,                                      // ret
  };
  std::vector<Instruction> all = read(code, 0x1000, false);
  REQUIRE(all.size() == 6);
  CHECK(all[0].target == 0x100au);
  CHECK(all[0].text == "callq 0x100a");
  CHECK(all[1].target == 0xffcu);
  CHECK(all[2].target == 0x100cu);
  CHECK(all[3].target == std::nullopt);
  CHECK(all[3].text == "movq 8(%rbx), %rax");
  CHECK(all[4].text == ".byte 0x06");
  CHECK(all[4].address == 0x1012);
  CHECK(all[5].text == "retq");
  CHECK(read(code, 0x1000, false, true)[3].text == "mov rax, qword ptr [rbx + 8]");
}

TEST_CASE("amd64: an instruction that the end cuts is bytes") {
  std::vector<Instruction> all = read({0xe8, 0x05, 0x00}, 0, false);
  REQUIRE(!all.empty());
  size_t size = 0;
  for (const Instruction& i : all) size += i.bytes.size();
  CHECK(size == 3);
  CHECK(all[0].text == ".byte 0xe8");
}

TEST_CASE("arm64: a page and the instruction behind it make one target") {
  const std::vector<uint8_t> code = {
      0x00, 0x00, 0x00, 0x94,  // bl .
      0x1b, 0x00, 0x00, 0xb0,  // adrp x27, .+0x1000
      0x60, 0x43, 0x04, 0x91,  // add x0, x27, #0x110
      0x1b, 0x00, 0x00, 0x90,  // adrp x27, .
      0x61, 0x0b, 0x40, 0xf9,  // ldr x1, [x27, #16]
      0x60, 0x43, 0x04, 0x91,  // add x0, x27, #0x110: too far from its page
      0x1b, 0x00, 0x00, 0x90,  // adrp x27, .
      0x40, 0x43, 0x04, 0x91,  // add x0, x26, #0x110: another register
      0x00, 0x00, 0x00, 0x00,  // no instruction
  };
  std::vector<Instruction> all = read(code, 0x20000, true);
  REQUIRE(all.size() == 9);
  CHECK(all[0].target == 0x20000u);
  CHECK(all[1].target == std::nullopt);
  CHECK(all[2].target == 0x21110u);
  CHECK(all[4].target == 0x20010u);
  CHECK(all[5].target == std::nullopt);
  CHECK(all[7].target == std::nullopt);
  CHECK(all[8].bytes.size() == 4);
}

}  // namespace
