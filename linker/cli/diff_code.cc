// Machine code: which of the differing bytes are a distance to something, and to what?
//
// No disassembler. On amd64 four bytes are taken as a distance if the opcode in front of them takes one and
// both images have something at the place where it leads; on arm64 instructions are words and tell
// themselves.
#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "linker/cli/diff_passes.h"

namespace dovetail::linker::diff {
namespace {

using base::Bytes;

struct Code {
  Bytes bytes;
  uint64_t address;
};

class CodeDiff {
 public:
  CodeDiff(const Sides& sides, Code a, Code b, SectionReport& report)
      : sides_(sides), a_(a), b_(b), size_(std::min(a.bytes.size(), b.bytes.size())), report_(report) {}

  void amd64() {
    for (size_t i = first_difference(a_.bytes, b_.bytes); i < size_;
         i = first_difference(a_.bytes, b_.bytes, i)) {
      size_t next = relative(i);
      if (next == 0) next = absolute(i);
      i = next != 0 ? next : raw(i);
    }
  }

  void arm64() {
    for (size_t i = first_difference(a_.bytes, b_.bytes) & ~size_t{3}; i + 4 <= size_;
         i = first_difference(a_.bytes, b_.bytes, i) & ~size_t{3}) {
      size_t next = branch(i);
      if (next == 0) next = page(i);
      i = next != 0 ? next : raw(i);
    }
  }

 private:
  uint32_t word_a(size_t i) const { return base::load32(a_.bytes.data() + i); }
  uint32_t word_b(size_t i) const { return base::load32(b_.bytes.data() + i); }

  // The instruction kind that takes a 32-bit distance at `i`, judged by the bytes in front.
  static const char* distance_kind(Bytes code, size_t i) {
    if (i < 1) return nullptr;
    uint8_t op = code[i - 1];
    if (op == 0xe8) return "call target";
    if (op == 0xe9) return "jump target";
    if (i >= 2 && code[i - 2] == 0x0f && (op & 0xf0) == 0x80) return "jump target";
    if (i >= 2 && (op & 0xc7) == 0x05) return "rip-relative address";
    return nullptr;
  }

  struct Candidate {
    int rank = 0;  // 0: none
    size_t at = 0;
    const char* kind = nullptr;
    uint64_t target_a = 0, target_b = 0;
  };

  // A 32-bit distance that covers byte `i`: of all that are possible the one that makes most sense. Returns
  // the offset behind it, 0 if there is none.
  size_t relative(size_t i) {
    Candidate best;
    for (size_t back = 0; back < 4 && back <= i; back++) {
      size_t at = i - back;
      if (at + 4 > size_) continue;
      const char* kind = distance_kind(a_.bytes, at);
      if (kind == nullptr || kind != distance_kind(b_.bytes, at)) continue;
      try_targets(at, kind, best);
    }
    if (best.rank == 0) return 0;
    target(best.at, best.kind, best.target_a, best.target_b);
    return best.at + 4;
  }

  // Behind a rip-relative distance an immediate operand may follow; the distance counts from behind that. The
  // same target makes most sense, then the beginning of something, then any address at all.
  void try_targets(size_t at, const char* kind, Candidate& best) const {
    uint64_t x = a_.address + at + 4 + static_cast<uint64_t>(int64_t{static_cast<int32_t>(word_a(at))});
    uint64_t y = b_.address + at + 4 + static_cast<uint64_t>(int64_t{static_cast<int32_t>(word_b(at))});
    bool relative = kind[0] == 'r';
    for (uint64_t operand : {0, 1, 4, 2}) {
      if (operand != 0 && !relative) break;
      uint64_t p = x + operand, q = y + operand;
      if (!sides_.a.is_address(p) || !sides_.b.is_address(q)) continue;
      int rank = 1 + !relative + 2 * (sides_.a.locate(p).offset == 0) + 2 * (sides_.b.locate(q).offset == 0);
      if (same_target(sides_.a, p, sides_.b, q)) rank += 8;
      if (rank > best.rank) best = {rank, at, kind, p, q};
    }
  }

  // An 8 or 4 byte absolute address that covers byte `i`.
  size_t absolute(size_t i) {
    for (size_t width : {8, 4}) {
      for (size_t back = 0; back < 4 && back <= i; back++) {
        size_t at = i - back;
        if (at + width > size_) continue;
        uint64_t x = width == 8 ? base::load64(a_.bytes.data() + at) : word_a(at);
        uint64_t y = width == 8 ? base::load64(b_.bytes.data() + at) : word_b(at);
        if (x < 0x10000 || y < 0x10000 || !sides_.a.is_address(x) || !sides_.b.is_address(y)) continue;
        target(at, "absolute address", x, y);
        return at + width;
      }
    }
    return 0;
  }

  static bool is_branch(uint32_t w) { return (w & 0x7c000000) == 0x14000000; }
  static bool is_adrp(uint32_t w) { return (w & 0x9f000000) == 0x90000000; }

  static uint64_t branch_target(uint32_t w, uint64_t at) {
    return at + static_cast<uint64_t>(static_cast<int64_t>(static_cast<int32_t>(w << 6) >> 6) * 4);
  }
  size_t branch(size_t i) {
    uint32_t x = word_a(i), y = word_b(i);
    if (!is_branch(x) || !is_branch(y) || (x >> 26) != (y >> 26)) return 0;
    target(i, (x >> 31) != 0 ? "call target" : "jump target", branch_target(x, a_.address + i),
           branch_target(y, b_.address + i));
    return i + 4;
  }

  // ADRP and the instruction behind it, which adds the low 12 bits (ADD, or a load or store of 1 to 16
  // bytes).
  static uint64_t page_target(uint32_t adrp, uint32_t low, uint64_t at) {
    uint32_t imm = ((adrp >> 5) & 0x7ffff) << 2 | ((adrp >> 29) & 3);
    uint64_t base = (at & ~uint64_t{0xfff}) +
                    static_cast<uint64_t>(int64_t{static_cast<int32_t>(imm << 11) >> 11} * 4096);
    uint64_t imm12 = (low >> 10) & 0xfff;
    if ((low & 0xff800000) == 0x91000000) return base + imm12;
    if ((low & 0x3b000000) == 0x39000000) return base + (imm12 << (low >> 30));
    return base;
  }
  size_t page(size_t i) {
    size_t at = i >= 4 && is_adrp(word_a(i - 4)) && is_adrp(word_b(i - 4)) ? i - 4 : i;
    if (at + 8 > size_ || !is_adrp(word_a(at)) || !is_adrp(word_b(at))) return 0;
    uint64_t x = page_target(word_a(at), word_a(at + 4), a_.address + at);
    uint64_t y = page_target(word_b(at), word_b(at + 4), b_.address + at);
    if (!sides_.a.is_address(x) || !sides_.b.is_address(y)) return 0;
    target(at, "page-relative address", x, y);
    return at + 8;
  }

  void target(size_t at, const char* kind, uint64_t target_a, uint64_t target_b) {
    bool moved = same_target(sides_.a, target_a, sides_.b, target_b);
    if (moved ? !report_.moved() : !report_.count(described_++ < kPerSymbol)) return;
    Finding f{where(sides_.a, a_.address + at, sides_.b, b_.address + at), kind,
              absl::StrFormat("%s (%#x)", sides_.a.describe(target_a), target_a),
              absl::StrFormat("%s (%#x)", sides_.b.describe(target_b), target_b)};
    moved ? report_.set_example(std::move(f)) : report_.add(std::move(f));
  }

  // Bytes that are no address: a run up to eight equal ones.
  size_t raw(size_t i) {
    size_t end = i + 1;
    for (size_t j = end; j < size_ && j - end < 8; j++) {
      if (a_.bytes[j] != b_.bytes[j]) end = j + 1;
    }
    if (report_.count(described_++ < kPerSymbol)) {
      report_.add(where(sides_.a, a_.address + i, sides_.b, b_.address + i), "code bytes",
                  hex_bytes(a_.bytes.subspan(i, end - i)), hex_bytes(b_.bytes.subspan(i, end - i)));
    }
    return sides_.a.is_arm64() ? (end + 3) & ~size_t{3} : end;
  }

  const Sides& sides_;
  Code a_, b_;
  size_t size_;
  SectionReport& report_;
  int described_ = 0;
};

}  // namespace

void diff_code(const Sides& sides, Bytes a, uint64_t address_a, Bytes b, uint64_t address_b,
               SectionReport& report) {
  CodeDiff diff(sides, {a, address_a}, {b, address_b}, report);
  if (sides.a.is_arm64() && sides.b.is_arm64()) {
    diff.arm64();
  } else {
    diff.amd64();
  }
}

}  // namespace dovetail::linker::diff
