#include "linker/entry.h"

#include "base/go_text.h"
#include "base/text.h"
#include "loader/go_text.h"

namespace dovetail::linker {
namespace {

constexpr uint64_t kOrder = uint64_t{1} << 62;  // behind everything that was said of single symbols

// A symbol of that name among those that the linker made. The lists of initialisation records cannot be found by
// their names (cmd/link ld/inittask.go inittaskSym, Go 1.26).
SymId made_symbol(const loader::Program& program, std::string_view name) {
  if (name == "go:main.inittasks" || name == "go:runtime.inittasks") return SymId::kNil;
  for (uint32_t i = program.syms.loaded_end(); i < program.syms.count(); i++) {
    if (program.name(static_cast<SymId>(i)) == name) return static_cast<SymId>(i);
  }
  return SymId::kNil;
}

}  // namespace

uint64_t entry_address(const loader::Program& program, std::string_view entry, uint64_t text_address,
                       base::Diagnostics& diag) {
  if (!entry.empty() && entry[0] >= '0' && entry[0] <= '9') {
    int64_t value = 0;
    if (loader::parse_go_int(entry, 0, &value) == loader::Parsed::kSyntax) value = 0;
    return static_cast<uint64_t>(value);
  }
  loader::RawId raw = program.res.lookup(entry, 0);
  SymId s = raw != loader::RawId::kNil ? program.id(raw) : made_symbol(program, entry);
  if (s == SymId::kNil) {
    if (raw == loader::RawId::kNil) {
      diag.error(kOrder, base::concat("missing entry symbol ", base::quote(entry)));
    }
    return 0;
  }
  SymKind kind = program.syms.kind[index(s)];
  if (kind == SymKind::kNone) return text_address;
  if (!objfmt::is_text(kind)) diag.error(kOrder, base::concat(program.name(s), ": entry not text"));
  return program.syms.value[index(s)];
}

}  // namespace dovetail::linker
