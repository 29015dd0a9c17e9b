#include "runtime-tables/func_names.h"

#include <cstring>

#include "base/text.h"

namespace dovetail::runtime_tables {

using objfmt::AuxKind;
using objfmt::FuncInfo;

namespace {

constexpr uint64_t kDiagOrder = uint64_t{2} << 32;
constexpr uint64_t kGrain = 2048;

FuncInfo dead_info(const Program& p, loader::Slot slot) {
  const loader::ObjectView& view = p.in.objects[slot.object].view;
  for (objfmt::Aux a : view.auxs(slot.local)) {
    if (a.kind == AuxKind::kFuncInfo) return FuncInfo(view.data(a.target.sym));
  }
  return {};
}

// Length in the table's offset, which becomes one later; of dead callees also line and ID.
void read_name(Services& sv, FuncWalk& walk, FuncNames& names, uint64_t k) {
  const Program& p = walk.program;
  uint32_t key = names.keys[k];
  walk.names.slot(key) = static_cast<uint32_t>(k);
  if (key < walk.symbols) {
    SymId s = static_cast<SymId>(key);
    names.offset[k] = static_cast<uint32_t>(p.has_object(s) ? p.object_of(s).view.name_length(p.syms.local[key])
                                                            : p.syms.made_name(s).size());
    return;
  }
  loader::Slot slot = walk.dead_callees[key - walk.symbols];
  names.offset[k] = p.in.objects[slot.object].view.name_length(slot.local);
  FuncInfo info = dead_info(p, slot);
  if (!info.valid()) {
    // cmd/link ld/pcln.go genInlTreeSym panics here, Go 1.26.
    sv.diag.exit(kDiagOrder + k, base::concat("inlined function ", func_name(walk, key), " missing func info"));
    return;
  }
  names.start_line[k] = info.start_line();
  names.func_id[k] = info.func_id();
}

}  // namespace

std::string_view func_name(const FuncWalk& walk, uint32_t key) {
  const Program& p = walk.program;
  if (key < walk.symbols) return p.name(static_cast<SymId>(key));
  loader::Slot slot = walk.dead_callees[key - walk.symbols];
  return p.in.objects[slot.object].view.name(slot.local);
}

FuncNames plan_func_names(Services& sv, FuncWalk& walk) {
  FuncNames names;
  names.keys = walk.names.order(sv.threads);
  size_t n = names.keys.size();
  names.offset.resize(n);
  names.start_line.resize(n);
  names.func_id.resize(n);
  sv.threads.for_ranges(n, kGrain, [&](uint64_t begin, uint64_t end) {
    for (uint64_t k = begin; k < end; k++) read_name(sv, walk, names, k);
  });
  // What is live has a record, which says the rest.
  sv.threads.for_each(walk.chunks.size(), [&](uint64_t c) {
    const FuncChunk& chunk = walk.chunks[c];
    for (uint32_t at : chunk.record_at) {
      const uint32_t* r = chunk.records.data() + at;
      uint32_t k = walk.names.slot(r[1]);
      names.start_line[k] = static_cast<int32_t>(r[9]);
      names.func_id[k] = static_cast<uint8_t>(r[10]);
    }
  });
  for (uint32_t& offset : names.offset) {
    uint64_t at = names.size;
    names.size += uint64_t{offset} + 1;
    offset = static_cast<uint32_t>(at);
  }
  return names;
}

void emit_func_names(const FuncWalk& walk, const FuncNames& names, uint64_t begin, uint64_t end,
                     base::MutableBytes table) {
  for (uint64_t k = begin; k < end; k++) {
    std::string_view text = func_name(walk, names.keys[k]);
    if (names.offset[k] + text.size() > table.size()) continue;
    if (!text.empty()) std::memcpy(&table[names.offset[k]], text.data(), text.size());
  }
}

}  // namespace dovetail::runtime_tables
