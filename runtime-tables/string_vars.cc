#include "runtime-tables/string_vars.h"

#include "base/text.h"
#include "runtime-tables/content.h"
#include "runtime-tables/go_types.h"

namespace dovetail::runtime_tables {

using base::index;
using loader::Program;
using loader::RawId;
using loader::StringVar;
using loader::SymId;
using objfmt::SymKind;

namespace {

constexpr uint64_t kDiagOrder = uint64_t{7} << 32;

void set_string_var(loader::Services& sv, Program& program, const StringVar& var, uint64_t order) {
  RawId raw = program.res.lookup(var.name, 0);
  if (raw == RawId::kNil) return;
  RawId type = go_type(program, raw);
  if (type == RawId::kNil) return;
  TypeView view(program, type);
  if (view.name() != "type:string") {
    sv.diag.error(kDiagOrder + order,
                  base::concat(var.name, ": cannot set with -X: not a var of type string (", view.name(), ")"));
    return;
  }
  SymId s = program.id(raw);
  if (s == SymId::kNil) return;
  if (program.syms.kind[index(s)] == SymKind::kBss) program.syms.kind[index(s)] = SymKind::kData;

  SymId text = program.syms.make(base::concat(var.name, ".str"), 0, SymKind::kRodata);
  ContentWriter bytes(program, text);
  bytes.bytes(base::as_bytes(var.value));
  bytes.byte(0);
  bytes.finish();

  // The variable keeps its size, which may exceed a string's (red zones).
  uint32_t size = program.syms.size[index(s)];
  ContentWriter header(program, s);
  header.address(text);
  header.word(var.value.size());
  header.finish(size);
}

}  // namespace

void set_string_vars(loader::Services& sv, Program& program) {
  uint64_t order = 0;
  for (const StringVar& var : sv.options.string_vars) set_string_var(sv, program, var, order++);
}

}  // namespace dovetail::runtime_tables
