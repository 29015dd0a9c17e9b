#include "runtime-tables/func_names.h"

#include <cstring>

#include "base/text.h"

namespace dovetail::runtime_tables {

namespace {

constexpr uint64_t kGrain = 4096;

}  // namespace

FuncNames plan_func_names(Services& sv, FuncWalk& walk) {
  FuncNames names;
  names.keys = walk.names.order(sv.threads);
  size_t n = names.keys.size();
  names.offset.resize(n);
  names.start_line.resize(n);
  names.func_id.resize(n);
  // Lengths first, in place of offsets.
  sv.threads.for_ranges(n, kGrain, [&](uint64_t begin, uint64_t end) {
    for (uint64_t k = begin; k < end; k++) {
      uint32_t key = names.keys[k];
      walk.names.slot(key) = static_cast<uint32_t>(k);
      if (key < walk.symbols) continue;
      const DeadCallee& callee = walk.dead_callees[key - walk.symbols];
      names.offset[k] = callee.name_length;
      names.start_line[k] = callee.start_line;
      names.func_id[k] = callee.func_id;
    }
  });
  sv.threads.for_each(walk.chunks.size(), [&](uint64_t c) {
    FuncChunk& chunk = walk.chunks[c];
    for (uint32_t i = 0; i < chunk.count; i++) {
      const uint32_t* r = chunk.records.data() + chunk.record_at[i];
      uint32_t k = walk.names.slot(r[1]);
      names.offset[k] = chunk.name_length[i];
      names.start_line[k] = static_cast<int32_t>(r[9]);
      names.func_id[k] = static_cast<uint8_t>(r[10]);
    }
    chunk.name_length = {};
  });
  for (uint32_t& offset : names.offset) {
    uint64_t at = names.size;
    names.size += uint64_t{offset} + 1;
    offset = static_cast<uint32_t>(at);
  }
  return names;
}

void emit_func_names(const FuncWalk& walk, const FuncNames& names, uint32_t object, base::MutableBytes table) {
  const Program& p = walk.program;
  objfmt::NameBuffer buffer;
  auto put = [&](uint32_t key, std::string_view text) {
    uint32_t at = names.offset[walk.names.slot(key)];
    if (at + text.size() <= table.size() && !text.empty()) std::memcpy(&table[at], text.data(), text.size());
  };
  for (uint32_t run : walk.runs.of(object)) {
    const FuncChunk& chunk = walk.chunks[run];
    for (uint32_t i = 0; i < chunk.count; i++) {
      SymId s = walk.functions[chunk.first + i];
      put(index(s), p.name(s, buffer));
    }
  }
  walk.for_dead_callees(object, [&](uint32_t rank) {
    loader::Slot slot = walk.dead_callees[rank].slot;
    put(walk.symbols + rank, p.in.objects[slot.object].view.name(slot.local, buffer));
  });
}

}  // namespace dovetail::runtime_tables
