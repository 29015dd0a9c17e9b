// Prints what the passes reported, as cmd/link would have, and settles the exit status.
#pragma once

#include <string_view>

#include "loader/services.h"

namespace dovetail::linker {

class Reporter {
 public:
  explicit Reporter(const loader::Services& sv) : sv_(sv) {}

  // Prints what is pending. False if the link ends here: cmd/link stops at once for some errors (Exitf: status 2;
  // log.Fatalf: status 1), counts others (Errorf: status 2) and gives up after 20.
  bool proceed();
  // The same, and false too if there were errors before.
  bool checkpoint() { return proceed() && status_ == 0; }
  // The link fails, when it is done.
  void fail(int status) { status_ = status; }
  int status() const { return status_; }

 private:
  const loader::Services& sv_;
  int errors_ = 0;
  int status_ = 0;
};

}  // namespace dovetail::linker
