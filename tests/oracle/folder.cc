// A file of its own, told by the build where it lies: __FILE__ may be relative, or that of another checkout (a compiler
// cache with a base directory, -ffile-prefix-map).
#include "tests/oracle/oracle.h"

namespace dovetail::oracle {

std::filesystem::path folder() { return DOVETAIL_ORACLES; }

}  // namespace dovetail::oracle
