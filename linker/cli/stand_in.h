// Which Go release a link stands in for.
//
// The version goes into the image and decides which objects are accepted. It is
// never that of our own build: it is the one whose linker we replace, and that
// one's place tells it, GOROOT/pkg/tool/GOOS_GOARCH/link.
#pragma once

#include <string>
#include <string_view>

namespace dovetail::linker {

// The version in the VERSION file three directories above the tool's own, if the tool lies in a GOROOT, else in
// `goroot`, else "". Paths are taken as they are given, symbolic links are not followed: in an overlay the tool is a
// link to us.
std::string version_of_tool(std::string_view tool, std::string_view goroot);

// The version in the first line of an object or of the first member of an archive, or "".
std::string version_of_object(const std::string& path);

}  // namespace dovetail::linker
