#include "inspect/source_text.h"

#include "base/text.h"

namespace dovetail::inspect {
namespace {

using base::concat;

// A name out of a damaged image may be that of anything.
constexpr uint64_t kLargest = 64 << 20;

base::MappedFile map_source(const std::string& path) {
  // A pipe would be waited for.
  if (!base::is_regular_file(path)) return {};
  absl::StatusOr<base::OpenedFile> opened = base::OpenedFile::open(path);
  if (!opened.ok() || opened->size() > kLargest) return {};
  absl::StatusOr<base::MappedFile> file = opened->map();
  return file.ok() ? *std::move(file) : base::MappedFile();
}

}  // namespace

SourceText::File SourceText::read(const std::string& file) const {
  constexpr std::string_view kGoroot = "$GOROOT/";
  std::vector<std::string> paths;
  if (file.starts_with('/')) {
    paths = {file};
  } else if (file.starts_with(kGoroot)) {
    if (!goroot_.empty()) paths = {concat(goroot_, "/", file.substr(kGoroot.size()))};
  } else {
    if (!goroot_.empty()) paths = {concat(goroot_, "/src/", file)};
    paths.push_back(file);
  }
  File found;
  for (size_t i = 0; i < paths.size() && found.mapping.bytes().empty(); i++) found.mapping = map_source(paths[i]);
  std::string_view text = base::as_text(found.mapping.bytes());
  while (!text.empty()) {
    size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    found.lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return found;
}

std::optional<std::string_view> SourceText::line(const std::string& file, int32_t number) {
  auto known = files_.find(file);
  if (known == files_.end()) known = files_.emplace(file, read(file)).first;
  const std::vector<std::string_view>& lines = known->second.lines;
  if (number < 1 || static_cast<size_t>(number) > lines.size()) return std::nullopt;
  return lines[static_cast<size_t>(number) - 1];
}

}  // namespace dovetail::inspect
