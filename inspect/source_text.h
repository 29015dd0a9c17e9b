// The text of source lines, from the files that line tables name, as these files are on this machine now.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/node_hash_map.h"
#include "base/file.h"

namespace dovetail::inspect {

class SourceText {
 public:
  // `goroot` may be empty: then names that count from it are not found.
  explicit SourceText(std::string goroot) : goroot_(std::move(goroot)) {}

  // Line `number`, from 1, without its end. None if there is no such file, or it has fewer lines.
  //
  // "$GOROOT/src/x" is what objects of std are compiled from, "fmt/print.go" a file of std under -trimpath; any other
  // name that is not absolute counts from the current directory.
  std::optional<std::string_view> line(const std::string& file, int32_t number);

 private:
  struct File {
    base::MappedFile mapping;
    std::vector<std::string_view> lines;
  };
  File read(const std::string& file) const;

  std::string goroot_;
  absl::node_hash_map<std::string, File> files_;  // those that cannot be read have no lines
};

}  // namespace dovetail::inspect
