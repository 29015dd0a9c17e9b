// Runs the small Go programs of tests/oracle/, so that tests ask Go itself and not a stored output of ours.
//
// Each program is a folder with one or more .go files. `go run` builds it once and keeps the executable in
// Go's build cache. A program gets its input as files named on its command line, and answers on standard
// output. Without a go 1.26 on the PATH (or through GOTOOLCHAIN) the test says so in a line that starts with
// SKIP:, which ctest counts as skipped.
#pragma once

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

namespace dovetail::oracle {

// tests/oracle in the source tree.
std::filesystem::path folder();

inline std::string shell_word(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

// Standard output of a shell command, or nothing if it fails.
inline std::optional<std::string> output_of(const std::string& command) {
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return std::nullopt;
  std::string out;
  char buffer[1 << 16];
  for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) out.append(buffer, n);
  if (::pclose(pipe) != 0) return std::nullopt;
  return out;
}

// The environment under which every program is built: whatever the caller's flags are, they are not ours.
inline std::string environment() {
  return "CGO_ENABLED=0 GOFLAGS= GOWORK=off GO111MODULE=auto GOOS= GOARCH= ";
}

// True if Go 1.26 can be run; otherwise prints why the test is skipped. REQUIRES: the caller then returns.
inline bool have_go() {
  static const std::string reason = [] {
    const auto version = output_of(environment() + "go env GOVERSION 2>/dev/null");
    if (!version) return std::string("no go on PATH");
    if (version->rfind("go1.26", 0) != 0)
      return "go on PATH is " + version->substr(0, version->find('\n')) + ", not 1.26";
    return std::string();
  }();
  if (reason.empty()) return true;
  std::cout << "SKIP: " << reason << std::endl;
  return false;
}

// Runs tests/oracle/<program> with `arguments`. An empty optional means that Go is there but the program
// failed.
inline std::optional<std::string> run(const std::string& program, const std::string& arguments = {}) {
  return output_of("cd " + shell_word((folder() / program).string()) + " && " + environment() +
                   "go run *.go " + arguments);
}

// A folder that goes away with the object.
class TempDir {
 public:
  TempDir() {
    std::string pattern = (std::filesystem::temp_directory_path() / "dovetail-oracle-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data()) != nullptr ? pattern : ".";
  }
  ~TempDir() {
    std::error_code ignored;
    if (path_ != ".") std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  std::filesystem::path file(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

inline void write_file(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace dovetail::oracle
