#include "loader/importcfg.h"

#include <algorithm>
#include <utility>

#include "base/go_text.h"
#include "base/text.h"
#include "loader/go_text.h"

namespace dovetail::loader {
namespace {

// Sorts by package and keeps the last of equal ones.
void keep_last(std::vector<PackageFile>* rows) {
  std::stable_sort(rows->begin(), rows->end(),
                   [](const PackageFile& a, const PackageFile& b) { return a.package < b.package; });
  auto last = std::unique(rows->rbegin(), rows->rend(),
                          [](const PackageFile& a, const PackageFile& b) { return a.package == b.package; });
  rows->erase(rows->begin(), last.base());
}

std::string_view find(const std::vector<PackageFile>& rows, std::string_view package) {
  auto at = std::lower_bound(rows.begin(), rows.end(), package,
                             [](const PackageFile& row, std::string_view key) { return row.package < key; });
  return at != rows.end() && at->package == package ? at->file : std::string_view();
}

}  // namespace

std::string_view ImportCfg::file_of(std::string_view package) const { return find(packages_, package); }

std::string_view ImportCfg::shared_library_of(std::string_view package) const {
  return find(shared_libraries_, package);
}

std::string ImportCfg::parse_line(std::string_view line, std::vector<std::string>* modinfo) {
  size_t space = line.find(' ');
  std::string_view verb = line.substr(0, space);
  std::string_view args = space == std::string_view::npos ? std::string_view() : trim_go_space(line.substr(space + 1));
  if (verb == "modinfo") {
    std::optional<std::string> text = base::unquote(args);
    if (!text) return "invalid modinfo: invalid syntax";
    modinfo->push_back(*std::move(text));
    return "";
  }
  if (verb != "packagefile" && verb != "packageshlib") return base::concat("unknown directive ", go_quote(verb));
  size_t equal = args.find('=');
  if (equal == std::string_view::npos || equal == 0 || equal + 1 == args.size()) {
    return base::concat("invalid ", verb, ": syntax is \"", verb, " path=filename\"");
  }
  auto& rows = verb == "packagefile" ? packages_ : shared_libraries_;
  rows.push_back({args.substr(0, equal), args.substr(equal + 1)});
  return "";
}

std::string ImportCfg::parse(std::string_view name, std::string text, std::vector<std::string>* modinfo) {
  packages_.clear();
  shared_libraries_.clear();
  text_ = std::make_unique<const std::string>(std::move(text));
  std::string_view rest = *text_;
  for (size_t number = 1;; number++) {
    size_t end = rest.find('\n');
    std::string_view line = trim_go_space(rest.substr(0, end));
    if (!line.empty() && line[0] != '#') {
      std::string error = parse_line(line, modinfo);
      if (!error.empty()) return base::concat(name, ":", number, ": ", error);
    }
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  keep_last(&packages_);
  keep_last(&shared_libraries_);
  return "";
}

}  // namespace dovetail::loader
