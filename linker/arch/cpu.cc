#include "linker/arch/cpu.h"

#include "linker/arch/amd64.h"
#include "linker/arch/arm64.h"

namespace dovetail::linker {

const Cpu& cpu_of(std::string_view goarch) { return goarch == "arm64" ? Arm64::kCpu : Amd64::kCpu; }

}  // namespace dovetail::linker
