#include "linker/report.h"

#include <cstdio>

#include "base/text.h"

namespace dovetail::linker {
namespace {

constexpr int kErrorLimit = 20;

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }

}  // namespace

bool Reporter::proceed() {
  std::fflush(stdout);
  for (const base::Diagnostic& d : sv_.diag.take()) {
    switch (d.severity) {
      case base::Severity::kNote:
        print(base::concat(d.text, "\n"));
        break;
      case base::Severity::kError:
        print(base::concat(d.text, "\n"));
        std::fwrite(d.output.data(), 1, d.output.size(), stdout);
        std::fflush(stdout);  // both may go to one place
        status_ = 2;
        if (sv_.options.halt_on_error) {
          print("panic: error\n");
          return false;
        }
        if (++errors_ > kErrorLimit && !sv_.options.all_errors) {
          print(base::concat(sv_.program, ": too many errors\n"));
          return false;
        }
        break;
      case base::Severity::kExit:
        print(base::concat(sv_.program, ": ", d.text, "\n"));
        status_ = 2;
        return false;
      case base::Severity::kFatal:
        print(base::concat("link: ", d.text, "\n"));
        status_ = 1;
        return false;
    }
  }
  return true;
}

}  // namespace dovetail::linker
