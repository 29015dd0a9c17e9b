// The text in front of a Go object, and what it says about the objects of a link. cmd/link, cmd/go and the
// compiler require that its first line is the release's, to the letter (cmd/internal/objabi/util.go
// HeaderString, Go 1.26):
//
//     go object GOOS GOARCH VERSION [KEY=VALUE ]X:EXPERIMENT,...
//
// "!" on a line of its own ends the text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/bytes.h"

namespace dovetail::emit {

struct ObjectHeader {
  std::string line;  // without the newline
  std::string goos, goarch, version;
  bool dwarf5 = false;   // the format of debug information
  uint32_t quantum = 1;  // pcs are multiples of it
};

// The error says what is missing, or that code for GOARCH is not known here (amd64, arm64).
absl::StatusOr<ObjectHeader> parse_object_header(std::string_view line);

// The header line of an object file or of the first object in an archive, such as any that the release's
// compiler or assembler wrote. Fails if there is none.
absl::StatusOr<std::string> header_line_of(base::Bytes file);

// How an object is wrapped.
enum class Container {
  kBare,     // only the binary part, from its magic
  kObject,   // with the text in front: what asm writes, and what a .syso file holds
  kArchive,  // an archive with the object as its one member, _go_.o
};
std::vector<uint8_t> wrap_object(const ObjectHeader& header, std::vector<uint8_t> object,
                                 Container container);

}  // namespace dovetail::emit
