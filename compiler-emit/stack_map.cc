#include "compiler-emit/stack_map.h"

#include "base/text.h"
#include "compiler-emit/byte_sink.h"

namespace dovetail::emit {

absl::StatusOr<std::vector<uint8_t>> encode_stack_maps(const std::vector<std::vector<bool>>& maps) {
  size_t bits = maps.empty() ? 0 : maps[0].size();
  std::vector<uint8_t> out;
  put(out, static_cast<uint32_t>(maps.size()));
  put(out, static_cast<uint32_t>(bits));
  for (size_t m = 0; m < maps.size(); m++) {
    if (maps[m].size() != bits) {
      return absl::InvalidArgumentError(
          base::concat("stack map ", m, " has ", maps[m].size(), " bits, the first one ", bits));
    }
    size_t at = out.size();
    out.resize(at + (bits + 7) / 8);
    for (size_t i = 0; i < bits; i++) {
      if (maps[m][i]) out[at + i / 8] = static_cast<uint8_t>(out[at + i / 8] | 1u << i % 8);
    }
  }
  return out;
}

}  // namespace dovetail::emit
