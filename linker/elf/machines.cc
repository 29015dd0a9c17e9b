#include "linker/elf/plt.h"

namespace dovetail::linker {

const ElfMachine kElfAmd64 = {62, 16, "/lib64/ld-linux-x86-64.so.2", "/lib/ld-musl-x86_64.so.1", 8, 6, 7,
                              start_plt_amd64, add_plt_slot_amd64};
const ElfMachine kElfArm64 = {183, 4, "/lib/ld-linux-aarch64.so.1", "/lib/ld-musl-aarch64.so.1", 1027, 1025, 1026,
                              start_plt_arm64, add_plt_slot_arm64};

}  // namespace dovetail::linker
