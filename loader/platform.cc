#include "loader/platform.h"

namespace dovetail::loader {
namespace {

constexpr Platform kPlatforms[] = {
    {"linux", "amd64", FileFormat::kElf, 0x1000, 0x400000, 0x1000, 0x1000, true, false, true, false, ".data.rel.ro"},
    {"linux", "arm64", FileFormat::kElf, 0x10000, 0x10000, 0x1000, 0x1000, true, false, true, false, ".data.rel.ro"},
    {"darwin", "amd64", FileFormat::kMachO, 0x1000, 0x1000000, 0x1000, 0x1000, false, true, true, false, ""},
    {"darwin", "arm64", FileFormat::kMachO, 0x4000, 0x100000000, 0x1000, 0x1000, false, true, true, true, ""},
    {"windows", "amd64", FileFormat::kPe, 0x1000, 0x140000000, 0x600, 0x1000, true, true, false, false, ""},
    {"windows", "arm64", FileFormat::kPe, 0x1000, 0x140000000, 0x600, 0x1000, true, true, false, false, ""},
};

}  // namespace

const Platform* find_platform(std::string_view goos, std::string_view goarch) {
  for (const Platform& p : kPlatforms) {
    if (p.goos == goos && p.goarch == goarch) return &p;
  }
  return nullptr;
}

}  // namespace dovetail::loader
