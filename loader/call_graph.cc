#include "loader/call_graph.h"

#include <string>

namespace dovetail::loader {
namespace {

constexpr size_t kPiece = 1 << 16;

// The name of a symbol, dead or live, if it is a function.
std::string_view function_name(const Program& program, RawId raw) {
  if (raw == RawId::kNil || program.res.is_reference(raw)) return {};
  Slot slot = program.res.content(program.in, raw);
  const ObjectView& view = program.in.objects[slot.object].view;
  return objfmt::is_text(view.kind(slot.local)) ? view.name(slot.local) : std::string_view();
}

}  // namespace

void dump_call_graph(Services& sv, const Program& program, std::span<const SymId> functions,
                     absl::FunctionRef<void(std::string_view)> print) {
  std::string text;
  for (SymId s : functions) {
    if (!program.has_object(s)) continue;
    const uint32_t object = program.syms.object[index(s)];
    const bool initialiser = program.syms.flags[index(s)] & objfmt::SymFlags::kPkgInit;
    for (objfmt::Reloc r : program.in.objects[object].view.relocs(program.syms.local[index(s)])) {
      if (!r.is_direct_call()) continue;
      RawId callee = program.res.resolve(program.in, object, r.target);
      std::string_view name = function_name(program, callee);
      // Calls to initialisers of maps that nobody uses go elsewhere by now.
      if (r.weak && initialiser && sv.options.prune_weak_map && callee != RawId::kNil &&
          !program.is_live(callee)) {
        name = "runtime.mapinitnoop";
      }
      if (name.empty()) continue;
      text.append(program.name(s)).append(" calls ").append(name).push_back('\n');
    }
    if (text.size() < kPiece) continue;
    print(text);
    text.clear();
  }
  print(text);
}

}  // namespace dovetail::loader
