// What the definitions of an object lead to: relocations, the edges of a dense object, auxiliary symbols.
#include "absl/strings/str_format.h"
#include "base/text.h"
#include "inspect/dump.h"

namespace dovetail::inspect {
namespace {

namespace dense = objfmt::dense;
using objfmt::AnyView;
using objfmt::SymRef;

constexpr std::string_view kFamilies[] = {"text", "data", "metadata", "debug"};

void begin_symbol(const DumpObject& o, uint32_t i, DumpWriter& w) {
  w.begin_row();
  w.number("number", i, Show::value(0, "#"));
  w.text("symbol", o.names.symbol(i), Show::value());
}

// The number that the target has in this object; JSON only.
void target_cells(const DumpObject& o, SymRef target, DumpWriter& w) {
  w.text("target", o.names.target(target), Show::value());
  std::optional<uint32_t> local = o.names.local(target);
  if (local) w.number("target_number", *local, Show::hidden());
  else w.null("target_number");
}

void dump_reloc(const DumpObject& o, const objfmt::Reloc& r, DumpWriter& w) {
  w.begin_row();
  w.hex("offset", static_cast<uint32_t>(r.offset), Show::value(8));
  w.number("size", r.size, Show::value(2));
  w.text("type", objfmt::reloc_kind_name(r.kind), Show::value(-16));
  target_cells(o, r.target, w);
  w.number("addend", r.addend, Show{});
  w.flag("weak", r.weak);
  w.end_row();
}

template <class View>
void dump_dense(const DumpObject& o, const View& v, const DumpOptions& options, DumpWriter& w) {
  for (uint32_t i = 0; i < v.def_count(); i++) {
    if (!o.wanted(i, options)) continue;
    begin_symbol(o, i, w);
    w.text("family", kFamilies[static_cast<size_t>(v.family(i))], Show::value());
    uint32_t first_named = v.def_count() - o.view.nameddef_count();
    if (i < o.view.pkgdef_count()) {
      w.text("name_hash", absl::StrFormat("%08x", v.name_tag(i)));
    } else if (i >= first_named && v.has_name(i)) {
      base::NameHash hash = v.name_hash(i);
      w.text("name_hash", absl::StrFormat("%016x%016x", hash.hi, hash.lo));
    } else {
      w.text("name_hash", "");
    }
    w.begin_list("edges", "");
    dense::EdgeDecoder d = v.edges(i);
    for (; !d.done(); d.advance()) {
      w.begin_row();
      uint16_t kind = d.kind() & ~objfmt::kWeakRelocBit;
      w.text("type", objfmt::reloc_kind_name(static_cast<objfmt::RelocKind>(kind)), Show::value(-16));
      target_cells(o, v.ref(d.target()), w);
      w.number("addend", d.addend(), Show{});
      w.flag("weak", (d.kind() & objfmt::kWeakRelocBit) != 0);
      w.end_row();
    }
    w.end_list();
    if (!d.ok()) w.text("problem", "malformed edges");
    w.end_row();
  }
}

}  // namespace

void dump_relocs(const DumpObject& o, const DumpOptions& options, DumpWriter& w) {
  w.begin_list("relocations", "relocations (offset, size, type, target):");
  for (uint32_t i = 0; i < o.view.def_count(); i++) {
    if (!o.wanted(i, options)) continue;
    AnyView::Relocs relocs = o.view.relocs(i);
    bool any = relocs.begin() != relocs.end();
    if (!any && relocs.ok()) continue;
    begin_symbol(o, i, w);
    w.begin_list("relocations", "");
    AnyView::Relocs again = o.view.relocs(i);
    for (objfmt::Reloc r : again) dump_reloc(o, r, w);
    w.end_list();
    if (!again.ok()) w.text("problem", "malformed relocations");
    w.end_row();
  }
  w.end_list();
}

void dump_edges(const DumpObject& o, const DumpOptions& options, DumpWriter& w) {
  if (!o.view.is_dense()) return;
  w.begin_list("edges", "edges (type, target), each once:");
  o.view.visit([&](const auto& v) {
    if constexpr (requires { v.family(0); }) dump_dense(o, v, options, w);
  });
  w.end_list();
}

void dump_aux(const DumpObject& o, const DumpOptions& options, DumpWriter& w) {
  w.begin_list("aux", "auxiliary symbols (kind, symbol):");
  for (uint32_t i = 0; i < o.view.def_count(); i++) {
    if (!o.wanted(i, options)) continue;
    AnyView::Auxs auxs = o.view.auxs(i);
    bool any = auxs.begin() != auxs.end();
    if (!any && auxs.ok()) continue;
    begin_symbol(o, i, w);
    w.begin_list("aux", "");
    AnyView::Auxs again = o.view.auxs(i);
    for (objfmt::Aux a : again) {
      w.begin_row();
      w.text("kind", aux_kind_name(a.kind), Show::value(-12));
      target_cells(o, a.target, w);
      w.end_row();
    }
    w.end_list();
    if (!again.ok()) w.text("problem", "malformed auxiliary symbols");
    w.end_row();
  }
  w.end_list();
}

}  // namespace dovetail::inspect
