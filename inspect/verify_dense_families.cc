// In which family's block a definition's bytes belong.
#include <vector>

#include "inspect/verify_dense.h"
#include "objfmt/goobj/layout.h"

namespace dovetail::inspect {

using namespace objfmt::dense;

namespace {

// What is read together with a function's tables (as the writer deals them: compiler-emit/dense_writer.cc).
bool is_metadata(objfmt::AuxKind k) {
  using objfmt::AuxKind;
  return k == AuxKind::kFuncInfo || (k >= AuxKind::kPcsp && k <= AuxKind::kPcdata);
}

}  // namespace

void verify_dense_families(const View& view, Findings* findings) {
  std::vector<bool> metadata(view.symbol_count());
  for (uint32_t i = 0; i < view.def_count(); i++) {
    for (AuxDecoder d = view.auxs(i); !d.done(); d.advance()) {
      objfmt::SymRef ref = d.current().target;
      if (!is_metadata(d.current().kind)) continue;
      namespace goobj = objfmt::goobj;
      uint64_t to = ref.sym;
      if (ref.pkg == goobj::kPkgHashed64)
        to += view.count(kPackageDefs);
      else if (ref.pkg == goobj::kPkgHashed)
        to += view.count(kPackageDefs) + view.count(kHashed64Defs);
      else if (ref.pkg == goobj::kPkgNone)
        to += view.def_count() - view.count(kNamedDefs);
      else if (ref.pkg != goobj::kPkgSelf)
        continue;
      if (to < metadata.size()) metadata[to] = true;
    }
  }
  for (uint32_t i = 0; i < view.symbol_count(); i++) {
    objfmt::SymKind kind = objfmt::from_object_kind(view.kind(i));
    Family want = objfmt::is_text(kind)    ? Family::kText
                  : objfmt::is_dwarf(kind) ? Family::kDebug
                  : metadata[i]            ? Family::kMetadata
                                           : Family::kData;
    if (view.family(i) == want) continue;
    findings->add("classes.family", {.block = "classes", .symbol = i},
                  want_have(static_cast<uint64_t>(want), static_cast<uint64_t>(view.family(i))));
  }
}

}  // namespace dovetail::inspect
