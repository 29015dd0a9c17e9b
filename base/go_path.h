// Slash-separated paths by Go's rules, which decide names in debug sections and which files are looked up.
//
// What these must equal, Go 1.26: path.Clean, path.Dir, path.Base; and path/filepath's Clean, Dir, Base, Join
// as they are on Unix. They are purely lexical: no file is looked at.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace dovetail::base {

// The shortest name of the same file: no empty and no "." elements, ".." only at the front; "." if nothing is
// left.
std::string clean_path(std::string_view path);

// Whether clean_path is known to leave a path as it is: no element is empty or begins with a dot.
bool is_clean_path(std::string_view path);

// All but the last element, cleaned.
std::string path_dir(std::string_view path);

// The last element, trailing slashes apart: "." of nothing, "/" of slashes. A view of `path` or of a
// constant.
std::string_view path_base(std::string_view path);

// The elements that are not empty, joined by slashes and cleaned; "" if all are empty.
std::string join_path(std::initializer_list<std::string_view> elements);

// A source file's name, which objects spell for the compiler's sake, as it stands in the image: without "gofile..", and
// $GOROOT replaced unless -trimpath left it unknown (cmd/link ld/dwarf.go expandFile, ld/pcln.go expandGoroot, Go 1.26).
std::string expand_file(std::string_view name, std::string_view goroot);

}  // namespace dovetail::base
