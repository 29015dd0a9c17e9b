// base/gcprog.h against cmd/internal/gcprog: the same bytes for the same calls.
#include "base/gcprog.h"

#include <catch2/catch.hpp>
#include <sstream>
#include <string>

#include "tests/oracle/oracle.h"

namespace {

using dovetail::base::GcProgram;
namespace oracle = dovetail::oracle;

// cmd/internal packages can be imported from within cmd only, so the program is laid over GOROOT.
std::optional<std::string> run_inside_cmd(const std::string& program) {
  const oracle::TempDir dir;
  auto goroot = oracle::output_of(oracle::environment() + "go env GOROOT");
  if (!goroot) return std::nullopt;
  goroot->resize(goroot->find_last_not_of('\n') + 1);
  oracle::write_file(dir.file("overlay.json"),
                     "{\"Replace\":{\"" + *goroot + "/src/cmd/internal/gcprog/oracle/main.go\":\"" +
                         (oracle::folder() / program / "main.go").string() + "\"}}");
  return oracle::output_of("cd " + oracle::shell_word(dir.file("").string()) + " && " +
                           oracle::environment() + "go run -overlay overlay.json cmd/internal/gcprog/oracle");
}

std::vector<uint8_t> from_hex(const std::string& text) {
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i + 1 < text.size(); i += 2)
    bytes.push_back(static_cast<uint8_t>(std::stoi(text.substr(i, 2), nullptr, 16)));
  return bytes;
}

std::string to_hex(const std::vector<uint8_t>& bytes) {
  std::string text;
  for (const uint8_t b : bytes) {
    text += "0123456789abcdef"[b >> 4];
    text += "0123456789abcdef"[b & 15];
  }
  return text;
}

TEST_CASE("GcProgram writes what cmd/internal/gcprog writes") {
  if (!oracle::have_go()) return;
  const auto answer = run_inside_cmd("gcprog");
  REQUIRE(answer);
  std::istringstream lines(*answer);
  int programs = 0;
  for (std::string line; std::getline(lines, line); ++programs) {
    std::istringstream words(line);
    std::vector<uint8_t> ours;
    GcProgram program(ours);
    std::string call;
    uint64_t a = 0;
    uint64_t b = 0;
    while (words >> call && call != "=") {
      words >> a;
      if (call == "z") program.zero_until(a);
      if (call == "p") program.pointer(a);
      if (call == "r" && words >> b) program.repeat(a, b);
      if (call == "m") {
        std::string mask;
        words >> b >> mask;
        program.pointers(a, from_hex(mask), b);
      }
    }
    program.end();
    REQUIRE(program.ok());
    std::string want;
    words >> want;
    INFO(line);
    REQUIRE(to_hex(ours) == want);
  }
  CHECK(programs == 3000);
}

TEST_CASE("GcProgram refuses what corrupt types ask for") {
  const auto after = [](auto calls) {
    std::vector<uint8_t> out;
    GcProgram program(out);
    calls(program);
    return program.ok();
  };
  CHECK(after([](GcProgram& p) { p.pointer(5), p.pointer(6); }));
  CHECK_FALSE(after([](GcProgram& p) { p.pointer(5), p.pointer(5); }));
  CHECK_FALSE(after([](GcProgram& p) { p.zero_until(5), p.zero_until(4); }));
  CHECK_FALSE(after([](GcProgram& p) { p.zero_until(~uint64_t{0}); }));
  CHECK_FALSE(after([](GcProgram& p) { p.pointer(0), p.repeat(uint64_t{1} << 40, uint64_t{1} << 40); }));
  CHECK_FALSE(after([](GcProgram& p) { p.zero_until(100), p.repeat(1, uint64_t{1} << 62); }));
}

}  // namespace
