// Today's Go objects into dense ones, and back.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "base/bytes.h"

namespace dovetail::emit {

// `goobj` begins at the magic and ends with the object. Fails if it is malformed, or holds something that the dense
// format has no room for (no compiler writes such a thing).
absl::StatusOr<std::vector<uint8_t>> dense_from_goobj(base::Bytes goobj, bool compress_cold);

// The goobj that a dense object was made from, byte for byte if its residue is there.
absl::StatusOr<std::vector<uint8_t>> goobj_from_dense(base::Bytes dense);

}  // namespace dovetail::emit
