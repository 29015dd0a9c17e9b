#include "linker/cli/stand_in.h"

#include <unistd.h>

#include <vector>

#include "base/file.h"
#include "base/text.h"

namespace dovetail::linker {
namespace {

using base::concat;

std::string absolute(std::string_view path) {
  if (path.starts_with('/')) return std::string(path);
  char directory[4096];
  return ::getcwd(directory, sizeof directory) != nullptr ? concat(std::string_view(directory), "/", path) : std::string(path);
}

// Takes "." and ".." out of an absolute path by its words alone.
std::string clean(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    size_t slash = std::min(path.find('/'), path.size());
    std::string_view part = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (!parts.empty()) {
      parts.pop_back();
    }
  }
  std::string out;
  for (std::string_view part : parts) out += concat("/", part);
  return out;
}

std::string_view take_last(std::string_view& path) {
  size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return "";
  std::string_view last = path.substr(slash + 1);
  path = path.substr(0, slash);
  return last;
}

// The first line of GOROOT/VERSION, "go1.26.8", or "".
std::string read_version(std::string_view goroot) {
  absl::StatusOr<std::string> text = base::read_file(concat(goroot, "/VERSION"));
  if (!text.ok()) return "";
  return text->substr(0, text->find_first_of("\r\n"));
}

}  // namespace

std::string version_of_tool(std::string_view tool, std::string_view goroot) {
  if (tool.find('/') != std::string_view::npos) {
    std::string path = clean(absolute(tool));
    std::string_view root = path;
    take_last(root);  // link
    take_last(root);  // linux_amd64
    if (take_last(root) == "tool" && take_last(root) == "pkg") {
      if (std::string version = read_version(root); !version.empty()) return version;
    }
  }
  return goroot.empty() ? std::string() : read_version(goroot);
}

std::string version_of_object(const std::string& path) {
  absl::StatusOr<base::MappedFile> file = base::MappedFile::open(path);
  if (!file.ok()) return "";
  std::string_view text = base::as_text(file->bytes()).substr(0, 512);
  constexpr std::string_view kArchive = "!<arch>\n", kObject = "go object ";
  constexpr size_t kMemberHeader = 60;
  if (text.starts_with(kArchive)) text.remove_prefix(std::min(kArchive.size() + kMemberHeader, text.size()));
  if (!text.starts_with(kObject)) return "";
  text = text.substr(kObject.size(), text.find('\n') - kObject.size());  // "linux amd64 go1.26.8 GOAMD64=v1 X:..."
  for (int word = 0; word < 2; word++) text.remove_prefix(std::min(text.find(' '), text.size() - 1) + 1);
  return std::string(text.substr(0, text.find(' ')));
}

}  // namespace dovetail::linker
