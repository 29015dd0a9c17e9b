// `dovetail goroot DIR`: a GOROOT in which `link` is this executable.
//
// The go command takes its tools from GOROOT/pkg/tool/GOOS_GOARCH. The overlay
// has real directories down to that one; everything else in them is a symbolic
// link to its counterpart in the Go release. A marker file tells our overlays
// from directories that are none of our business: only an empty directory or an
// overlay is touched, and of an overlay only its links.
//
// src stays one link. The go command finds `std` by a walk of GOROOT/src/ that
// skips links to directories (cmd/go modload/search.go matchPackages, Go 1.26),
// and go:embed refuses links to files (cmd/go load/pkg.go resolveEmbed). Some
// packages of std embed files: a real src would need regular files for them,
// which are copies, or hard links, which end at the file system's border and at
// other owners' files. The price: a process in DIR/src that asks the system where
// it is, since its $PWD does not say so, hears the release's src, which does not
// lie in DIR (docs/testing.md).
#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "linker/cli/commands.h"
#include "loader/go_text.h"
#include "loader/release/release.h"

namespace dovetail::linker {
namespace {

using base::concat;
namespace fs = std::filesystem;

constexpr std::string_view kMarker = ".dovetail-goroot";

struct GoRelease {
  fs::path root;
  std::string platform;  // the name of its tool directory, "linux_amd64"
  std::string version;
};

// What the go command on PATH says about itself. Returns what went wrong, or "".
std::string ask_go(GoRelease* release) {
  std::FILE* pipe = ::popen("go env GOROOT GOHOSTOS GOHOSTARCH GOVERSION", "r");
  if (pipe == nullptr) return "cannot start a shell to run go env";
  std::string text;
  char buffer[4096];
  for (size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) text.append(buffer, n);
  int status = ::pclose(pipe);
  std::vector<std::string_view> lines = loader::split(text, '\n');
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || lines.size() < 4 || lines[0].empty()) {
    return "go env GOROOT failed; is a Go release on PATH?";
  }
  release->root = fs::path(lines[0]);
  release->platform = concat(lines[1], "_", lines[2]);
  release->version = lines[3].substr(0, lines[3].find(' '));
  return "";
}

// Where GOROOT is an overlay of ours already (its go command reports it), the release behind it.
fs::path behind_overlay(const fs::path& root) {
  absl::StatusOr<std::string> text = base::read_file((root / kMarker).string());
  if (!text.ok()) return root;
  return fs::path(text->substr(0, text->find('\n')));
}

class Overlay {
 public:
  Overlay(fs::path directory, GoRelease release) : directory_(std::move(directory)), release_(std::move(release)) {}

  // Returns what went wrong, or "".
  std::string make() {
    const fs::path tool = fs::path("pkg") / "tool";
    const fs::path levels[] = {"", "pkg", tool, tool / release_.platform};
    if (!prepare()) return error_;
    for (size_t i = 0; i < std::size(levels); i++) {
      std::string kept = i + 1 < std::size(levels) ? levels[i + 1].filename().string() : "link";
      if (!mirror(levels[i], kept)) return error_;
    }
    fs::path self = fs::read_symlink("/proc/self/exe", code_);
    if (code_) return fail("/proc/self/exe");
    if (!link(self, directory_ / levels[3] / "link")) return error_;
    return "";
  }

 private:
  std::string fail(const fs::path& path) {
    error_ = concat(path.string(), ": ", code_.message());
    return error_;
  }

  // DIR exists afterwards, and bears the marker. Anything that is neither empty nor ours is refused.
  bool prepare() {
    fs::path marker = directory_ / kMarker;
    if (fs::exists(directory_, code_) && !base::file_exists(marker.string())) {
      bool empty = fs::is_empty(directory_, code_);
      if (code_) return fail(directory_), false;
      if (!fs::is_directory(directory_, code_) || !empty) {
        error_ = concat(directory_.string(), ": neither an empty directory nor an overlay made by dovetail goroot");
        return false;
      }
    }
    fs::create_directories(directory_, code_);
    if (code_) return fail(directory_), false;
    std::FILE* out = std::fopen(marker.c_str(), "w");
    bool written = out != nullptr && std::fprintf(out, "%s\n%s\n", release_.root.c_str(), release_.version.c_str()) > 0;
    if (out == nullptr || std::fclose(out) != 0 || !written) {
      error_ = concat(marker.string(), ": cannot be written");
      return false;
    }
    return true;
  }

  // Makes one real directory whose entries are links to those of the release, `kept` excepted.
  bool mirror(const fs::path& level, const std::string& kept) {
    fs::path here = directory_ / level, there = release_.root / level;
    fs::create_directories(here, code_);
    if (code_) return fail(here), false;
    // Links of an earlier run may lead to entries that a newer release has no more.
    std::vector<fs::path> stale;
    for (fs::directory_iterator i(here, code_), end; !code_ && i != end; i.increment(code_)) {
      if (fs::is_symlink(i->symlink_status())) stale.push_back(i->path());
    }
    if (code_) return fail(here), false;
    for (const fs::path& path : stale) {
      if (!fs::remove(path, code_)) return fail(path), false;
    }
    std::vector<fs::path> names;
    for (fs::directory_iterator i(there, code_), end; !code_ && i != end; i.increment(code_)) {
      names.push_back(i->path().filename());
    }
    if (code_) return fail(there), false;
    for (const fs::path& name : names) {
      if (name.string() == kept || name.string() == kMarker) continue;
      // What is there and no link was put there by somebody else (go install of a tool): it stays.
      if (fs::exists(fs::symlink_status(here / name, code_))) continue;
      if (!link(there / name, here / name)) return false;
    }
    return true;
  }

  bool link(const fs::path& target, const fs::path& path) {
    if (fs::exists(fs::symlink_status(path, code_))) fs::remove(path, code_);
    fs::create_symlink(target, path, code_);
    if (code_) return fail(path), false;
    return true;
  }

  fs::path directory_;
  GoRelease release_;
  std::error_code code_;
  std::string error_;
};

}  // namespace

int goroot_main(std::span<char* const> args) {
  if (args.size() != 1 || args[0][0] == '-' || args[0][0] == '\0') {
    return complain("goroot", "wanted one directory; dovetail goroot --help tells more");
  }
  GoRelease release;
  if (std::string error = ask_go(&release); !error.empty()) return complain("goroot", error);
  if (loader::find_release(release.version) == nullptr) {
    return complain("goroot", concat(release.root.string(), " is ", release.version,
                                     ", a Go release that this Dovetail does not know; known are ", loader::known_releases()));
  }
  release.root = behind_overlay(release.root);
  std::error_code code;
  fs::path directory = fs::absolute(args[0], code).lexically_normal();
  if (code) return complain("goroot", concat(args[0], ": ", code.message()));
  if (!directory.has_filename()) directory = directory.parent_path();  // a slash at the end
  std::string error = Overlay(directory, release).make();
  if (!error.empty()) return complain("goroot", error);
  std::string text = concat(directory.string(), ": ", release.version, " of ", release.root.string(),
                            " with this linker; use it with GOROOT=", directory.string(), " go build\n");
  std::fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}

}  // namespace dovetail::linker
