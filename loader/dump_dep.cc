#include "loader/dump_dep.h"

#include <string>


namespace dovetail::loader {
namespace {

constexpr size_t kPiece = 1 << 16;

void append_with_flags(const SerialFlood& flood, uint32_t node, std::string* text) {
  text->append(flood.name(node));
  bool used = flood.used_in_interface(node), reflect = flood.calls_method_by_reflection(node);
  if (used || reflect) *text += ' ';
  if (used) *text += "<UsedInIface>";
  if (reflect) *text += "<ReflectMethod>";
}

}  // namespace

void dump_dependencies(Services& sv, const Inputs& in, const Resolution& res, const InitOrder& inits,
                       const DirectedSymbols& directed, absl::FunctionRef<void(std::string_view)> print) {
  SerialFlood flood(sv, in, res, inits, directed);
  std::string text;  // not printed yet
  flood.run([&](uint32_t parent, uint32_t node) {
    if (flood.name(node).empty()) return;
    if (parent == 0) {
      text += '_';
    } else {
      append_with_flags(flood, parent, &text);
    }
    text += " -> ";
    append_with_flags(flood, node, &text);
    text += '\n';
    if (text.size() < kPiece) return;
    print(text);
    text.clear();
  });
  print(text);
}

}  // namespace dovetail::loader
