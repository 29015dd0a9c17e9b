// `dovetail size`: where a file's bytes go. Each byte is counted once, under one name, so the rows add up to the size
// of the files.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "base/bytes.h"
#include "base/text.h"

namespace dovetail::inspect {

enum class SizeBy : uint8_t {
  kBlock,    // blocks of objects, sections of images
  kPackage,  // of objects: whose object it is; of images: by the names of symbols
  kSymbol,   // names; what belongs to no symbol goes by its block or section, in brackets
};

struct SizeRow {
  std::string name;
  uint64_t bytes = 0, count = 0;  // count: of the things that bear the name
};

class SizeTable {
 public:
  void add(std::string_view name, uint64_t bytes, uint64_t count = 1);
  // The largest first, those of equal size by name.
  std::vector<SizeRow> rows() const;

 private:
  absl::flat_hash_map<std::string, SizeRow> rows_;  // rows() sorts
};

// The error: the file is none of those that can be looked into, or an object in it cannot be opened; `table` is then of
// no use. Debug information that is compressed is counted in `table` as it is, and in `expanded`, by package or symbol, as
// it is when expanded.
absl::Status measure_file(base::Bytes file, SizeBy by, SizeTable* table, SizeTable* expanded);

}  // namespace dovetail::inspect
