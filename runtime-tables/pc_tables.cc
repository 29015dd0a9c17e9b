#include "runtime-tables/pc_tables.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/text.h"
#include "runtime-tables/arch.h"

namespace dovetail::runtime_tables {

namespace {

constexpr uint64_t kDiagOrder = uint64_t{4} << 32;
constexpr uint32_t kInlineTreeAlign = 4;
constexpr uint64_t kGrain = 4096;

struct DataPiece {
  uint32_t key, size;
  uint8_t log_align;
};

std::vector<DataPiece> pieces_of(Services& sv, const FuncWalk& walk, const std::vector<uint32_t>& keys) {
  const loader::Symbols& syms = walk.program.syms;
  std::vector<DataPiece> pieces(keys.size());
  sv.threads.for_ranges(keys.size(), kGrain, [&](uint64_t begin, uint64_t end) {
    for (uint64_t k = begin; k < end; k++) {
      uint32_t key = keys[k], size, align = kInlineTreeAlign;
      if (key >= FirstUse::kUnique) {
        uint64_t calls = walk.calls_of(key & ~FirstUse::kUnique).size();
        size = static_cast<uint32_t>(std::min<uint64_t>(calls, UINT32_MAX / kInlinedCallSize) * kInlinedCallSize);
      } else {
        size = syms.size[key];
        align = symbol_align(syms.align[key], size);
        if (size == 0) {
          sv.diag.error(kDiagOrder + k, base::concat(walk.program.name(static_cast<SymId>(key)), ": zero size funcdata"));
        }
      }
      pieces[k] = {key, size, static_cast<uint8_t>(std::bit_width(align) - 1)};
    }
  });
  return pieces;
}

// Stable, by descending alignment.
std::vector<uint32_t> order_by_align(const std::vector<DataPiece>& pieces) {
  std::array<uint32_t, 33> begin{};
  for (const DataPiece& piece : pieces) begin[32 - piece.log_align]++;  // class 31 - log, one place further
  for (size_t c = 1; c < begin.size(); c++) begin[c] += begin[c - 1];
  std::vector<uint32_t> order(pieces.size());
  for (uint32_t k = 0; k < pieces.size(); k++) order[begin[31 - pieces[k].log_align]++] = k;
  return order;
}

}  // namespace

PcTables plan_pc_tables(Services& sv, FuncWalk& walk) {
  const loader::Symbols& syms = walk.program.syms;
  PcTables tables;
  tables.symbols = walk.pc_tables.order(sv.threads);
  // Sizes, and the size of each block of tables; then offsets from the sums.
  uint64_t blocks = (tables.symbols.size() + kGrain - 1) / kGrain;
  std::vector<uint64_t> block_at(blocks + 1);
  sv.threads.for_each(blocks, [&](uint64_t b) {
    uint64_t end = std::min<uint64_t>((b + 1) * kGrain, tables.symbols.size());
    for (uint64_t k = b * kGrain; k < end; k++) block_at[b + 1] += syms.size[tables.symbols[k]];
  });
  block_at[0] = tables.size;
  for (uint64_t b = 0; b < blocks; b++) block_at[b + 1] += block_at[b];
  tables.size = block_at[blocks];
  sv.threads.for_each(blocks, [&](uint64_t b) {
    uint64_t at = block_at[b], end = std::min<uint64_t>((b + 1) * kGrain, tables.symbols.size());
    for (uint64_t k = b * kGrain; k < end; k++) {
      uint32_t s = tables.symbols[k], size = syms.size[s];
      walk.pc_tables.slot(s) = size == 0 ? 0 : static_cast<uint32_t>(at);
      at += size;
    }
  });
  return tables;
}

void emit_pc_tables(const FuncWalk& walk, uint32_t object, base::MutableBytes pctab) {
  walk.program.for_live(object, [&](SymId s, uint32_t) {
    uint64_t at = walk.pc_tables.slot(index(s));
    if (at == FirstUse::kUnused) return;
    base::Bytes data = walk.program.data(s);
    uint64_t size = std::min<uint64_t>(data.size(), walk.program.syms.size[index(s)]);
    if (size != 0 && at + size <= pctab.size()) std::memcpy(&pctab[at], data.data(), size);
  });
}

FuncData plan_func_data(Services& sv, FuncWalk& walk, size_t functions) {
  FuncData data;
  std::vector<DataPiece> pieces = pieces_of(sv, walk, walk.func_data.order(sv.threads));
  std::vector<uint32_t> order = order_by_align(pieces);
  data.inline_offset.resize(functions);
  data.symbols.reserve(order.size());
  if (!order.empty()) data.align = 1u << pieces[order[0]].log_align;
  for (uint32_t k : order) {
    const DataPiece& piece = pieces[k];
    if (piece.size != 0) data.size = base::round_up(data.size, uint64_t{1} << piece.log_align);
    uint32_t offset = static_cast<uint32_t>(data.size);
    data.size += piece.size;
    if (piece.key >= FirstUse::kUnique) {
      data.inline_offset[piece.key & ~FirstUse::kUnique] = offset;
    } else {
      walk.func_data.slot(piece.key) = offset;
      data.symbols.push_back(static_cast<SymId>(piece.key));
    }
  }
  return data;
}

}  // namespace dovetail::runtime_tables
