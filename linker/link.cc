#include "linker/link.h"

#include <cstdio>

namespace dovetail::linker {

int link(const LinkRequest&) {
  std::fputs("link: not implemented\n", stderr);
  return 2;
}

}  // namespace dovetail::linker
