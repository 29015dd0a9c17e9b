// `dovetail convert --to=dense|goobj [--compress=cold] IN OUT`: objects and archives from one format to the
// other.
#include "compiler-emit/convert.h"

#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "linker/cli/commands.h"

namespace dovetail::linker {
namespace {

using base::concat;

constexpr std::string_view kUsage =
    "usage: dovetail convert --to=FORMAT [--compress=cold] IN OUT\n"
    "Rewrites the Go objects of a file, an archive or a single object, in another format; all else is kept.\n"
    "  --to=dense       what docs/dense-object-format.md describes\n"
    "  --to=goobj       what the compiler writes; an object that came from there is again what it was\n"
    "  --compress=cold  with --to=dense: names and debug information as zstd frames\n"
    "OUT may be IN. Exit status: 0 done, 2 usage, or a file that cannot be read, written or converted.\n";

// Returns what is wrong, or "".
std::string parse_option(std::string_view word, emit::ConvertOptions* options, bool* chosen) {
  if (word == "--to=dense" || word == "--to=goobj") {
    options->to = word == "--to=dense" ? emit::ObjectFormat::kDense : emit::ObjectFormat::kGoobj;
    *chosen = true;
    return "";
  }
  if (word == "--compress=cold" || word == "--compress=none") {
    options->compress_cold = word == "--compress=cold";
    return "";
  }
  return concat("unknown option ", word, "; dovetail convert --help lists them");
}

}  // namespace

int convert_main(std::span<char* const> args) {
  emit::ConvertOptions options;
  bool chosen = false;
  std::vector<std::string> files;
  for (std::string_view word : args) {
    if (word == "--help") return std::fwrite(kUsage.data(), 1, kUsage.size(), stdout), 0;
    if (!word.starts_with("--")) {
      files.emplace_back(word);
      continue;
    }
    if (std::string error = parse_option(word, &options, &chosen); !error.empty())
      return complain("convert", error);
  }
  if (!chosen) return complain("convert", "wanted --to=dense or --to=goobj");
  if (files.size() != 2) return complain("convert", "wanted a file to read and one to write");
  absl::StatusOr<base::MappedFile> in = base::MappedFile::open(files[0]);
  if (!in.ok()) return complain("convert", concat(files[0], ": ", in.status().message()));
  absl::StatusOr<emit::Converted> out = emit::convert_file(in->bytes(), options);
  if (!out.ok()) return complain("convert", concat(files[0], ": ", out.status().message()));
  std::signal(SIGXFSZ, SIG_IGN);  // the write fails
  const base::Bytes parts[] = {out->bytes};
  if (absl::Status s = base::replace_file(files[1], parts); !s.ok()) {
    return complain("convert", concat(files[1], ": ", s.message()));
  }
  return 0;
}

}  // namespace dovetail::linker
