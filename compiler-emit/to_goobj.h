// The way back from a dense object to the goobj that it was made from.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "base/bytes.h"

namespace dovetail::emit {

// The same file, byte for byte, if the residue is there; without it, the strings come in another order.
// `dense` begins at the magic and ends with the object.
absl::StatusOr<std::vector<uint8_t>> goobj_from_dense(base::Bytes dense);

}  // namespace dovetail::emit
