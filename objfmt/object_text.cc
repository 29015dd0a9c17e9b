#include "objfmt/object_text.h"

namespace dovetail::objfmt {

std::optional<size_t> end_of_object_text(std::string_view text, size_t at) {
  int markers = 0;
  for (size_t line = at; line + 1 < text.size();) {
    if (markers % 2 == 0 && text[line] == '!' && text[line + 1] == '\n') return line + 2;
    if (text[line] == '$' && text[line + 1] == '$') markers++;
    line = text.find('\n', line);
    if (line == std::string_view::npos) break;
    line++;
  }
  return std::nullopt;
}

}  // namespace dovetail::objfmt
