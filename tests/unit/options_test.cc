// loader/options.h against the stock linker: the same bad command lines and environments to both, the same text and
// exit status from both. What a good command line gives is checked by value.
#include "loader/options.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/oracle/oracle.h"

namespace {

using namespace dovetail::loader;
namespace oracle = dovetail::oracle;
namespace fs = std::filesystem;

using Words = std::vector<std::string>;
using Variables = std::map<std::string, std::string>;

constexpr char kName[] = "dir/link";  // argv[0] of both
constexpr char kVersion[] = "go1.26.8";

struct Outcome {
  int status = 0;
  std::string out, err;
  bool kept = true;  // the file named "keep", which some command lines name as output
};

// A current directory with the files that the command lines below name.
class Scene {
 public:
  Scene() : before_(fs::current_path()) {
    fs::current_path(dir_.file(""));
    const std::pair<const char*, std::string_view> files[] = {
        {"resp", "-X\nfoo\n"}, {"resp2", "@resp"}, {"trail", "-H\nfoo\\\\bar\\"}, {"newline", "-H\nfoo\\nbar"},
        {"latin", "-H\nf\xffo\\\\\n"}, {"returns", "-H\r\nxx\r\n\r\n"}, {"badly", "a\\qb"}, {"deep", "\n-nope\n"},
        {"cfg0", "foo bar"}, {"cfg1", "packagefile"}, {"cfg2", "packagefile a"}, {"cfg3", "packagefile =b"},
        {"cfg4", "packagefile a="}, {"cfg5", "packageshlib x"}, {"cfg6", "modinfo"}, {"cfg7", "modinfo \"a"},
        {"cfg8", "modinfo \"\\q\""}, {"cfg9", "\n\n# x\n bad\tline x\n"},
        {"cfg10", "packagefile a=b\npackagefile  c=d\nmodinfo `x`\nfrob"}, {"cfg11", "\xc2\xa0" "bad"},
        {"cfg12", "\"quo\x01te\xc3\xa9\xe2\x80\xa8 x"}, {"good", "packagefile a=first\n#\npackagefile b/c=d=e \npackagefile a=last\nmodinfo \"m\\x41\"\n"},
    };
    for (const auto& [name, text] : files) oracle::write_file(name, text);
    fs::create_directory("folder");
  }
  ~Scene() { fs::current_path(before_); }

 private:
  fs::path before_;
  oracle::TempDir dir_;
};

std::string stock_linker() {
  auto root = oracle::output_of(oracle::environment() + "go env GOTOOLDIR");
  return root ? root->substr(0, root->find('\n')) + "/link" : std::string();
}

Outcome run_stock(const std::string& tool, const Words& args, const Variables& env) {
  oracle::write_file("keep", "k");
  std::vector<char*> argv = {const_cast<char*>(kName)};
  for (const std::string& arg : args) argv.push_back(const_cast<char*>(arg.c_str()));
  argv.push_back(nullptr);
  std::vector<std::string> settings = {"HOME=/nonexistent"};
  for (const auto& [name, value] : env) settings.push_back(name + "=" + value);
  std::vector<char*> envp;
  for (std::string& setting : settings) envp.push_back(setting.data());
  envp.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "stock.out", O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addopen(&actions, 2, "stock.err", O_WRONLY | O_CREAT | O_TRUNC, 0600);
  pid_t child = 0;
  int status = -1;
  REQUIRE(posix_spawn(&child, tool.c_str(), &actions, nullptr, argv.data(), envp.data()) == 0);
  REQUIRE(waitpid(child, &status, 0) == child);
  posix_spawn_file_actions_destroy(&actions);
  return {WEXITSTATUS(status), oracle::read_file("stock.out"), oracle::read_file("stock.err"), fs::exists("keep")};
}

BuildConfig config_of(const Variables& env) {
  auto lookup = [&](const char* name) -> const char* {
    auto at = env.find(name);
    return at == env.end() ? nullptr : at->second.c_str();
  };
  return read_build_config(newest_release(), lookup);
}

std::optional<EarlyExit> parse(const Words& args, const Variables& env, Options* options, const char* version = kVersion) {
  Words argv = {kName};
  argv.insert(argv.end(), args.begin(), args.end());
  return parse_options(argv, config_of(env), version, options);
}

// Parses what has to be a good command line.
Options good(const Words& args, const Variables& env = {}, const char* version = kVersion) {
  Options options;
  auto exit = parse(args, env, &options, version);
  INFO((exit ? exit->err : std::string()));
  REQUIRE(!exit);
  return options;
}

void compare(const std::string& tool, const Words& args, const Variables& env = {}) {
  std::string shown;
  for (const auto& [name, value] : env) shown += name + "=" + value + " ";
  for (const std::string& arg : args) shown += "[" + arg + "] ";
  INFO(shown);
  Outcome stock = run_stock(tool, args, env);
  Options options;
  std::optional<EarlyExit> ours = parse(args, env, &options);
  if (!ours) {
    // Ours goes on to link; stock must have got as far as the object, which is not there.
    CHECK(stock.err.find(": cannot open file ") != std::string::npos);
    return;
  }
  CHECK(ours->status == stock.status);
  CHECK(ours->out == stock.out);
  size_t trace = stock.err.find("\n\ngoroutine ");  // a panic: ours has no goroutines to show
  CHECK(ours->err == (trace == std::string::npos ? stock.err : stock.err.substr(0, trace + 1)));
  CHECK((ours->remove_output != "keep") == stock.kept);
}

const char* const kBadNumbers[] = {
    "x", "", "0x", "0x1g", "1_", "_1", "1__0", "0b12", "0o8", "08", "0_", "0x_", "1e3", " 1", "+", "-", "--1", "0X_G",
    "9223372036854775808", "-9223372036854775809", "99999999999999999999999z", "0b2",
};
const char* const kBadRounds[] = {"1", "4095", "4096x", "0x1001", "6000", "-2", "-4096", "0", "0x7fffffffffffffff",
                                  "-9223372036854775808"};
const char* const kBuildIds[] = {"x", "0", "0x1", "0xg", "0xgg", "0x1g", "0x\303\2510", "0x\x80\x81", "gobuildid", "Gobuildid",
                                 "0X12", "0x12\n", "0xabg", "0x1z2", "0x", "0x00"};

// Flags that stop the parser, or the checks behind it.
std::vector<Words> bad_command_lines() {
  std::vector<Words> all = {
      {}, {"--"}, {"---x"}, {"-=x"}, {"--=x"}, {"-nope"}, {"--nope=3"}, {"-help"}, {"--help"}, {"-nope", "-o"}, {"-o"}, {"-B"},
      {"-X"}, {"-X", "foo"}, {"-X", "foo=bar"}, {"-X=a.b"}, {"-X", "a/b.c=d", "-R", "1"}, {"-o", "keep", "-X", "q"},
      {"-race=x"}, {"-w=x"}, {"-v=x"}, {"-v=0x1"}, {"-v=1_0"}, {"-v="}, {"-s="}, {"-s=T", "-s=FALSE", "-s=tRue"}, {"-a=yes"},
      {"-H", "foo"}, {"-H", "a\"b\\c\n\t\xc3\xa9\x01\xe2\x80\x8b"}, {"-H", "DARWIN"}, {"-h", "-H", "foo"}, {"-o", "keep", "-H", "foo"},
      {"-aslr=false"}, {"-aslr=0", "-H", "foo"}, {"-o", "keep", "-aslr=false"}, {"-buildmode", "foo"}, {"-buildmode="},
      {"-linkmode=x"}, {"-linkmode", ""}, {"-extld", "'a"}, {"-extldflags", "a \"b"}, {"-extld", "\"x\"y\""},
      {"-B", "gobuildid", "-buildid=", "x"}, {"-benchmark=x", "x.a"}, {"-benchmark", "a\"", "x"}, {"-o", "keep", "-benchmark", "y", "x"},
      {"-benchmark=mem"}, {"a", "b"}, {"a", "-s"}, {"-s", "a", "b", "c"}, {"--", "a", "b"}, {"-o", "keep", "--", "-s", "y"},
      {"@nofile"}, {"@folder"}, {"@resp"}, {"@resp2"}, {"@trail"}, {"@newline"}, {"@latin"}, {"@returns"}, {"@badly"}, {"@deep"},
      {"-nope", "@nofile"}, {"@"}, {"-importcfg", "nofile"}, {"-importcfg="}, {"-importcfg", "folder"},
      {"-importcfg=cfg0", "-nope"}, {"-nope", "-importcfg=cfg0"}, {"-importcfg", "good"}, {"-o", "keep", "-importcfg", "cfg0"},
      {"-crash_for_testing"}, {"-nope", "-crash_for_testing"}, {"-o", "-crash_for_testing"},
      {"-V"}, {"-V=full"}, {"-V=x"}, {"-V=", "x"}, {"-s", "-V=full", "-nope"}, {"-nope", "-V"}, {"-V", "-nope"}, {"-X", "q", "-V"},
      {"-R", "4096", "-D", "0x1234", "no.a"}, {"-D", "-5", "no.a"}, {"-R=0x10000", "-D=0x1000", "no.a"}, {"-o", "keep", "-D", "5", "no.a"},
      {"-strictdups", "3", "no.a"}, {"-strictdups", "-1", "no.a"}, {"no.a"}, {"-"}, {"-H=", "no.a"}, {"-H=android", "no.a"},
      {"-d", "-w=0", "-T", "0x_1", "no.a"}, {"-v=false", "-strictdups=0b10", "no.a"}, {"-linkmode=internal", "no.a"},
  };
  for (const char* number : kBadNumbers) all.push_back({"-T", number});
  for (const char* number : {"x", "12345678901234567890"}) {
    for (const char* flag : {"-strictdups", "-debugtramp", "-funcalign", "-randlayout"}) all.push_back({flag, number});
  }
  for (const char* number : kBadRounds) all.push_back({"-o", "keep", "-R", number});
  for (const char* number : {"3", "-1", "-4", "6", "0x7fffffff", "-9223372036854775808"}) all.push_back({"-funcalign", number});
  for (const char* id : kBuildIds) all.push_back({"-B", id, "no.a"});
  for (size_t digits : {64, 65, 66}) all.push_back({"-B", "0x" + std::string(digits, '0'), "no.a"});
  for (int i = 0; i <= 12; i++) all.push_back({"-importcfg", "cfg" + std::to_string(i)});
  return all;
}

const std::pair<const char*, const char*> kSettings[] = {
    {"GOAMD64", "v9"}, {"GOARM", "x"}, {"GOARM64", "x"}, {"GOARM64", "v8.0,lse,crypto"}, {"GOARM64", "v8.10"}, {"GOARM64", "v9.6"},
    {"GOMIPS", "x"}, {"GOMIPS64", "x"}, {"GOPPC64", "x"}, {"GORISCV64", "x"}, {"GOWASM", "x\""}, {"GOWASM", "satconv,,signext,q"},
    {"GOEXPERIMENT", "foo"}, {"GOEXPERIMENT", "arenas,nojsonv2,nodwarf5"}, {"GOEXPERIMENT", "none"}, {"GOEXPERIMENT", "noregabi"},
    {"GOEXPERIMENT", "simd,none,loopvar"}, {"GOEXPERIMENT", "noX"}, {"GOEXPERIMENT", "no"}, {"GOEXPERIMENT", "none,,"},
    {"GOFIPS140", "x"}, {"GOFIPS140", "v1.0.0"}, {"GOFIPS140", "v1.0.0-rc1"}, {"GOFIPS140", "v1.0.0-rc"}, {"GOFIPS140", "v1.0.0-12345678"},
    {"GOFIPS140", "v1.0.0-1234567"}, {"GOFIPS140", "v1.x"}, {"GOFIPS140", "inprocess"}, {"GOARCH", "foo"}, {"GOOS", "darwin"},
    {"GOOS", "windows"}, {"GOARCH", "arm64"}, {"GOARCH", "386"}, {"GOARCH", "mipsle"},
};

}  // namespace

TEST_CASE("bad command lines fail as in the stock linker") {
  if (!oracle::have_go()) return;
  Scene scene;
  std::string tool = stock_linker();
  for (const Words& args : bad_command_lines()) compare(tool, args);
}

TEST_CASE("the environment is checked as in the stock linker") {
  if (!oracle::have_go()) return;
  Scene scene;
  std::string tool = stock_linker();
  for (const auto& [name, value] : kSettings) compare(tool, {"-V=full"}, {{name, value}});
  compare(tool, {"-V=full"}, {{"GOOS", "darwin"}, {"GOEXPERIMENT", "dwarf5"}});
  compare(tool, {"-V=full"}, {{"GOARCH", "386"}, {"GOEXPERIMENT", "regabi"}});
  compare(tool, {"-V=full"}, {{"GOARCH", "s390x"}, {"GOEXPERIMENT", "noregabiwrappers"}});
  compare(tool, {"-V=full"}, {{"GOARCH", "s390x"}, {"GOEXPERIMENT", "noregabi"}});
  compare(tool, {"-V"}, {{"GOMIPS", "x"}, {"GOWASM", "y"}, {"GOEXPERIMENT", "z"}});
  compare(tool, {"-V"}, {{"GOEXPERIMENT", "z"}, {"GOFIPS140", "q"}});
  compare(tool, {"-V"}, {{"GOARM64", "x"}, {"GOMIPS", "q"}});
  compare(tool, {"-crash_for_testing"}, {{"GOMIPS", "x"}});
}

TEST_CASE("what is not supported is refused by name, with status 2") {
  const std::pair<Words, const char*> cases[] = {
      {{"-race", "x"}, "-race"},
      {{"-msan", "x"}, "-msan"},
      {{"-asan", "x"}, "-asan"},
      {{"-linkshared", "x"}, "-linkshared"},
      {{"-pluginpath=p", "x"}, "-pluginpath"},
      {{"-buildmode=shared", "a=b", "c=d"}, "-buildmode=shared"},
      {{"-buildmode=c-shared", "-aslr=false", "x"}, "-buildmode=c-shared"},
      {{"-buildmode=c-archive", "x"}, "-buildmode=c-archive"},
      {{"-buildmode=plugin", "x"}, "-buildmode=plugin"},
      {{"-linkmode=external", "x"}, "-linkmode=external"},
      {{"-H", "darwin", "x"}, "-H darwin"},
      {{"-H=windowsgui", "x"}, "-H windowsgui"},
  };
  for (const auto& [args, what] : cases) {
    Options options;
    auto exit = parse(args, {}, &options);
    REQUIRE(exit);
    CHECK(exit->status == 2);
    CHECK(exit->err == std::string(kName) + ": " + what + " is not supported by Dovetail yet; link this with Go's own linker\n");
  }
  for (const Variables& env : {Variables{{"GOOS", "freebsd"}}, {{"GOARCH", "386"}}, {{"GOOS", "windows"}, {"GOARCH", "386"}},
                               {{"GO_EXTLINK_ENABLED", "1"}}}) {
    Options options;
    auto exit = parse({"x"}, env, &options);
    REQUIRE(exit);
    CHECK(exit->status == 2);
    CHECK(exit->err.find("is not supported by Dovetail yet") != std::string::npos);
  }
  for (const char* goos : {"linux", "darwin", "windows"}) {
    for (const char* goarch : {"amd64", "arm64"}) good({"-buildmode=pie", "x"}, {{"GOOS", goos}, {"GOARCH", goarch}});
  }
  good({"-race=false", "-linkmode=internal", "x"}, {{"GO_EXTLINK_ENABLED", "1"}});
  good({"x"}, {{"GO_EXTLINK_ENABLED", "0"}});
}

TEST_CASE("a release that is not known is refused") {
  for (const char* version : {"go1.26.9", "go1.26", "go1.25.3", "devel go1.27-abc", "go1.26.8-custom"}) {
    Options options;
    auto exit = parse({"-V=full"}, {}, &options, version);
    REQUIRE(exit);
    CHECK(exit->status == 2);
    CHECK(exit->err.find(version) != std::string::npos);
    CHECK(exit->err.find("go1.26.0 to go1.26.8") != std::string::npos);
  }
}

TEST_CASE("addresses that flags leave open") {
  auto addresses = [](const Words& args, const Variables& env) {
    Options options = good(args, env);
    return std::pair(options.rounding(), options.text_start());
  };
  CHECK(addresses({"x"}, {}) == std::pair<uint64_t, uint64_t>(0x1000, 0x401000));
  CHECK(addresses({"-R=0x800000", "x"}, {}) == std::pair<uint64_t, uint64_t>(0x800000, 0x801000));
  CHECK(addresses({"x"}, {{"GOARCH", "arm64"}}) == std::pair<uint64_t, uint64_t>(0x10000, 0x11000));
  CHECK(addresses({"-R=0x1000", "x"}, {{"GOARCH", "arm64"}}) == std::pair<uint64_t, uint64_t>(0x1000, 0x11000));
  CHECK(addresses({"-R=0x20000", "x"}, {{"GOARCH", "arm64"}}) == std::pair<uint64_t, uint64_t>(0x20000, 0x21000));
}

TEST_CASE("values") {
  Options options = good({"-T=0x_40_0000", "-R", "0o200000", "--D=0b1_0000_0000_0000_0000", "-v", "-v", "-v=+5", "-w=0", "-s=t", "-r=",
                          "-extldflags", "  -a 'b c'\t\"d'\" ", "-L", "one", "-L=two", "-installsuffix", "s", "-o", "out", "main.a"},
                         {{"GOROOT", "/goroot"}});
  CHECK(options.text_address == 0x400000);
  CHECK(options.round_quantum == 0x10000);
  CHECK(options.data_address == 0x10000);
  CHECK(options.verbose == 5);
  CHECK(options.strip_symbols);
  CHECK(!options.no_dwarf);
  CHECK(options.rpath == "");
  CHECK(options.external_linker_flags == Words{"-a", "b c", "d'"});
  CHECK(options.library_dirs == Words{"one", "two", "/goroot/pkg/linux_amd64_s"});
  CHECK(options.output == "out");
  CHECK(options.arguments == Words{"main.a"});
  CHECK(options.entry_symbol == "_rt0_amd64_linux");
  CHECK(options.build_mode == BuildMode::kExe);
  CHECK(options.program_name == kName);

  options = good({"-s", "main.a"});
  CHECK(options.no_dwarf);
  CHECK(!options.rpath);
  CHECK(options.output == "a.out");
  CHECK(options.compress_dwarf);
  CHECK(options.data_address == -1);
  CHECK(good({"-v=3", "-v", "-v=false", "-v", "x"}).verbose == 1);
  CHECK(good({"--", "-s"}).arguments == Words{"-s"});
}

TEST_CASE("build IDs") {
  CHECK(good({"x"}).gnu_build_id.empty());
  CHECK(good({"-B", "none", "-buildid", "a", "x"}).gnu_build_id.empty());
  CHECK(good({"-B=0x01fF", "-buildid", "a", "x"}).gnu_build_id == std::vector<uint8_t>{1, 255});
  // SHA-256 of "abc" begins ba7816bf; cmd/internal/hash flips its first byte.
  std::vector<uint8_t> id = good({"-buildid=abc", "x"}).gnu_build_id;
  REQUIRE(id.size() == 20);
  CHECK(std::vector<uint8_t>(id.begin(), id.begin() + 4) == std::vector<uint8_t>{0x45, 0x78, 0x16, 0xbf});
  CHECK(good({"-buildid=abc", "-B", "gobuildid", "x"}).gnu_build_id == id);
}

TEST_CASE("string variables keep their first place and their last value") {
  Scene scene;
  Options options = good({"-X", "main.a=1", "-importcfg", "good", "-X=a.b/c.d.e=2=3", "-X", "main.a=4", "x"}, {{"GOROOT", "/r"}});
  std::vector<std::pair<std::string, std::string>> vars;
  for (const StringVar& var : options.string_vars) vars.emplace_back(var.name, var.value);
  CHECK(vars == decltype(vars){{"runtime.defaultGOROOT", "/r"},
                               {"runtime.buildVersion", "go1.26.8"},
                               {"main.a", "4"},
                               {"runtime.modinfo", "mA"},
                               {"a.b/c%2ed.e", "2=3"}});
  CHECK(options.imports.file_of("a") == "last");
  CHECK(options.imports.file_of("b/c") == "d=e");

  // The version may come later, from the first object; a value that was given stays.
  options = good({"x"}, {{"GOEXPERIMENT", "arenas"}}, "");
  CHECK(options.release == nullptr);
  CHECK(!options.set_version("go1.27.0"));
  REQUIRE(options.set_version("go1.26.3"));
  REQUIRE(options.string_vars.size() == 1);
  CHECK(options.string_vars[0].value == "go1.26.3-X:arenas");
  options = good({"-X=runtime.buildVersion=mine", "x"}, {}, "");
  REQUIRE(options.set_version("go1.26.3"));
  CHECK(options.string_vars[0].value == "mine");
  CHECK(good({"-X=runtime.buildVersion=mine", "x"}).string_vars[0].value == "mine");
}

TEST_CASE("the header of objects") {
  auto header = [](const Variables& env) { return header_string(newest_release(), "go1.26.8", config_of(env)); };
  CHECK(header({}) == "go object linux amd64 go1.26.8 GOAMD64=v1 X:regabiwrappers,regabiargs,dwarf5,greenteagc,randomizedheapbase64\n");
  CHECK(header({{"GOAMD64", "v3"}, {"GOEXPERIMENT", "none,simd"}}) ==
        "go object linux amd64 go1.26.8 GOAMD64=v3 X:regabiwrappers,regabiargs,simd\n");
  CHECK(header({{"GOARCH", "arm64"}, {"GOARM64", "v8.1,crypto"}, {"GOOS", "darwin"}}) ==
        "go object darwin arm64 go1.26.8 GOARM64=v8.1,lse,crypto X:regabiwrappers,regabiargs,greenteagc,randomizedheapbase64\n");
}

TEST_CASE("response files without an end have one") {
  Scene scene;
  oracle::write_file("self", "-s\n@self\n");
  for (int i = 0; i < 30; i++) {
    std::string next = "@tree" + std::to_string(i + 1) + "\n";
    oracle::write_file("tree" + std::to_string(i), next + next);
  }
  oracle::write_file("tree30", "");
  for (const char* file : {"@self", "@tree0"}) {
    Options options;
    auto exit = parse({file}, {}, &options);
    REQUIRE(exit);
    CHECK(exit->status == 2);
    CHECK(exit->err.find("response files") != std::string::npos);
  }
}

TEST_CASE("our own options") {
  Tuning tuning;
  CHECK(parse_tuning_list("  --threads=3 --trace=a/b  --schedule-seed=18446744073709551615", &tuning).empty());
  CHECK(tuning.threads == 3);
  CHECK(tuning.trace == "a/b");
  CHECK(tuning.schedule_seed == UINT64_MAX);
  for (const char* bad : {"--threads", "--threads=", "--threads=x", "--threads=-1", "--threads=5000", "--threads=1x", "--trace=", "-s", "x",
                          "--schedule-seed=18446744073709551616"}) {
    CHECK(!parse_tuning(bad, &tuning).empty());
  }
}
