#include "compiler-emit/debug_lists.h"

namespace dovetail::emit {
namespace {

constexpr uint8_t kEndOfList = 0, kBaseAddressIndex = 1, kOffsetPair = 4;  // DW_RLE_ and DW_LLE_ alike

void begin_list(DebugWriter& out, SymbolId function) {
  if (out.context().dwarf5) {
    out.byte(kBaseAddressIndex);
    out.address_index(function);
  } else {
    out.address(UINT64_MAX);
    out.reloc(objfmt::RelocKind::kAddr, kDebugAddressSize, function);
  }
}
void put_range(DebugWriter& out, CodeRange r) {
  if (out.context().dwarf5) {
    out.byte(kOffsetPair);
    out.number(r.begin);
    out.number(r.end);
  } else {
    out.address(r.begin);
    out.address(r.end);
  }
}
void end_list(DebugWriter& out) {
  if (out.context().dwarf5) {
    out.byte(kEndOfList);
  } else {
    out.address(0);
    out.address(0);
  }
}

}  // namespace

void put_range_list(DebugWriter& out, SymbolId function, std::span<const CodeRange> ranges) {
  begin_list(out, function);
  for (CodeRange r : ranges) put_range(out, r);
  end_list(out);
}

void put_location_list(DebugWriter& out, SymbolId function, std::span<const Location> locations) {
  begin_list(out, function);
  for (const Location& l : locations) {
    put_range(out, l.range);
    if (out.context().dwarf5)
      out.number(l.expression.size());
    else
      out.half(static_cast<uint16_t>(l.expression.size()));
    out.bytes(l.expression);
  }
  end_list(out);
}

std::vector<std::vector<CodeRange>> inlined_ranges(const Function& f) {
  std::vector<std::vector<CodeRange>> out(f.inlined.size());
  for (size_t i = 0; i < f.inline_index.size(); i++) {
    uint32_t begin = f.inline_index[i].pc;
    auto end =
        i + 1 < f.inline_index.size() ? f.inline_index[i + 1].pc : static_cast<uint32_t>(f.code.size());
    // Parents come before their children, so this ends.
    for (int32_t call = f.inline_index[i].value; call >= 0;
         call = f.inlined[static_cast<size_t>(call)].parent) {
      std::vector<CodeRange>& ranges = out[static_cast<size_t>(call)];
      if (!ranges.empty() && ranges.back().end == begin)
        ranges.back().end = end;
      else
        ranges.push_back({begin, end});
    }
  }
  return out;
}

}  // namespace dovetail::emit
