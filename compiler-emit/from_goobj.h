// Today's Go objects into dense ones.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "base/bytes.h"

namespace dovetail::emit {

// `goobj` begins at the magic and ends with the object. Fails if it is malformed, or holds something that the
// dense format has no room for (no compiler writes such a thing).
absl::StatusOr<std::vector<uint8_t>> dense_from_goobj(base::Bytes goobj, bool compress_cold);

}  // namespace dovetail::emit
