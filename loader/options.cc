#include "loader/options.h"

#include <openssl/sha.h>

#include <charconv>
#include <utility>

#include "base/bytes.h"
#include "base/text.h"
#include "loader/flag_parser.h"
#include "loader/go_text.h"

namespace dovetail::loader {
namespace {

using base::concat;

std::string signed_hex(int64_t v) {
  char digits[17];
  uint64_t magnitude = v < 0 ? 0 - static_cast<uint64_t>(v) : static_cast<uint64_t>(v);
  char* end = std::to_chars(digits, digits + sizeof digits, magnitude, 16).ptr;
  return concat("0x", v < 0 ? "-" : "", std::string_view(digits, static_cast<size_t>(end - digits)));
}

bool power_of_two(int64_t n) { return n > 0 && (n & (n - 1)) == 0; }

// The systems that -H names. cmd/internal/objabi/head.go HeadType.Set, Go 1.26.
bool known_head_type(std::string_view name) {
  for (std::string_view known : {"aix", "darwin", "ios", "dragonfly", "freebsd", "js", "linux", "android", "netbsd", "openbsd",
                                 "plan9", "illumos", "solaris", "wasip1", "windows", "windowsgui"}) {
    if (name == known) return true;
  }
  return false;
}

// Whether -H names the system that the link is for.
bool own_head_type(std::string_view name, std::string_view goos) {
  return name.empty() || name == goos || (name == "android" && goos == "linux") || (name == "ios" && goos == "darwin") ||
         (name == "windowsgui" && goos == "windows");
}

// Systems whose calls go through libraries. cmd/link ld/target.go UsesLibc, Go 1.26.
bool uses_libc(std::string_view goos) {
  for (std::string_view known : {"aix", "darwin", "openbsd", "solaris", "windows"}) {
    if (goos == known) return true;
  }
  return false;
}

// cmd/link/main.go, Go 1.26.
bool known_arch(std::string_view name) {
  for (std::string_view known : {"386", "amd64", "arm", "arm64", "loong64", "mips", "mipsle", "mips64", "mips64le", "ppc64",
                                 "ppc64le", "riscv64", "s390x", "wasm"}) {
    if (name == known) return true;
  }
  return false;
}

// The checks of cmd/link behind the parsing of flags, in its order. cmd/link ld/main.go Main, Go 1.26.
class Checker {
 public:
  Checker(Options* options, std::string_view name) : options_(*options), name_(name) {}

  std::optional<EarlyExit> run() {
    if (auto e = check_before_arguments()) return e;
    if (auto e = check_supported()) return e;
    if (options_.build_mode == BuildMode::kUnset) options_.build_mode = BuildMode::kExe;
    if (options_.build_mode == BuildMode::kExe && options_.platform->pie_only) options_.build_mode = BuildMode::kPie;
    if (options_.arguments.size() != 1) return usage("");
    if (options_.output.empty()) options_.output = options_.platform->output;
    if (auto e = check_build_id()) return e;
    if (!options_.benchmark.empty() && options_.benchmark != "mem" && options_.benchmark != "cpu") {
      return usage(concat("unknown benchmark flag: ", go_quote(options_.benchmark), "\n"));
    }
    complete();
    return check_after_output();
  }

 private:
  // Exitf. A panic, where cmd/link has one with -h, is a line here.
  EarlyExit exit(std::string_view text) const {
    return {2, "", concat(name_, ": ", text, "\n", options_.halt_on_error ? "panic: error\n" : ""), options_.output};
  }
  // Errorf (with text) and then usage.
  EarlyExit usage(std::string_view error) const {
    if (!error.empty() && options_.halt_on_error) return {2, "", concat(error, "panic: error\n"), ""};
    return {2, "", concat(error, usage_text()), error.empty() ? std::string() : options_.output};
  }

  std::optional<EarlyExit> check_before_arguments() {
    if (!options_.head_type.empty() && !known_head_type(options_.head_type)) {
      return usage(concat("invalid headtype: ", go_quote(options_.head_type), "\n"));
    }
    if (!options_.aslr && options_.build_mode != BuildMode::kCShared) {
      return usage("-aslr=false is only allowed for -buildmode=c-shared\n");
    }
    if (options_.disable_dynamic && uses_libc(options_.config.goos)) {
      return exit(concat("dynamic linking required on ", options_.config.goos, "; -d flag cannot be used"));
    }
    int64_t round = options_.round_quantum;
    if (round != -1 && (round < 4096 || !power_of_two(round))) return exit(concat("invalid -R value ", signed_hex(round)));
    if (options_.function_align != 0 && !power_of_two(options_.function_align)) {
      return exit(concat("invalid -funcalign value ", options_.function_align));
    }
    options_.no_dwarf = options_.no_dwarf_flag == Ternary::kUnset ? options_.strip_symbols
                                                                  : options_.no_dwarf_flag == Ternary::kTrue;
    return std::nullopt;
  }

  EarlyExit refuse(std::string_view what) const {
    return exit(concat(what, " is not supported by Dovetail yet; link this with Go's own linker"));
  }

  std::optional<EarlyExit> check_supported() {
    const BuildConfig& config = options_.config;
    options_.platform = find_platform(config.goos, config.goarch);
    if (options_.platform == nullptr) {
      return refuse(concat("GOOS=", config.goos, " GOARCH=", config.goarch));
    }
    if (!own_head_type(options_.head_type, config.goos)) return refuse(concat("-H ", options_.head_type));
    switch (options_.build_mode) {
      case BuildMode::kUnset:
      case BuildMode::kExe:
      case BuildMode::kPie: break;
      case BuildMode::kCArchive: return refuse("-buildmode=c-archive");
      case BuildMode::kCShared: return refuse("-buildmode=c-shared");
      case BuildMode::kShared: return refuse("-buildmode=shared");
      case BuildMode::kPlugin: return refuse("-buildmode=plugin");
    }
    if (options_.link_mode == LinkMode::kExternal) return refuse("-linkmode=external");
    if (options_.link_mode == LinkMode::kAuto && config.extlink_enabled == "1") {
      return refuse("external linking (GO_EXTLINK_ENABLED=1)");
    }
    RefusedFlag flag = first_refused_flag(options_);
    if (flag.is_profile) {
      return exit(concat("-", flag.name, " is not supported by Dovetail: it profiles Go's own linker; "
                         "-benchmark=cpu prints time and memory of each phase, DOVETAIL_FLAGS=--trace=FILE writes them"));
    }
    if (!flag.name.empty()) return refuse(concat("-", flag.name));
    return std::nullopt;
  }

  // cmd/link ld/elf.go addbuildinfo, Go 1.26.
  std::optional<EarlyExit> check_build_id() {
    std::string& value = options_.host_build_id;
    if (value.empty() && !options_.build_id.empty()) value = "gobuildid";
    if (value.empty() || value == "none") return std::nullopt;
    bool uuid = options_.platform->format == FileFormat::kMachO;
    if (value == "gobuildid") {
      if (options_.build_id.empty()) return exit("-B gobuildid requires a Go build ID supplied via -buildid");
      unsigned char sum[SHA256_DIGEST_LENGTH];
      SHA256_CTX context;  // not SHA256(): that one loads OpenSSL's providers first, 2 ms
      SHA256_Init(&context);
      SHA256_Update(&context, options_.build_id.data(), options_.build_id.size());
      SHA256_Final(sum, &context);
      sum[0] ^= 0xff;  // cmd/internal/hash Sum32
      options_.gnu_build_id.assign(sum, sum + 20);
      if (uuid) {  // that of a hash, cmd/link ld/macho_update_uuid.go uuidFromGoBuildId, Go 1.26
        options_.gnu_build_id.resize(16);
        options_.gnu_build_id[6] = (sum[6] & 0x0f) | 0x30;
        options_.gnu_build_id[8] = (sum[8] & 0x3f) | 0xc0;
      }
      return std::nullopt;
    }
    if (!value.starts_with("0x")) return exit(concat("-B argument must start with 0x: ", value));
    std::string_view digits = std::string_view(value).substr(2);
    size_t most = uuid ? 16 : 32;
    if (digits.size() / 2 > most) return exit(concat("-B option too long (max ", most, " digits): ", value));
    return decode_build_id(digits);
  }

  // encoding/hex DecodeString: the first bad digit is the complaint, also where the number of digits is odd.
  std::optional<EarlyExit> decode_build_id(std::string_view digits) {
    auto digit = [](char c) {
      return c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
    };
    std::vector<uint8_t> bytes;
    for (size_t i = 0; i < digits.size(); i++) {
      int v = digit(digits[i]);
      if (v < 0) {
        std::string shown;
        base::append_rune(shown, static_cast<unsigned char>(digits[i]));
        return exit(concat("-B argument contains invalid hex digit ", shown, ": ", options_.host_build_id));
      }
      if (i % 2 == 0) {
        bytes.push_back(static_cast<uint8_t>(v << 4));
      } else {
        bytes.back() = static_cast<uint8_t>(bytes.back() | v);
      }
    }
    if (digits.size() % 2 != 0) {
      return exit(concat("-B argument must have even number of digits: ", options_.host_build_id));
    }
    options_.gnu_build_id = std::move(bytes);
    return std::nullopt;
  }

  // cmd/link ld/lib.go libinit, Go 1.26.
  void complete() {
    const BuildConfig& config = options_.config;
    if (!config.goroot.empty()) {
      std::string suffix = options_.install_suffix.empty() ? "" : concat("_", options_.install_suffix);
      options_.library_dirs.push_back(concat(config.goroot, "/pkg/", config.goos, "_", config.goarch, suffix));
    }
    if (options_.entry_symbol.empty()) options_.entry_symbol = concat("_rt0_", config.goarch, "_", config.goos);
  }

  // What cmd/link finds when it has opened the output, so that an older one is gone.
  std::optional<EarlyExit> check_after_output() {
    auto quantum = static_cast<int64_t>(options_.rounding());
    int64_t data = options_.data_address;
    bool known = options_.round_quantum != -1 || !options_.platform->late_addresses;
    if (data != -1 && known && data % quantum != 0) {
      return exit(concat("invalid -D value ", signed_hex(data), ": not aligned to rounding quantum ", signed_hex(quantum)));
    }
    if (options_.strict_duplicates < 0 || options_.strict_duplicates > 2) {
      return EarlyExit{1, "", concat("link: invalid -strictdups flag value ", options_.strict_duplicates, "\n"), options_.output};
    }
    return std::nullopt;
  }

  Options& options_;
  std::string_view name_;
};

std::string_view base_name(std::string_view path) {
  size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace

uint64_t Options::rounding() const {
  return round_quantum != -1 ? static_cast<uint64_t>(round_quantum) : platform->rounding;
}

uint64_t Options::text_start() const {
  if (text_address != -1) return static_cast<uint64_t>(text_address);
  return base::round_up(platform->image_base, rounding()) + platform->text_offset;
}

bool Options::set_version(std::string_view v) {
  const Release* found = find_release(v);
  if (found == nullptr) return false;
  version = v;
  release = found;
  if (build_version_pending) {
    build_version_pending = false;
    for (StringVar& var : string_vars) {
      if (var.name == "runtime.buildVersion") var.value = build_version(*release, version, config);
    }
  }
  return true;
}

std::optional<EarlyExit> parse_options(std::span<const std::string> args, const BuildConfig& config,
                                       std::string_view version, Options* options) {
  std::string_view name = args.empty() ? std::string_view("link") : args[0];
  if (!config.error.empty()) return EarlyExit{2, "", concat(base_name(name), ": ", config.error, "\n"), ""};
  if (!known_arch(config.goarch)) {
    return EarlyExit{2, "", concat("link: unknown architecture ", go_quote(config.goarch), "\n"), ""};
  }
  for (const std::string& arg : args) {
    if (arg == "-crash_for_testing") return EarlyExit{2, "", "", ""};
  }
  options->config = config;
  options->program_name = name;
  FlagParser parser(options, name);
  if (auto e = parser.parse(args, version)) return e;
  return Checker(options, name).run();
}

std::string parse_tuning(std::string_view word, Tuning* tuning) {
  auto number = [&](std::string_view option, uint64_t limit, uint64_t* value) -> std::string {
    std::string_view text = word.substr(option.size());
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
    if (error != std::errc() || end != text.data() + text.size() || *value > limit) {
      return concat(word, ": wanted a number up to ", limit);
    }
    return "";
  };
  uint64_t value = 0;
  if (word.starts_with("--threads=")) {
    std::string error = number("--threads=", 1024, &value);
    if (error.empty()) tuning->threads = static_cast<unsigned>(value);
    return error;
  }
  if (word.starts_with("--schedule-seed=")) return number("--schedule-seed=", UINT64_MAX, &tuning->schedule_seed);
  if (word.starts_with("--trace=") && word.size() > 8) {
    tuning->trace = word.substr(8);
    return "";
  }
  return concat(word, ": unknown option; known are --threads=N, --trace=FILE, --schedule-seed=N");
}

std::string parse_tuning_list(std::string_view words, Tuning* tuning) {
  for (std::string_view word : split(words, ' ')) {
    if (word.empty()) continue;
    if (std::string error = parse_tuning(word, tuning); !error.empty()) return error;
  }
  return "";
}

}  // namespace dovetail::loader
