#include "base/go_path.h"

#include <algorithm>

namespace dovetail::base {

bool is_clean_path(std::string_view path) {
  if (path.empty() || path.front() == '.' || path.back() == '/') return path == "/";
  for (size_t slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
    if (path[slash + 1] == '/' || path[slash + 1] == '.') return false;
  }
  return true;
}

std::string clean_path(std::string_view path) {
  if (is_clean_path(path)) return std::string(path);
  const bool rooted = !path.empty() && path.front() == '/';
  std::string out(rooted ? "/" : "");
  size_t floor = out.size();  // what ".." may not remove: the root, or a leading "../.."
  const auto add = [&out, rooted](std::string_view element) {
    if (out.size() > (rooted ? 1u : 0u)) out += '/';
    out += element;
  };
  for (size_t begin = 0; begin < path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view element = path.substr(begin, end - begin);
    begin = end + 1;
    if (element.empty() || element == ".") continue;
    if (element != "..") {
      add(element);
    } else if (out.size() > floor) {
      const size_t slash = out.rfind('/');
      out.resize(slash == std::string::npos || slash < floor ? floor : slash);
    } else if (!rooted) {
      add("..");
      floor = out.size();
    }
  }
  return out.empty() ? "." : out;
}

std::string path_dir(std::string_view path) {
  std::string_view dir = path.substr(0, path.rfind('/') + 1);
  if (dir.size() > 1) dir.remove_suffix(1);
  return clean_path(dir);
}

std::string_view path_base(std::string_view path) {
  if (path.empty()) return ".";
  const size_t last = path.find_last_not_of('/');
  if (last == std::string_view::npos) return "/";
  path = path.substr(0, last + 1);
  return path.substr(path.rfind('/') + 1);
}

std::string join_path(std::initializer_list<std::string_view> elements) {
  std::string all;
  for (const std::string_view element : elements) {
    if (element.empty()) continue;
    if (!all.empty()) all += '/';
    all += element;
  }
  return all.empty() ? all : clean_path(all);
}

std::string expand_file(std::string_view name, std::string_view goroot) {
  constexpr std::string_view kFilePrefix = "gofile..", kGoroot = "$GOROOT";
  if (name.starts_with(kFilePrefix)) name.remove_prefix(kFilePrefix.size());
  if (goroot.empty() || !name.starts_with(kGoroot) || name.size() == kGoroot.size()) return std::string(name);
  char separator = name[kGoroot.size()];
  if (separator != '/' && separator != '\\') return std::string(name);
  return join_path({goroot, name.substr(kGoroot.size())});
}

}  // namespace dovetail::base
