#include "loader/trace_text.h"

#include "base/text.h"

namespace dovetail::loader {

using base::concat;

std::string trace_header(const Options& options, uint64_t text_address, uint64_t round) {
  if (options.platform->late_addresses) {
    text_address = static_cast<uint64_t>(options.text_address);
    round = static_cast<uint64_t>(options.round_quantum);
  }
  auto on_off = [](bool on) { return on ? "on" : "off"; };
  return concat("build mode: ", options.position_independent() ? "pie" : "exe", ", symbol table: ", on_off(!options.strip_symbols),
                ", DWARF: ", on_off(!options.no_dwarf), "\nHEADER = -H", static_cast<int>(options.platform->head_number), " -T0x",
                absl::Hex(text_address), " -R0x", absl::Hex(static_cast<uint32_t>(round)), "\n");
}

std::string trace_symbols(const Inputs& in, const Resolution& res, uint64_t live, uint64_t made) {
  uint64_t hashed = 0, named = 0, external = made, unnamed = 0;
  for (const Object& object : in.objects) {
    const ObjectView& view = object.view;
    auto first_slots = [&](uint32_t begin, uint32_t end) {
      uint64_t n = 0;
      for (uint32_t i = begin; i < end; i++) n += res.canonical(object.raw(i)) == object.raw(i);
      return n;
    };
    uint32_t defs = view.def_count(), first_named = defs - view.nameddef_count();
    hashed += first_slots(view.pkgdef_count(), first_named);
    named += first_slots(first_named, defs);
    // References without a name stand for nothing; to cmd/link they are one symbol.
    for (uint32_t i = defs; i < view.symbol_count(); i++) {
      if (!view.has_name(i)) {
        unnamed = 1;
      } else {
        external += res.canonical(object.raw(i)) == object.raw(i);
      }
    }
  }
  external += unnamed;
  uint64_t package = in.first_def_raw;  // nil is counted among these
  return concat(package + hashed + named + external, " symbols, ", live, " reachable\n\t", package,
                " package symbols, ", hashed, " hashed symbols, ", named, " non-package symbols, ", external,
                " external symbols\n0 liveness data\n");
}

std::string size_summary(uint64_t text, uint64_t data, uint64_t bss, uint64_t symtab) {
  return concat("textsize=", text, "\ndatsize=", data, "\nbsssize=", bss, "\nsymsize=", symtab,
                "\nlcsize=0\ntotal=", text + data + bss + symtab, "\n");
}

}  // namespace dovetail::loader
