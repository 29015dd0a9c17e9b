#include "runtime-tables/pclntab.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "runtime-tables/arch.h"
#include "runtime-tables/file_tables.h"
#include "runtime-tables/func_names.h"
#include "runtime-tables/pc_tables.h"

namespace dovetail::runtime_tables {

using base::MutableBytes;
using loader::EmitJob;

namespace {

constexpr uint64_t kDiagOrder = uint64_t{5} << 32;
constexpr uint32_t kMagic = 0xfffffff1;  // internal/abi/symtab.go CurrentPCLnTabMagic, Go 1.26
constexpr uint32_t kHeaderSize = 8 + 8 * kPointerSize;
// Work of a job: large enough that handing out costs nothing, small enough to balance.
constexpr uint64_t kChunksPerJob = 32;

}  // namespace

// What the jobs need: final, shared by them.
struct PclntabContent {
  explicit PclntabContent(FuncWalk&& w) : walk(std::move(w)) {}
  FuncWalk walk;
  FuncNames names;
  FileTables files;
  PcTables pc_tables;
  FuncData data;
  uint64_t functab_size = 0;
  uint32_t end_pc = 0;  // offset of the end of the last function
};

namespace {

using Tables = PclntabContent;

class Planner {
 public:
  Planner(Services& sv, Program& program) : sv_(sv), p_(program) {}

  PclntabPlan run(std::shared_ptr<Tables> content, uint64_t text_start) {
    tables_ = std::move(content);
    Tables& t = *tables_;
    std::span<const SymId> functions = t.walk.functions;
    if (t.walk.failed || functions.empty()) return plan_;
    SymId last = functions.back();
    t.end_pc = static_cast<uint32_t>(p_.syms.value[index(last)] + p_.syms.size[index(last)] - text_start);
    plan_.function_count = static_cast<uint32_t>(functions.size());
    plan_.first_function = functions.front();
    plan_.last_function = last;
    make_symbols();
    hide_pc_tables();
    place_func_data();
    make_jobs();
    return std::move(plan_);
  }

 private:
  // In the order in which cmd/link creates them (ld/pcln.go pclntab, Go 1.26).
  void make_symbols() {
    const Tables& t = *tables_;
    plan_.carrier = p_.syms.make("runtime.pclntab", 0, SymKind::kPclntab);
    p_.syms.make_content(plan_.carrier);
    p_.syms.size[index(plan_.carrier)] = 0;
    p_.syms.flags[index(plan_.carrier)] |= loader::kSymLocal;  // and go:func.*: cmd/link ld/data.go address, Go 1.26
    plan_.header = make_part("runtime.pcheader", kHeaderSize, kPointerSize);
    plan_.func_names = make_part("runtime.funcnametab", t.names.size, 1);
    plan_.cutab = make_part("runtime.cutab", t.files.cutab.size() * 4, 4);
    plan_.file_names = make_part("runtime.filetab", t.files.names.size(), 1);
    plan_.pctab = make_part("runtime.pctab", t.pc_tables.size, 1);
    plan_.functab = make_part("runtime.functab", t.functab_size, 4);
    plan_.func_data = make_part("go:func.*", t.data.size, t.data.align);
    uint32_t& flags = p_.syms.flags[index(plan_.func_data)];
    flags = (flags & ~loader::kSymNotInSymtab) | loader::kSymLocal;
    uint32_t& align = p_.syms.align[index(plan_.carrier)];
    align = std::max(kPointerSize, t.data.align);
  }

  SymId make_part(std::string_view name, uint64_t size, uint32_t align) {
    SymId s = p_.syms.make(name, 0, SymKind::kPclntab);
    p_.syms.make_content(s);
    size = base::round_up(size, kPointerSize);
    if (size > UINT32_MAX) {
      sv_.diag.error(kDiagOrder + index(s), base::concat(name, " too large: ", size, " bytes, at most ", UINT32_MAX));
      size = 0;
    }
    p_.syms.size[index(s)] = static_cast<uint32_t>(size);
    p_.syms.align[index(s)] = align;
    p_.syms.flags[index(s)] |= loader::kSymEmitted | loader::kSymNotInSymtab;
    return s;
  }

  // They have no name, and are nowhere but in pctab. To say so here saves later passes from looking for the name.
  void hide_pc_tables() {
    const std::vector<uint32_t>& symbols = tables_->pc_tables.symbols;
    sv_.threads.for_ranges(symbols.size(), 8192, [&](uint64_t begin, uint64_t end) {
      for (uint64_t k = begin; k < end; k++) {
        p_.syms.flags[symbols[k]] |= loader::kSymSpecial | loader::kSymNotInSymtab;
      }
    });
  }

  void place_func_data() {
    loader::Symbols& syms = p_.syms;
    if (syms.outer.size() < syms.count()) syms.outer.resize(syms.count());
    const std::vector<SymId>& symbols = tables_->data.symbols;
    sv_.threads.for_ranges(symbols.size(), 8192, [&](uint64_t begin, uint64_t end) {
      for (uint64_t k = begin; k < end; k++) {
        uint32_t s = index(symbols[k]);
        syms.value[s] = tables_->walk.func_data.slot(s);
        syms.outer[s] = plan_.func_data;
        syms.flags[s] |= loader::kSymSpecial | loader::kSymNotInSymtab;
      }
    });
    plan_.func_data_symbols = std::move(tables_->data.symbols);
  }

  void make_jobs() {
    const Program& p = p_;
    std::shared_ptr<const Tables> t = tables_;
    uint8_t code_unit = table_arch(sv_.options.config.goarch).min_code_unit;
    PclntabPlan ids = plan_;
    ids.func_data_symbols.clear();
    add(plan_.header, 1, 1, [t, &p, ids, code_unit](uint64_t, uint64_t, MutableBytes out) {
      emit_header(p, ids, t->files.name_offset.size(), code_unit, out);
    });
    plan_.jobs.by_object.push_back({plan_.func_names, [t](uint32_t object, MutableBytes out) {
      emit_func_names(t->walk, t->names, object, out);
    }});
    plan_.jobs.by_object.push_back({plan_.pctab, [t](uint32_t object, MutableBytes out) {
      emit_pc_tables(t->walk, object, out);
    }});
    add(plan_.cutab, 1, 1, [t](uint64_t, uint64_t, MutableBytes out) {
      size_t n = std::min(out.size(), t->files.cutab.size() * 4);
      if (n != 0) std::memcpy(out.data(), t->files.cutab.data(), n);
    });
    add(plan_.file_names, 1, 1, [t](uint64_t, uint64_t, MutableBytes out) {
      if (t->files.names.size() <= out.size()) std::memcpy(out.data(), t->files.names.data(), t->files.names.size());
    });
    add(plan_.functab, t->walk.chunks.size(), kChunksPerJob, [t](uint64_t begin, uint64_t end, MutableBytes out) {
      for (uint64_t c = begin; c < end; c++) emit_records(*t, c, out);
    });
    add(plan_.func_data, t->walk.chunks.size(), kChunksPerJob, [t](uint64_t begin, uint64_t end, MutableBytes out) {
      for (uint64_t c = begin; c < end; c++) emit_inline_trees(*t, c, out);
    });
  }

  // Jobs over [0, count), at most `grain` each.
  template <class F>
  void add(SymId s, uint64_t count, uint64_t grain, F emit) {
    uint64_t bytes = count == 0 ? 0 : p_.syms.size[index(s)] / ((count + grain - 1) / grain);
    for (uint64_t begin = 0; begin < count; begin += grain) {
      uint64_t end = std::min(begin + grain, count);
      plan_.jobs.jobs.push_back({s, bytes, [emit, begin, end](MutableBytes out) { emit(begin, end, out); }});
    }
  }

  // runtime/symtab.go pcHeader; cmd/link ld/pcln.go generatePCHeader, Go 1.26.
  static void emit_header(const Program& p, const PclntabPlan& ids, uint64_t file_count, uint8_t code_unit,
                          MutableBytes out) {
    if (out.size() < kHeaderSize) return;
    auto offset = [&](SymId part) { return p.syms.value[index(part)] - p.syms.value[index(ids.header)]; };
    base::store32(&out[0], kMagic);
    out[6] = code_unit;
    out[7] = kPointerSize;
    const uint64_t words[] = {ids.function_count, file_count, 0, offset(ids.func_names), offset(ids.cutab),
                              offset(ids.file_names), offset(ids.pctab), offset(ids.functab)};
    for (size_t k = 0; k < std::size(words); k++) base::store64(&out[8 + 8 * k], words[k]);
  }

  // Pairs of pc and record, and the records; behind the last pair the end of the text.
  static void emit_records(const Tables& t, uint64_t c, MutableBytes out) {
    const FuncChunk& chunk = t.walk.chunks[c];
    uint64_t size = chunk.records.size() * 4;
    if (chunk.table_offset + size > out.size()) return;
    for (uint32_t i = 0; i < chunk.count; i++) {
      uint8_t* pair = &out[8 * uint64_t{chunk.first + i}];
      base::store32(pair, chunk.records[chunk.record_at[i]]);
      base::store32(pair + 4, static_cast<uint32_t>(chunk.table_offset + 4 * uint64_t{chunk.record_at[i]}));
    }
    if (c + 1 == t.walk.chunks.size()) base::store32(&out[8 * uint64_t{chunk.first + chunk.count}], t.end_pc);
    std::memcpy(&out[chunk.table_offset], chunk.records.data(), size);
  }

  // runtime/symtabinl.go inlinedCall: funcID u8, 3 unused, name u32, parentPC u32, start line u32.
  static void emit_inline_trees(const Tables& t, uint64_t c, MutableBytes out) {
    const FuncChunk& chunk = t.walk.chunks[c];
    for (uint32_t i = 0; i < chunk.count; i++) {
      std::span<const InlinedCall> calls = chunk.calls_of(i);
      uint64_t at = t.data.inline_offset[chunk.first + i];
      if (calls.empty() || at + calls.size() * kInlinedCallSize > out.size()) continue;
      uint8_t* p = &out[at];
      for (const InlinedCall& call : calls) {
        p[0] = t.names.func_id[call.name];
        base::store32(p + 4, t.names.offset[call.name]);
        base::store32(p + 8, static_cast<uint32_t>(call.parent_pc));
        base::store32(p + 12, static_cast<uint32_t>(t.names.start_line[call.name]));
        p += kInlinedCallSize;
      }
    }
  }

  Services& sv_;
  Program& p_;
  std::shared_ptr<Tables> tables_;
  PclntabPlan plan_;
};

}  // namespace

PclntabContentPtr plan_pclntab(Services& sv, FuncWalker& walker) {
  auto content = std::make_shared<PclntabContent>(walker.finish());
  PclntabContent& t = *content;
  if (t.walk.failed || t.walk.functions.empty()) return content;
  t.names = plan_func_names(sv, t.walk);
  t.files = plan_file_tables(sv, t.walk);
  t.pc_tables = plan_pc_tables(sv, t.walk);
  t.data = plan_func_data(sv, t.walk, t.walk.functions.size());
  t.functab_size = finish_records(sv, t.walk, t.names.offset, t.data.inline_offset);
  return content;
}

PclntabPlan make_pclntab(Services& sv, Program& program, PclntabContentPtr content, uint64_t text_start) {
  return Planner(sv, program).run(std::move(content), text_start);
}

}  // namespace dovetail::runtime_tables
