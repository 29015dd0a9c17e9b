// Whole files, archives or single objects, from one object format to the other.
//
// What is not an object of Go's (export data, .syso members) and the text in front of each object stay as
// they are, byte for byte: the go command stamps build IDs into that text in place. An archive's member keeps
// its header save the size, and is one zero byte longer than its dense object where that keeps its size even
// or odd, so that the padding behind it is the same.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/bytes.h"

namespace dovetail::emit {

enum class ObjectFormat { kGoobj, kDense };

struct ConvertOptions {
  ObjectFormat to = ObjectFormat::kDense;
  bool compress_cold = false;
};

struct Converted {
  std::vector<uint8_t> bytes;
  uint32_t objects = 0;  // that were converted; those of the wanted format already are kept
};

// The error names the member.
absl::StatusOr<Converted> convert_file(base::Bytes file, const ConvertOptions& options);

// Tells apart what different versions of the converter write: format, converter and zstd. For the go
// command's cache.
std::string converter_version();

}  // namespace dovetail::emit
