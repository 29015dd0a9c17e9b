#include "dwarf/frames.h"

#include <algorithm>
#include <iterator>

#include "base/byte_sink.h"

namespace dovetail::dwarf {

using base::put;
using base::put_sleb;
using base::put_uleb;

namespace {

constexpr int64_t kDataFactor = -4;

// Bytes of one range at most: two numbers of ten bytes, three operations, a register, a length.
constexpr size_t kMaxRange = 32;

uint8_t* put_cfa(uint8_t* p, uint64_t length, int64_t cfa) {
  *p++ = kCfaDefCfaOffsetSf;
  p = base::write_sleb(p, cfa / kDataFactor);
  if (length < 0x40) {
    *p++ = static_cast<uint8_t>(kCfaAdvanceLoc + length);
  } else if (length < 0x100) {
    *p++ = kCfaAdvanceLoc1;
    *p++ = static_cast<uint8_t>(length);
  } else if (length < 0x10000) {
    *p++ = kCfaAdvanceLoc2;
    base::store16(p, static_cast<uint16_t>(length));
    p += 2;
  } else {
    *p++ = kCfaAdvanceLoc4;
    base::store32(p, static_cast<uint32_t>(length));
    p += 4;
  }
  return p;
}

// On machines with a link register: where the return address is at this depth of the stack.
uint8_t* put_return_address(uint8_t* p, const Target& target, int64_t depth) {
  *p++ = depth > 0 ? kCfaOffsetExtendedSf : kCfaSameValue;
  p = base::write_uleb(p, target.register_lr);
  return depth > 0 ? base::write_sleb(p, -depth / kDataFactor) : p;
}

struct PcRun {
  uint32_t begin = 0, end = 0;
  int32_t value = -1;
};

// Walks a table of (signed difference of values, unsigned length of range) pairs; cmd/internal/obj/pcln.go PCIter.
class PcRuns {
 public:
  PcRuns(base::Bytes table, uint32_t unit) : p_(table.data()), end_(table.data() + table.size()), unit_(unit) {}

  bool next(PcRun& run) {
    run.begin = run.end;
    if (p_ == end_) return false;
    uint64_t v = base::read_uleb(p_, end_);
    if (v == 0 && !first_) return false;
    first_ = false;
    run.value += static_cast<int32_t>(static_cast<int64_t>(v >> 1) ^ -static_cast<int64_t>(v & 1));
    run.end = run.begin + static_cast<uint32_t>(base::read_uleb(p_, end_)) * unit_;
    return true;
  }

 private:
  const uint8_t *p_, *end_;
  uint32_t unit_;
  bool first_ = true;
};

}  // namespace

std::vector<uint8_t> frame_header(const Target& target) {
  // Room for the longest contents, the same for all machines of a kind.
  const uint32_t length = target.has_link_register ? 32 : 16;
  std::vector<uint8_t> out;
  put(out, length);
  put(out, ~uint32_t{0});  // marks a common entry
  out.push_back(3);        // version
  out.push_back(0);        // augmentation
  put_uleb(out, 1);        // code alignment factor
  put_sleb(out, kDataFactor);
  put_uleb(out, target.register_lr);
  out.push_back(kCfaDefCfa);
  put_uleb(out, target.register_sp);
  if (target.has_link_register) {
    put_uleb(out, 0);
    out.push_back(kCfaSameValue);
    put_uleb(out, target.register_lr);
    out.push_back(kCfaValOffset);
    put_uleb(out, target.register_sp);
    put_uleb(out, 0);
  } else {
    put_uleb(out, kPointerSize);
    out.push_back(kCfaOffsetExtended);
    put_uleb(out, target.register_lr);
    put_uleb(out, static_cast<uint64_t>(-int64_t{kPointerSize} / kDataFactor));
  }
  out.resize(length + 4);
  return out;
}

void append_frame_instructions(const Target& target, base::Bytes stack, uint32_t size, bool top_frame,
                               std::vector<uint8_t>& out) {
  if (top_frame) {
    out.push_back(kCfaUndefined);
    put_uleb(out, target.register_lr);
  }
  PcRuns runs(stack, target.min_code_unit);
  uint8_t buffer[16 * kMaxRange], *p = buffer;
  for (PcRun run; runs.next(run);) {
    uint32_t end = run.end;
    // The last range would reach the function's end; it stops a byte before it.
    if (end == size && --end < run.begin) continue;
    if (p + kMaxRange > std::end(buffer)) out.insert(out.end(), buffer, p), p = buffer;
    int64_t depth = run.value;
    if (!target.has_link_register) {
      depth += kPointerSize;
    } else if (!top_frame) {
      p = put_return_address(p, target, depth);
    }
    p = put_cfa(p, end - run.begin, depth);
  }
  out.insert(out.end(), buffer, p);
}

//   length:4 common entry:4 address:8 code size:8 instructions, zeros up to a multiple of 8
void write_frame(uint64_t address, uint32_t code_size, base::Bytes instructions, uint8_t* to) {
  uint64_t size = frame_size(instructions.size());
  base::store32(to, static_cast<uint32_t>(size - 4));
  base::store32(to + 4, 0);
  base::store64(to + 8, address);
  base::store64(to + 16, code_size);
  std::copy(instructions.begin(), instructions.end(), to + 24);
  std::fill(to + 24 + instructions.size(), to + size, uint8_t{0});
}

}  // namespace dovetail::dwarf
