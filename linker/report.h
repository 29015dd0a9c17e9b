// Prints what the passes reported, as cmd/link would have, and settles the exit status.
#pragma once

#include <string_view>

#include "loader/services.h"

namespace dovetail::linker {

class Reporter {
 public:
  explicit Reporter(const loader::Services& sv) : sv_(sv) {}

  // Prints what is pending. True if the link may go on. cmd/link stops at once for some errors (Exitf: status 2;
  // log.Fatalf: status 1), counts others (Errorf: status 2, at the next checkpoint) and gives up after 20.
  bool checkpoint();
  int status() const { return status_; }

 private:
  const loader::Services& sv_;
  int errors_ = 0;
  int status_ = 0;
};

}  // namespace dovetail::linker
