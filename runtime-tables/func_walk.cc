#include "runtime-tables/func_walk.h"

#include <algorithm>

#include "base/text.h"
#include "runtime-tables/arch.h"

namespace dovetail::runtime_tables {

using loader::ObjectView;
using objfmt::AuxKind;
using objfmt::FuncInfo;
using objfmt::InlineNode;

namespace {

// Positions among pcdata and funcdata (internal/abi/symtab.go, Go 1.26).
constexpr uint32_t kPcdataInlineIndex = 2, kFuncdataArgsPointerMaps = 0, kFuncdataInlineTree = 3,
                   kFuncdataArgInfo = 5;
constexpr uint32_t kInlineTreeSlot = ~0u;  // in place of a key: the function's own inline tree
constexpr uint32_t kDead = 1u << 31;       // in place of a name's key: a dead callee's RawId
constexpr uint64_t kDiagOrder = uint64_t{1} << 32;

void finish_record(const FuncWalk& walk, uint32_t* r, std::span<const uint32_t> name_offset, uint32_t inline_offset) {
  auto pc_table = [&](uint32_t& s) {
    if (s != 0) s = walk.pc_tables.slot(s);
  };
  r[1] = name_offset[walk.names.slot(r[1])];
  for (uint32_t k = 4; k <= 6; k++) pc_table(r[k]);
  if (r[8] != kNoValue) r[8] = walk.units.slot(r[8]);
  uint32_t pcdata = r[7], funcdata = r[10] >> 24;
  for (uint32_t k = 0; k < pcdata; k++) pc_table(r[kFuncWords + k]);
  for (uint32_t k = 0; k < funcdata; k++) {
    uint32_t& s = r[kFuncWords + pcdata + k];
    s = s == 0 ? kNoValue : s == kInlineTreeSlot ? inline_offset : walk.func_data.slot(s);
  }
}

}  // namespace

// What a function refers to by its auxiliary symbols.
struct FuncWalker::Aux {
  uint32_t pcsp = 0, pcfile = 0, pcline = 0, pcinline = 0;
  std::vector<uint32_t> pcdata, funcdata;
};

FuncWalker::FuncWalker(Services& sv, const Program& program, std::span<const SymId> functions, uint64_t text_start)
    : sv_(sv), p_(program), w_(program, functions), text_start_(text_start),
      call_prefix_(table_arch(sv.options.config.goarch).call_prefix),
      defer_return_(p_.res.lookup("runtime.deferreturn", 1)) {
  number_files();
  if (w_.failed) return;
  uint64_t chunks = w_.runs.all().size();
  w_.chunks.resize(chunks);
  w_.file_names.resize(p_.in.objects.size());
  w_.dead = base::Bitmap(p_.in.raw_count);
  w_.units = FirstUse(sv_.threads, static_cast<uint32_t>(p_.in.objects.size()), chunks);
  w_.files = FirstUse(sv_.threads, w_.file_base.back(), chunks);
  w_.pc_tables = FirstUse(sv_.threads, w_.symbols, chunks);
  w_.func_data = FirstUse(sv_.threads, w_.symbols, chunks);
}

void FuncWalker::walk_object(uint32_t object) {
  if (w_.failed) return;
  for (uint32_t run : w_.runs.of(object)) {
    walk_chunk(run);
    p_.in.trim_within(object);
  }
  copy_file_names(object);
}

void FuncWalker::copy_file_names(uint32_t object) {
  uint32_t first = w_.file_base[object], end = w_.file_base[object + 1];
  while (end > first && w_.files.slot(end - 1) == FirstUse::kUnused) end--;
  FileNames& files = w_.file_names[object];
  files.names.resize(end - first);
  const ObjectView& view = p_.in.objects[object].view;
  for (uint32_t key = first; key < end; key++) {
    std::string_view name = view.file(key - first);
    FileNames::Name& copy = files.names[key - first];
    copy.hash = base::hash_name(name, 0);
    if (w_.files.slot(key) != FirstUse::kUnused) copy.text = files.texts.keep(name);
  }
}

FuncWalk FuncWalker::finish() {
  if (w_.failed) return std::move(w_);
  number_dead_callees();
  w_.names = FirstUse(sv_.threads, w_.symbols + static_cast<uint32_t>(w_.dead_callees.size()), w_.chunks.size());
  sv_.threads.for_each(w_.chunks.size(), [&](uint64_t c) { walk_names(c); });
  return std::move(w_);
}

void FuncWalker::number_files() {
  uint64_t total = 0;
  w_.file_base.reserve(p_.in.objects.size() + 1);
  for (const loader::Object& object : p_.in.objects) {
    w_.file_base.push_back(static_cast<uint32_t>(total));
    total += object.view.file_count();
    if (total >= FirstUse::kUnique) break;
  }
  w_.file_base.push_back(static_cast<uint32_t>(total));
  uint64_t symbols = std::max(p_.in.raw_count, w_.symbols);
  if (total < FirstUse::kUnique && symbols < kDead && w_.functions.size() < FirstUse::kUnique) return;
  sv_.diag.fatal(kDiagOrder, base::concat("too many symbols for the function tables (", symbols, " symbols, ",
                                          total, " files)"));
  w_.failed = true;
}

void FuncWalker::walk_chunk(uint64_t c) {
  FuncChunk& chunk = w_.chunks[c];
  loader::TextRun run = w_.runs.all()[c];
  chunk.first = run.begin;
  chunk.count = run.end - run.begin;
  chunk.records.reserve(chunk.count * 24);
  chunk.record_at.reserve(chunk.count);
  chunk.call_end.reserve(chunk.count);
  chunk.name_length.reserve(chunk.count);
  base::Bytes infos[FuncWalk::kFunctionsPerChunk];
  for (uint32_t i = 0; i < chunk.count; i++) infos[i] = find_info(w_.functions[chunk.first + i]);
  Aux aux;
  objfmt::NameBuffer names;
  for (uint32_t i = 0; i < chunk.count; i++) {
    FuncInfo info(infos[i]);
    if (!infos[i].empty() && !info.valid()) {
      sv_.diag.error(kDiagOrder + chunk.first + i,
                     base::concat(p_.name(w_.functions[chunk.first + i]), ": malformed object: function metadata"));
    }
    walk_function(c, chunk, chunk.first + i, info, aux);
    chunk.call_end.push_back(static_cast<uint32_t>(chunk.calls.size()));
    chunk.name_length.push_back(name_length(w_.functions[chunk.first + i], names));
  }
}

uint32_t FuncWalker::name_length(SymId s, objfmt::NameBuffer& names) const {
  if (p_.has_object(s)) return p_.object_of(s).view.name_length(p_.syms.local[index(s)], names);
  return static_cast<uint32_t>(p_.syms.made_name(s).size());
}

// The function's metadata, on its way into the cache: the one thing in the walk that lies far from what was
// read before it.
base::Bytes FuncWalker::find_info(SymId s) const {
  if (!p_.has_object(s)) return {};
  const ObjectView& view = p_.object_of(s).view;
  for (objfmt::Aux a : view.auxs(p_.syms.local[index(s)])) {
    if (a.kind != AuxKind::kFuncInfo) continue;
    base::Bytes info = view.data(a.target.sym);
    if (!info.empty()) __builtin_prefetch(info.data());
    if (info.size() > 64) __builtin_prefetch(info.data() + 64);
    return info;
  }
  return {};
}

void FuncWalker::walk_function(uint64_t c, FuncChunk& chunk, uint32_t i, const FuncInfo& info, Aux& aux) {
  SymId s = w_.functions[i];
  read_aux(s, info, aux);
  uint32_t calls = info.valid() ? info.inline_count() : 0;
  if (calls > 0) {
    aux.pcdata.resize(std::max<size_t>(aux.pcdata.size(), kPcdataInlineIndex + 1));
    aux.funcdata.resize(std::max<size_t>(aux.funcdata.size(), kFuncdataInlineTree + 1));
    aux.funcdata[kFuncdataInlineTree] = kInlineTreeSlot;
  }
  if (aux.funcdata.size() > 255) {
    sv_.diag.error(kDiagOrder + i, base::concat(p_.name(s), ": ", aux.funcdata.size(), " funcdata symbols, at most 255"));
    aux.funcdata.resize(255);
  }
  note_uses(c, i, aux, calls > 0);
  if (calls > 0) aux.pcdata[kPcdataInlineIndex] = aux.pcinline;
  append_record(chunk, i, info, aux);
  if (p_.has_object(s)) {
    uint32_t object = p_.syms.object[index(s)];
    w_.units.note(c, i, object);
    if (info.valid()) walk_info(c, chunk, i, object, info);
  }
}

void FuncWalker::read_aux(SymId s, const FuncInfo& info, Aux& aux) {
  aux.pcsp = aux.pcfile = aux.pcline = aux.pcinline = 0;
  aux.pcdata.clear();
  aux.funcdata.clear();
  if (!info.valid()) return;
  uint32_t object = p_.syms.object[index(s)];
  bool assembly = p_.syms.flags[index(s)] & loader::kSymFromAssembly;
  for (objfmt::Aux a : p_.object_of(s).view.auxs(p_.syms.local[index(s)])) {
    switch (a.kind) {
      case AuxKind::kPcsp: aux.pcsp = target(object, a.target); break;
      case AuxKind::kPcfile: aux.pcfile = target(object, a.target); break;
      case AuxKind::kPcline: aux.pcline = target(object, a.target); break;
      case AuxKind::kPcinline: aux.pcinline = target(object, a.target); break;
      case AuxKind::kPcdata: aux.pcdata.push_back(target(object, a.target)); break;
      case AuxKind::kFuncdata: {
        uint32_t data = target(object, a.target);
        size_t j = aux.funcdata.size();
        // The assembler names these in the hope that the Go declaration brings them
        // (cmd/link ld/pcln.go ignoreFuncData, Go 1.26).
        if (assembly && (j == kFuncdataArgsPointerMaps || j == kFuncdataArgInfo) &&
            p_.data(static_cast<SymId>(data)).empty()) {
          data = 0;
        }
        aux.funcdata.push_back(data);
        break;
      }
      default: break;
    }
  }
}

void FuncWalker::note_uses(uint64_t c, uint32_t i, const Aux& aux, bool inlines) {
  auto pc_table = [&](uint32_t s) {
    if (s != 0) w_.pc_tables.note(c, i, s);
  };
  pc_table(aux.pcsp);
  pc_table(aux.pcfile);
  pc_table(aux.pcline);
  for (uint32_t s : aux.pcdata) pc_table(s);
  if (inlines) pc_table(aux.pcinline);
  for (uint32_t s : aux.funcdata) {
    if (s != 0) w_.func_data.note(c, i, s == kInlineTreeSlot ? FirstUse::kUnique | i : s);
  }
}

void FuncWalker::append_record(FuncChunk& chunk, uint32_t i, const FuncInfo& info, const Aux& aux) {
  SymId s = w_.functions[i];
  uint64_t entry = p_.syms.value[index(s)] - text_start_;
  if (entry > UINT32_MAX) {
    sv_.diag.error(kDiagOrder + i, base::concat(p_.name(s), ": textOff overflow: 0x", absl::Hex(entry)));
  }
  std::vector<uint32_t>& r = chunk.records;
  chunk.record_at.push_back(static_cast<uint32_t>(r.size()));
  bool known = info.valid();
  uint32_t tail = known ? info.func_id() | uint32_t{info.flags()} << 8 : 0;
  uint32_t unit = p_.has_object(s) ? p_.syms.object[index(s)] : kNoValue;
  r.insert(r.end(), {static_cast<uint32_t>(entry), index(s), known ? info.args() : 0, defer_return(s),
                     aux.pcsp, aux.pcfile, aux.pcline, static_cast<uint32_t>(aux.pcdata.size()), unit,
                     known ? static_cast<uint32_t>(info.start_line()) : 0,
                     tail | static_cast<uint32_t>(aux.funcdata.size()) << 24});
  r.insert(r.end(), aux.pcdata.begin(), aux.pcdata.end());
  r.insert(r.end(), aux.funcdata.begin(), aux.funcdata.end());
  if (r.size() % 2 != 0) r.push_back(0);
}

// Where the function first calls runtime.deferreturn, which is where a recovered panic goes on; 0 if it
// does not (cmd/link ld/pcln.go computeDeferReturn, Go 1.26).
uint32_t FuncWalker::defer_return(SymId s) const {
  if (defer_return_ == RawId::kNil || !p_.has_object(s)) return 0;
  uint32_t object = p_.syms.object[index(s)];
  const loader::Object& o = p_.in.objects[object];
  if (!p_.live.defers.test(index(o.raw(p_.syms.local[index(s)])))) return 0;
  for (objfmt::Reloc r : o.view.relocs(p_.syms.local[index(s)])) {
    if (r.is_direct_call() && p_.res.resolve(p_.in, object, r.target) == defer_return_) {
      return static_cast<uint32_t>(r.offset) - call_prefix_;
    }
  }
  return 0;
}

// Files and inlined calls.
void FuncWalker::walk_info(uint64_t c, FuncChunk& chunk, uint32_t i, uint32_t object, const FuncInfo& info) {
  uint32_t base = w_.file_base[object], files = w_.file_base[object + 1] - base;
  uint32_t last = kNoValue;  // most neighbours are equal
  auto file = [&](uint32_t f) {
    if (f == last) return;
    last = f;
    if (f < files) return w_.files.note(c, i, base + f);
    sv_.diag.error(kDiagOrder + i, base::concat(p_.name(w_.functions[i]), ": file ", f, " of ", files, " in the object"));
  };
  for (uint32_t k = 0; k < info.file_count(); k++) file(info.file(k));
  for (uint32_t k = 0; k < info.inline_count(); k++) {
    InlineNode node = info.inline_node(k);
    file(node.file);
    RawId raw = p_.res.resolve(p_.in, object, node.func);
    SymId callee = raw == RawId::kNil ? SymId::kNil : p_.id(raw);
    uint32_t key = index(callee);
    if (callee == SymId::kNil && raw != RawId::kNil) {
      w_.dead.set(index(raw));
      key = kDead | index(raw);
    } else if (raw == RawId::kNil) {
      sv_.diag.error(kDiagOrder + i, base::concat(p_.name(w_.functions[i]), ": inlined call ", k, " without a function"));
      key = index(w_.functions[i]);
    }
    chunk.calls.push_back({key, node.parent_pc});
  }
}

// In the order of their objects, so that each object is read once.
void FuncWalker::number_dead_callees() {
  w_.dead_rank = base::Rank(w_.dead);
  w_.dead_callees.resize(w_.dead_rank.total());
  sv_.threads.for_ranges(w_.dead.word_count(), 1024, [&](uint64_t begin, uint64_t end) {
    uint32_t at = w_.dead_rank.before_word(begin);
    objfmt::NameBuffer names;
    for (uint64_t word = begin; word < end; word++) {
      for (uint64_t bits = w_.dead.word(word); bits != 0; bits &= bits - 1) {
        uint64_t raw = word * 64 + static_cast<uint64_t>(std::countr_zero(bits));
        w_.dead_callees[at++] = read_dead_callee(static_cast<RawId>(raw), names);
      }
    }
    p_.in.trim();
  });
}

DeadCallee FuncWalker::read_dead_callee(RawId raw, objfmt::NameBuffer& names) const {
  DeadCallee callee;
  callee.slot = p_.res.content(p_.in, raw);
  const ObjectView& view = p_.in.objects[callee.slot.object].view;
  callee.name_length = view.name_length(callee.slot.local, names);
  for (objfmt::Aux a : view.auxs(callee.slot.local)) {
    if (a.kind != AuxKind::kFuncInfo) continue;
    FuncInfo info(view.data(a.target.sym));
    if (!info.valid()) break;
    callee.start_line = info.start_line();
    callee.func_id = info.func_id();
    return callee;
  }
  // cmd/link ld/pcln.go genInlTreeSym panics here, Go 1.26.
  sv_.diag.exit(kDiagOrder + index(raw),
                base::concat("inlined function ", view.name(callee.slot.local), " missing func info"));
  return callee;
}

// A function, then its callees (cmd/link ld/pcln.go walkFuncs, Go 1.26).
void FuncWalker::walk_names(uint64_t c) {
  FuncChunk& chunk = w_.chunks[c];
  uint32_t call = 0, symbols = w_.symbols;
  for (uint32_t i = 0; i < chunk.count; i++) {
    w_.names.note(c, chunk.first + i, index(w_.functions[chunk.first + i]));
    uint32_t last = kNoValue;
    for (; call < chunk.call_end[i]; call++) {
      uint32_t& key = chunk.calls[call].name;
      if (key & kDead) key = symbols + w_.dead_rank.before(w_.dead, key & ~kDead);
      if (key != last) w_.names.note(c, chunk.first + i, key);
      last = key;
    }
  }
}

uint64_t finish_records(Services& sv, FuncWalk& walk, std::span<const uint32_t> name_offset,
                        std::span<const uint32_t> inline_offset) {
  uint64_t functions = walk.chunks.empty() ? 0 : walk.chunks.back().first + walk.chunks.back().count;
  // Pairs of pc and record, and the end pc: 8n + 4 bytes, then the first multiple of 8.
  uint64_t at = 8 * functions + 8;
  for (FuncChunk& chunk : walk.chunks) {
    chunk.table_offset = at;
    at += chunk.records.size() * 4;
  }
  sv.threads.for_each(walk.chunks.size(), [&](uint64_t c) {
    FuncChunk& chunk = walk.chunks[c];
    for (uint32_t i = 0; i < chunk.count; i++) {
      finish_record(walk, chunk.records.data() + chunk.record_at[i], name_offset, inline_offset[chunk.first + i]);
    }
    for (InlinedCall& call : chunk.calls) call.name = walk.names.slot(call.name);
  });
  return at;
}

}  // namespace dovetail::runtime_tables
