#include "loader/cgo_pragmas.h"

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace dovetail::loader {

std::string read_cgo_pragmas(std::string_view text, uint32_t library, std::string_view file,
                             std::vector<CgoDirective>* directives) {
  size_t begin = text.find("\n$$  // cgo");
  if (begin == std::string_view::npos) return "";
  begin = text.find('\n', begin + 1);
  if (begin == std::string_view::npos) return base::concat("found $$ // cgo but no newline in ", file);
  size_t end = text.find("\n$$", begin);
  if (end == std::string_view::npos) end = text.find("\n!\n", begin);
  if (end == std::string_view::npos) return base::concat("cannot find end of // cgo section in ", file);
  std::string_view json = text.substr(begin, end - begin);
  nlohmann::json parsed = nlohmann::json::parse(json.begin(), json.end(), nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_array()) return base::concat(file, ": failed decoding cgo directives: not a list of lists of strings");
  for (const nlohmann::json& line : parsed) {
    CgoDirective directive{library, {}};
    if (!line.is_array()) return base::concat(file, ": failed decoding cgo directives: not a list of strings");
    for (const nlohmann::json& word : line) {
      if (!word.is_string()) return base::concat(file, ": failed decoding cgo directives: not a string");
      directive.words.push_back(word.get<std::string>());
    }
    if (!directive.words.empty()) directives->push_back(std::move(directive));
  }
  return "";
}

}  // namespace dovetail::loader
