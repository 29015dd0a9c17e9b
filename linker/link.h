// One link, from parsed options to the image on disk.
#pragma once

#include <string>

#include "loader/options.h"

namespace dovetail::linker {

struct LinkRequest {
  loader::Options options;
  std::string argv0;  // how messages of cmd/link begin
  loader::Tuning tuning;
};

// Links, prints diagnostics as cmd/link does, returns its exit status.
int link(const LinkRequest& request);

}  // namespace dovetail::linker
