// The build configuration that cmd/link takes from its environment.
//
// cmd/link links a package (internal/buildcfg, Go 1.26) that reads GOOS, GOARCH,
// GOAMD64, GOEXPERIMENT and more when the process starts; they decide the header
// that objects must carry, the version string in the image and some of its
// layout. Here that is one function of the environment and a value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "loader/release/release.h"

namespace dovetail::loader {

// The value of an environment variable, or null.
using EnvLookup = absl::FunctionRef<const char*(const char*)>;

// A set of experiments (GOEXPERIMENT) next to the set that is on by default.
struct ExperimentSet {
  uint64_t enabled = 0, baseline = 0;  // bit i: Release::experiments[i]

  bool has(const Release& release, std::string_view name) const;
  // "a,b": those that are on.
  std::string enabled_names(const Release& release) const;
  // "a,nob": those that differ from the baseline; GOEXPERIMENT in its canonical form.
  std::string difference(const Release& release) const;
};

struct BuildConfig {
  std::string goroot;  // "" with -trimpath
  std::string goos, goarch;
  int goamd64 = 1;
  std::string goarm64 = "v8.0";
  std::string extlink_enabled;  // GO_EXTLINK_ENABLED
  ExperimentSet experiments;
  // Why the environment is refused ("invalid GOFIPS140: ..."), or empty.
  std::string error;
};

BuildConfig read_build_config(const Release& release, EnvLookup lookup);

// The first line of an object that this configuration can link, with its newline.
// cmd/internal/objabi/util.go HeaderString, Go 1.26.
std::string header_string(const Release& release, std::string_view version, const BuildConfig& config);

// What -V prints behind the program's name, and the string runtime.buildVersion
// is set to. cmd/internal/objabi/flag.go versionFlag, cmd/link ld/main.go Main, Go 1.26.
std::string version_text(const Release& release, std::string_view version, const BuildConfig& config);
std::string build_version(const Release& release, std::string_view version, const BuildConfig& config);

}  // namespace dovetail::loader
