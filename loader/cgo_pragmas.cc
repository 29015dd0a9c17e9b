#include "loader/cgo_pragmas.h"

#include "base/text.h"
#include "loader/go_json.h"

namespace dovetail::loader {
namespace {

constexpr std::string_view kSection = "\n$$  // cgo";

}  // namespace

bool has_cgo_pragmas(std::string_view text) { return text.find(kSection) != std::string_view::npos; }

std::string read_cgo_pragmas(std::string_view text, uint32_t library, std::string_view file,
                             std::vector<CgoDirective>* directives) {
  size_t begin = text.find(kSection);
  if (begin == std::string_view::npos) return "";
  begin = text.find('\n', begin + 1);
  if (begin == std::string_view::npos) return base::concat("found $$ // cgo but no newline in ", file);
  size_t end = text.find("\n$$", begin);
  if (end == std::string_view::npos) end = text.find("\n!\n", begin);
  if (end == std::string_view::npos) return base::concat("cannot find end of // cgo section in ", file);
  std::vector<std::vector<std::string>> lists;
  std::string error = decode_string_lists(text.substr(begin, end - begin), &lists);
  if (!error.empty()) return base::concat(file, ": failed decoding cgo directives: ", error);
  for (std::vector<std::string>& words : lists) {
    // cmd/link takes the first word of each without a look at their number.
    if (words.empty()) return base::concat(file, ": failed decoding cgo directives: one without words");
    directives->push_back({library, std::move(words)});
  }
  return "";
}

}  // namespace dovetail::loader
