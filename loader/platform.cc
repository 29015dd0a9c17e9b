#include "loader/platform.h"

namespace dovetail::loader {
namespace {

constexpr Platform kPlatforms[] = {
    {"linux", "amd64", FileFormat::kElf, 0x1000, 0x400000, 0x1000, 0x1000, true, false, true, ".data.rel.ro",
     0, -8, false, false, false, false, 5, "a.out"},
    {"linux", "arm64", FileFormat::kElf, 0x10000, 0x10000, 0x1000, 0x1000, true, false, true, ".data.rel.ro",
     0, -8, false, false, false, false, 5, "a.out"},
    {"darwin", "amd64", FileFormat::kMachO, 0x1000, 0x1000000, 0x1000, 0x1000, false, true, true, "",
     0, 0x30, false, true, false, false, 1, "a.out"},
    {"darwin", "arm64", FileFormat::kMachO, 0x4000, 0x100000000, 0x1000, 0x1000, false, true, true, "",
     0, 0, true, true, false, false, 1, "a.out"},
    {"windows", "amd64", FileFormat::kPe, 0x1000, 0x140000000, 0x600, 0x1000, true, true, false, "",
     0x200, 0, false, true, true, true, 11, "a.out.exe"},
    {"windows", "arm64", FileFormat::kPe, 0x1000, 0x140000000, 0x600, 0x1000, true, true, false, "",
     0x200, 0, true, true, true, true, 11, "a.out.exe"},
};

}  // namespace

const Platform* find_platform(std::string_view goos, std::string_view goarch) {
  for (const Platform& p : kPlatforms) {
    if (p.goos == goos && p.goarch == goarch) return &p;
  }
  return nullptr;
}

}  // namespace dovetail::loader
