// All functions, walked once: what each says about itself, and what it uses first.
//
// Problem: every part of the runtime's function tables (names, files, pc tables,
// funcdata, the records themselves) is made of what the functions refer to, in
// address order. cmd/link walks them once per part (ld/pcln.go, Go 1.26) and finds
// each function's auxiliary symbols again every time; resolving those references is
// nearly all of the cost.
//
// Idea: one parallel walk resolves everything. It writes each function's record as
// it will stand in the image, with keys (symbols, objects, names) where offsets
// belong, and notes the first uses. When every part has its order and its offsets,
// a second walk over the records alone replaces keys by offsets. The records are
// then final, and are copied into the image later.
//
// A record (runtime/runtime2.go _func; cmd/link ld/pcln.go writeFuncs, Go 1.26) is
// eleven words, and begins at a multiple of 8 in the table:
//
//   0 entry offset   from the start of the text
//   1 name           offset in funcnametab
//   2 args
//   3 deferreturn    offset in the function of its call, 0 for none
//   4 pcsp  5 pcfile  6 pcline   offsets in pctab
//   7 npcdata
//   8 unit           where its files begin in cutab, counted in words; ~0 for none
//   9 start line
//  10 funcID, flags, 0, nfuncdata: a byte each
//  .. npcdata offsets in pctab, nfuncdata offsets in go:func.* (~0 for none)
#pragma once

#include <span>
#include <vector>

#include "base/bitmap.h"
#include "base/name_hash.h"
#include "base/text_arena.h"
#include "loader/text_runs.h"
#include "runtime-tables/first_use.h"

namespace dovetail::runtime_tables {

using base::index;
using loader::Program;
using loader::RawId;
using loader::Services;
using loader::SymId;
using loader::SymKind;

inline constexpr uint32_t kFuncWords = 11;
inline constexpr uint32_t kInlinedCallSize = 16;
inline constexpr uint32_t kNoValue = ~0u;

// An inlined call in a function's inline tree.
struct InlinedCall {
  uint32_t name;      // the callee: its key while walking, its position among the names afterwards
  int32_t parent_pc;
};

// A function that is inlined everywhere it is called. Its content, and what the tables say of it.
struct DeadCallee {
  loader::Slot slot;
  uint32_t name_length = 0;
  int32_t start_line = 0;
  uint8_t func_id = 0;
};

// Functions [first, first + count) of the address order, all of one object, and what was found.
struct FuncChunk {
  uint32_t first = 0, count = 0;
  std::vector<uint32_t> records;      // padded to multiples of two words
  std::vector<uint32_t> record_at;    // per function, its first word in `records`
  std::vector<InlinedCall> calls;     // of all its functions
  std::vector<uint32_t> call_end;     // per function, behind its last call
  std::vector<uint32_t> name_length;  // per function
  uint64_t table_offset = 0;          // of the first record in the function table

  std::span<const InlinedCall> calls_of(uint32_t i) const {
    uint32_t begin = i == 0 ? 0 : call_end[i - 1];
    return std::span(calls).subspan(begin, call_end[i] - begin);
  }
};

// Names of an object's files up to the highest that a function uses, copied while the object is at hand.
struct FileNames {
  struct Name {
    base::NameHash hash;
    std::string_view text;  // empty if no function uses it
  };
  std::vector<Name> names;
  base::TextArena texts;
};

struct FuncWalk {
  // At most so many functions are a chunk.
  static constexpr uint32_t kFunctionsPerChunk = 256;
  FuncWalk(const Program& p, std::span<const SymId> f)
      : program(p), functions(f), symbols(p.syms.count()), runs(p, f, kFunctionsPerChunk) {}

  const Program& program;
  std::span<const SymId> functions;    // in address order
  uint32_t symbols;                    // when the walk began; passes behind make more
  loader::TextRuns runs;
  std::vector<FuncChunk> chunks;       // one for each run
  std::vector<uint32_t> file_base;     // per object, the key of its first file; one more at the end
  std::vector<FileNames> file_names;   // per object
  FirstUse units;                      // by object
  FirstUse files;                      // by file key
  FirstUse pc_tables;                  // by SymId
  FirstUse func_data;                  // by SymId; the inline tree of function i is FirstUse::kUnique | i
  FirstUse names;                      // by SymId, or behind those by rank among dead callees
  base::Bitmap dead;                   // callees without a SymId, by RawId
  base::Rank dead_rank;
  std::vector<DeadCallee> dead_callees;  // by rank
  bool failed = false;                 // too large for 32 bits; reported

  // Calls f(rank) for the dead callees among an object's symbols.
  template <class F>
  void for_dead_callees(uint32_t object, F&& f) const {
    for (auto [first, count] : program.in.objects[object].raw_ranges()) {
      uint32_t end = dead_rank.before(dead, first + count);
      for (uint32_t r = dead_rank.before(dead, first); r < end; r++) f(r);
    }
  }

  // The inline tree of a function of the address order.
  std::span<const InlinedCall> calls_of(uint32_t function) const {
    const FuncChunk& chunk = chunks[runs.find(function)];
    return chunk.calls_of(function - chunk.first);
  }
};

// The walk, object by object. REQUIRES: `functions` are in address order with their values set, and outlive it.
class FuncWalker {
 public:
  FuncWalker(Services& sv, const Program& program, std::span<const SymId> functions, uint64_t text_start);
  // The functions of an object; each object once, on any thread.
  void walk_object(uint32_t object);
  // When all are walked. The slots of the five FirstUse then wait for offsets: units in words of cutab, pc_tables and
  // func_data in bytes, names as positions.
  FuncWalk finish();

 private:
  struct Aux;
  void number_files();
  void copy_file_names(uint32_t object);
  void walk_chunk(uint64_t c);
  uint32_t name_length(SymId s, objfmt::NameBuffer& names) const;
  base::Bytes find_info(SymId s) const;
  void walk_function(uint64_t c, FuncChunk& chunk, uint32_t i, const objfmt::FuncInfo& info, Aux& aux);
  void read_aux(SymId s, const objfmt::FuncInfo& info, Aux& aux);
  void note_uses(uint64_t c, uint32_t i, const Aux& aux, bool inlines);
  void append_record(FuncChunk& chunk, uint32_t i, const objfmt::FuncInfo& info, const Aux& aux);
  uint32_t defer_return(SymId s) const;
  void walk_info(uint64_t c, FuncChunk& chunk, uint32_t i, uint32_t object, const objfmt::FuncInfo& info);
  void number_dead_callees();
  DeadCallee read_dead_callee(RawId raw, objfmt::NameBuffer& names) const;
  void walk_names(uint64_t c);
  uint32_t target(uint32_t object, objfmt::SymRef ref) const { return index(p_.target(object, ref)); }

  Services& sv_;
  const Program& p_;
  FuncWalk w_;
  uint64_t text_start_;
  uint32_t call_prefix_;
  RawId defer_return_;
};

// Replaces keys by the offsets in the slots. `name_offset` is by position among the names, `inline_offset` by
// function. Sets table_offset of each chunk; returns the size of the table.
uint64_t finish_records(Services& sv, FuncWalk& walk, std::span<const uint32_t> name_offset,
                        std::span<const uint32_t> inline_offset);

}  // namespace dovetail::runtime_tables
