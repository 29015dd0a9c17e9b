// What the harnesses share. Each defines LLVMFuzzerTestOneInput: it asks one reader everything about any bytes, and the
// sanitizers, -timeout and -rss_limit_mb judge. What an answer says is not judged here, save where a promise spans two
// answers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "base/bytes.h"

namespace dovetail::fuzz {

// A promise that must hold for any input; ends the process if it does not.
inline void require(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

// Reads every byte, so that one outside is seen.
inline void touch(base::Bytes bytes) {
  volatile uint8_t sum = 0;
  for (uint8_t b : bytes) sum = static_cast<uint8_t>(sum + b);
}
inline void touch(std::string_view text) { touch(base::as_bytes(text)); }

}  // namespace dovetail::fuzz
