#include "runtime-tables/string_vars.h"

#include "base/text.h"
#include "loader/field_track.h"
#include "runtime-tables/content.h"
#include "runtime-tables/go_types.h"

namespace dovetail::runtime_tables {

using base::index;
using loader::Program;
using loader::RawId;
using loader::SymId;
using objfmt::SymKind;

namespace {

constexpr uint64_t kDiagOrder = uint64_t{7} << 32;
constexpr uint64_t kSymbolsPerRange = 1 << 14;

void set_string_var(loader::Services& sv, Program& program, std::string_view name, std::string_view value,
                    uint64_t order) {
  RawId raw = program.res.lookup(name, 0);
  if (raw == RawId::kNil) return;
  RawId type = go_type(program, raw);
  if (type == RawId::kNil) return;
  TypeView view(program, type);
  if (view.name() != "type:string") {
    sv.diag.error(kDiagOrder + order,
                  base::concat(name, ": cannot set with -X: not a var of type string (", view.name(), ")"));
    return;
  }
  SymId s = program.id(raw);
  if (s == SymId::kNil) return;
  if (program.syms.kind[index(s)] == SymKind::kBss) program.syms.kind[index(s)] = SymKind::kData;

  SymId text = program.syms.make(base::concat(name, ".str"), 0, SymKind::kRodata);
  // Behind what -X gave the same variable before -k, which then stays what the variable points to.
  std::vector<uint8_t> before;
  if (const loader::MadeContent* made = program.syms.made(text)) before = made->data;
  ContentWriter bytes(program, text);
  bytes.bytes(before);
  bytes.bytes(base::as_bytes(value));
  bytes.byte(0);
  bytes.finish();

  // The variable keeps its size, which may exceed a string's (red zones).
  uint32_t size = program.syms.size[index(s)];
  ContentWriter header(program, s);
  header.address(text);
  header.word(value.size());
  header.finish(size);
}

}  // namespace

void set_string_vars(loader::Services& sv, Program& program) {
  uint64_t order = 0;
  for (const loader::StringVar& var : sv.options.string_vars) set_string_var(sv, program, var.name, var.value, order++);
}

void set_tracked_fields(loader::Services& sv, Program& program, std::string_view text) {
  if (!loader::tracks_fields(sv)) return;
  sv.threads.for_ranges(program.syms.loaded_end(), kSymbolsPerRange, [&](uint64_t begin, uint64_t end) {
    for (uint64_t s = std::max<uint64_t>(begin, 1); s < end; s++) {
      if (!program.name(static_cast<SymId>(s)).starts_with(loader::kTrackPrefix)) continue;
      program.syms.flags[s] |= loader::kSymSpecial | loader::kSymNotInSymtab;
    }
  });
  const std::string& name = sv.options.field_track;
  SymId s = name.empty() ? SymId::kNil : program.lookup(name, 0);
  if (s == SymId::kNil) return;
  program.syms.kind[index(s)] = SymKind::kData;
  set_string_var(sv, program, name, text, sv.options.string_vars.size());
}

}  // namespace dovetail::runtime_tables
