// The text in front of the binary part of an object of Go's: a line "go object GOOS GOARCH VERSION …", more lines,
// and "!" on a line of its own.
#pragma once

#include <optional>
#include <string_view>

namespace dovetail::objfmt {

constexpr std::string_view kObjectTextStart = "go object ";

// Offset behind the line "!", sought from `at`, the beginning of a line. One inside export data, between an odd
// number of lines that begin with "$$", does not count (cmd/link ld/lib.go ldobj, Go 1.26).
std::optional<size_t> end_of_object_text(std::string_view text, size_t at = 0);

}  // namespace dovetail::objfmt
