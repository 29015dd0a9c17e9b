// Members of an ar archive as Go's tools write them (cmd/link ld/lib.go
// loadobjfile and nextar, Go 1.26): 60-byte headers, fields padded with spaces,
// members at even offsets, no symbol table, no long names.
#pragma once

#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace dovetail::objfmt {

struct ArchiveMember {
  std::string_view name;
  uint64_t offset;  // of the contents, in the file
  base::Bytes contents;
  uint64_t size;  // as its header says; contents may be cut short
};

// So many bytes of a file hold the magic and the first member's header.
constexpr uint64_t kArchiveHeadSize = 8 + 60;

// Whether the file begins with the archive magic; if not, it is one object.
bool is_archive(base::Bytes file);

class ArchiveReader {
 public:
  // REQUIRES: is_archive(file).
  explicit ArchiveReader(base::Bytes file);
  // The next member is the one at `offset`, which the caller has read by other means.
  void seek(uint64_t offset) { offset_ = offset; }
  // The next member; nothing at the end or if what follows is no whole header (cmd/link stops
  // there too). `truncated` says whether the member's size runs beyond the file.
  std::optional<ArchiveMember> next();
  bool truncated() const { return truncated_; }

 private:
  base::Bytes file_;
  uint64_t offset_;
  bool truncated_ = false;
};

}  // namespace dovetail::objfmt
