#include "runtime-tables/func_names.h"

#include <cstring>

#include "base/text.h"

namespace dovetail::runtime_tables {

using objfmt::AuxKind;
using objfmt::FuncInfo;

namespace {

constexpr uint64_t kDiagOrder = uint64_t{2} << 32;
constexpr uint64_t kGrain = 2048;

// A dead callee's definition.
loader::Slot dead_slot(const FuncWalk& walk, uint32_t key) {
  const Program& p = walk.program;
  return p.res.content(p.in, static_cast<RawId>(walk.dead_callees[key - walk.symbols]));
}

FuncInfo dead_info(const Program& p, loader::Slot slot) {
  const loader::ObjectView& view = p.in.objects[slot.object].view;
  for (objfmt::Aux a : view.auxs(slot.local)) {
    if (a.kind == AuxKind::kFuncInfo) return FuncInfo(view.data(a.target.sym));
  }
  return {};
}

}  // namespace

std::string_view func_name(const FuncWalk& walk, uint32_t key) {
  const Program& p = walk.program;
  if (key < walk.symbols) return p.name(static_cast<SymId>(key));
  loader::Slot slot = dead_slot(walk, key);
  return p.in.objects[slot.object].view.name(slot.local);
}

FuncNames plan_func_names(Services& sv, FuncWalk& walk) {
  const Program& p = walk.program;
  FuncNames names;
  names.keys = walk.names.order(sv.threads);
  size_t n = names.keys.size();
  names.offset.resize(n);
  names.start_line.resize(n);
  names.func_id.resize(n);
  std::vector<uint32_t>& length = names.offset;
  sv.threads.for_ranges(n, kGrain, [&](uint64_t begin, uint64_t end) {
    for (uint64_t k = begin; k < end; k++) {
      uint32_t key = names.keys[k];
      walk.names.slot(key) = static_cast<uint32_t>(k);
      FuncInfo info;
      if (key >= walk.symbols) {
        loader::Slot slot = dead_slot(walk, key);
        length[k] = p.in.objects[slot.object].view.name_length(slot.local);
        info = dead_info(p, slot);
        if (!info.valid()) {
          // cmd/link ld/pcln.go genInlTreeSym panics here, Go 1.26.
          sv.diag.exit(kDiagOrder + k, base::concat("inlined function ", func_name(walk, key), " missing func info"));
        }
      } else {
        SymId s = static_cast<SymId>(key);
        length[k] = static_cast<uint32_t>(p.has_object(s) ? p.object_of(s).view.name_length(p.syms.local[key])
                                                          : p.syms.made_name(s).size());
        info = p.func_info(s);
      }
      if (!info.valid()) continue;
      names.start_line[k] = info.start_line();
      names.func_id[k] = info.func_id();
    }
  });
  for (size_t k = 0; k < n; k++) {
    uint64_t at = names.size;
    names.size += uint64_t{length[k]} + 1;
    names.offset[k] = static_cast<uint32_t>(at);
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
