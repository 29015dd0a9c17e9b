#include "machine.h"

namespace tinyc {

std::unique_ptr<Machine> make_machine(std::string_view goarch) {
  return goarch == "amd64" ? make_amd64() : goarch == "arm64" ? make_arm64() : nullptr;
}

}  // namespace tinyc
