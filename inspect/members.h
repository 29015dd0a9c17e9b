// What a file holds for those who look inside: an archive's members, or one object or image. What is taken for an
// object, and the text of errors, are go tool nm's (cmd/internal/archive/archive.go, cmd/internal/objfile, Go 1.26).
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/bytes.h"

namespace dovetail::inspect {

// kHost: a member of an archive that is an object of the system, in a format that is not read (host_object.h).
enum class MemberKind : uint8_t { kGoobj, kDense, kImage, kHost };

struct Member {
  std::string_view name;  // empty: the file is no archive
  MemberKind kind;
  base::Bytes object;  // an image or host object: all of it; else what stands behind the text header
  uint64_t offset;     // of object, in the file
  base::Bytes text;    // the header in front of an object, with its end; of others nothing
};

// In the file's order; without export data and what the go command leaves for the linker. The error's message is go
// tool nm's, without the "open FILE: " in front.
absl::StatusOr<std::vector<Member>> list_members(base::Bytes file);

}  // namespace dovetail::inspect
