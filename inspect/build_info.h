// The build information of an image, as go version -m prints it (debug/buildinfo/buildinfo.go and
// runtime/debug/mod.go, Go 1.26).
//
//   .go.buildinfo: "\xff Go buildinf:" (14), pointer size, flags (2: strings follow), 16 zeros, then uleb length and
//   text of the Go version and of the module information, which has 16 bytes of marks on either side.
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "objfmt/image_view.h"

namespace dovetail::inspect {

struct BuildModule {
  std::string_view kind;  // "mod", "dep", "=>" for what replaces the one before
  std::string_view path, version, sum;
};
struct BuildSetting {
  std::string_view key, value;
};
struct BuildInfo {
  std::string_view go_version, path;
  std::vector<BuildModule> modules;
  std::vector<BuildSetting> settings;
};

// Views of the image.
absl::StatusOr<BuildInfo> read_build_info(const objfmt::ImageView& view);

}  // namespace dovetail::inspect
