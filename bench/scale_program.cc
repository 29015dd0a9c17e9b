// scale_program: writes a Go program of a given shape and size, to see how a linker's time and memory grow.
//
//     scale_program SHAPE --like=OBJECT --out=FOLDER [--symbols=N | --bytes=N] [--live=N] [--dense]
//
// The folder, which exists, gets the archive of each package (pNNNNNN.a), root.o, which joins the main
// package, main.go and importcfg, with a line for each package. OBJECT is one of the Go release that will
// link, as for tinyc; it says for which CPU. N symbols are about so many definitions in the archives; --live
// of them, or all, belong to functions (types) that the program reaches. Of shapes data and text the size is
// said in bytes of the image. Standard output is a JSON object: packages, units (functions, or types),
// live_units, definitions, bytes (of archives), prints (what the program writes to standard error, if it is
// right).
//
// Exit status 2: wrong arguments, or a file that cannot be read or written.
#include <algorithm>
#include <cstdio>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/text.h"
#include "bench/scale_shape.h"
#include "objfmt/any_view.h"
#include "objfmt/archive.h"
#include "objfmt/object_text.h"

namespace dovetail::bench {

const ShapeFacts* find_shape(std::string_view name) {
  constexpr uint32_t kAll = 0x7fffffff;
  static constexpr ShapeFacts kShapes[] = {
      {Shape::kDeep, "deep", Calls::kChain, 200, 0},
      {Shape::kWide, "wide", Calls::kStar, 200, 0},
      {Shape::kPackages, "packages", Calls::kTree, 20, 0},
      {Shape::kHuge, "huge", Calls::kTree, kAll, 0},
      {Shape::kDuplicates, "duplicates", Calls::kTree, 20, 0},
      {Shape::kMethods, "methods", Calls::kTree, 25, 0},
      {Shape::kData, "data", Calls::kTree, 16, 256 << 10},
      {Shape::kText, "text", Calls::kTree, 64, 64 << 10},
  };
  for (const ShapeFacts& f : kShapes) {
    if (f.name == name) return &f;
  }
  return nullptr;
}

namespace {

constexpr char kUsage[] =
    "usage: scale_program deep|wide|packages|huge|duplicates|methods|data|text --like=OBJECT --out=FOLDER\n"
    "                     [--symbols=N | --bytes=N] [--live=N] [--dense]";
constexpr uint64_t kMostSymbols = 100'000'000, kMostBytes = 64ull << 30;

struct Arguments {
  const ShapeFacts* facts = nullptr;
  std::string like, out;
  uint64_t symbols = 1000, bytes = 0, live = UINT64_MAX;
  bool dense = false;
};

std::optional<Arguments> parse_arguments(int argc, char** argv) {
  Arguments a;
  for (int i = 1; i < argc; i++) {
    std::string_view word = argv[i], value = word.substr(std::min(word.size(), word.find('=') + 1));
    uint64_t number = 0;
    bool is_number = absl::SimpleAtoi(base::to_absl(value), &number) && number > 0;
    if (word == "--dense") {
      a.dense = true;
    } else if (word.starts_with("--like=")) {
      a.like = value;
    } else if (word.starts_with("--out=")) {
      a.out = value;
    } else if (word.starts_with("--symbols=") && is_number && number <= kMostSymbols) {
      a.symbols = number;
    } else if (word.starts_with("--bytes=") && is_number && number <= kMostBytes) {
      a.bytes = number;
    } else if (word.starts_with("--live=") && is_number) {
      a.live = number;
    } else if (!word.starts_with("-") && a.facts == nullptr) {
      a.facts = find_shape(word);
      if (a.facts == nullptr) return {};
    } else {
      return {};
    }
  }
  if (a.facts == nullptr || a.like.empty() || a.out.empty() || (a.facts->unit_bytes != 0) != (a.bytes != 0))
    return {};
  return a;
}

// Definitions in the one object of an archive.
absl::StatusOr<uint64_t> definitions_in(base::Bytes archive) {
  objfmt::ArchiveReader reader(archive);
  std::optional<objfmt::ArchiveMember> member = reader.next();
  if (!member) return absl::InternalError("an archive without an object");
  std::optional<size_t> begin = objfmt::end_of_object_text(base::as_text(member->contents));
  if (!begin) return absl::InternalError("an object without text in front");
  absl::StatusOr<objfmt::AnyView> view = objfmt::AnyView::parse(member->contents.subspan(*begin));
  if (!view.ok()) return view.status();
  return view->def_count();
}

// How many units have about so many definitions.
template <class Packages>
absl::StatusOr<uint32_t> units_of(const Arguments& a, Program program) {
  const ShapeFacts& facts = *a.facts;
  if (facts.unit_bytes != 0)
    return static_cast<uint32_t>(std::clamp<uint64_t>(a.bytes / facts.unit_bytes, 1, INT32_MAX));
  program.units = program.live_units = std::min<uint32_t>(facts.units_per_package, 1000);
  absl::StatusOr<std::vector<uint8_t>> archive = Packages(program).archive(0);
  if (!archive.ok()) return archive.status();
  absl::StatusOr<uint64_t> definitions = definitions_in(*archive);
  if (!definitions.ok()) return definitions.status();
  return static_cast<uint32_t>(
      std::max<uint64_t>(1, (a.symbols * program.units + *definitions / 2) / *definitions));
}

absl::Status write(const Arguments& a, const std::string& name, std::string_view text) {
  base::Bytes part = base::as_bytes(text);
  return base::write_file(absl::StrCat(a.out, "/", name), std::span(&part, 1));
}

constexpr char kMainSource[] = R"(package main

func count() int

func main() {
	println(count())
}
)";

std::string main_source(const FunctionPackages&) { return kMainSource; }
std::string main_source(const TypePackages& packages) { return packages.source(); }

template <class Packages>
absl::Status generate(const Arguments& a, Program program) {
  absl::StatusOr<uint32_t> units = units_of<Packages>(a, program);
  if (!units.ok()) return units.status();
  program.units = program.live_units = *units;
  uint64_t size = a.facts->unit_bytes != 0 ? a.bytes : a.symbols;
  if (a.live < size)
    program.live_units = std::max<uint32_t>(1, static_cast<uint32_t>(uint64_t{*units} * a.live / size));
  Packages packages(program);
  uint64_t definitions = 0, bytes = 0;
  std::string config;
  for (uint32_t p = 0; p < packages.count(); p++) {
    absl::StatusOr<std::vector<uint8_t>> archive = packages.archive(p);
    if (!archive.ok()) return archive.status();
    absl::StatusOr<uint64_t> in_archive = definitions_in(*archive);
    if (!in_archive.ok()) return in_archive.status();
    definitions += *in_archive;
    bytes += archive->size();
    std::string path = package_path(p), file = path.substr(path.find('/') + 1) + ".a";
    if (absl::Status s = write(a, file, base::as_text(*archive)); !s.ok()) return s;
    absl::StrAppend(&config, "packagefile ", path, "=", a.out, "/", file, "\n");
  }
  absl::StatusOr<std::vector<uint8_t>> root = packages.root();
  if (!root.ok()) return root.status();
  if (absl::Status s = write(a, "root.o", base::as_text(*root)); !s.ok()) return s;
  if (absl::Status s = write(a, "main.go", main_source(packages)); !s.ok()) return s;
  if (absl::Status s = write(a, "importcfg", config); !s.ok()) return s;
  std::printf(
      "{\"packages\": %u, \"units\": %u, \"live_units\": %u, \"definitions\": %llu, \"bytes\": %llu, "
      "\"prints\": %llu}\n",
      packages.count(), program.units, program.live_units, static_cast<unsigned long long>(definitions),
      static_cast<unsigned long long>(bytes), static_cast<unsigned long long>(packages.counts()));
  return absl::OkStatus();
}

absl::Status run(const Arguments& a) {
  absl::StatusOr<std::string> like = base::read_file(a.like);
  if (!like.ok()) return like.status();
  absl::StatusOr<std::string> line = emit::header_line_of(base::as_bytes(*like));
  if (!line.ok()) return line.status();
  absl::StatusOr<emit::ObjectHeader> header = emit::parse_object_header(*line);
  if (!header.ok()) return header.status();
  Program program;
  program.facts = a.facts;
  program.header = header->line;
  program.goarch = header->goarch;
  program.format = a.dense ? emit::ObjectFormat::kDense : emit::ObjectFormat::kGoobj;
  return a.facts->shape == Shape::kMethods ? generate<TypePackages>(a, program)
                                           : generate<FunctionPackages>(a, program);
}

}  // namespace
}  // namespace dovetail::bench

int main(int argc, char** argv) {
  std::optional<dovetail::bench::Arguments> a = dovetail::bench::parse_arguments(argc, argv);
  if (!a) {
    std::fprintf(stderr, "%s\n", dovetail::bench::kUsage);
    return 2;
  }
  absl::Status done = dovetail::bench::run(*a);
  if (done.ok()) return 0;
  std::fprintf(stderr, "scale_program: %s\n", std::string(done.message()).c_str());
  return 2;
}
