// tinyc: compiles integer functions into a .syso member of a Go package.
//
//     tinyc -p PACKAGE -like OBJECT [--goarch=amd64|arm64] [-goobj] -o FILE SOURCE
//
// PACKAGE is the import path of the Go package, which declares the functions without bodies. OBJECT is any
// object or archive of the Go release that will link (`go tool asm -p x -o x.o x.s` writes one): its first
// line says which release that is, and for which architecture; --goarch makes sure of it. Exit status 1:
// SOURCE is wrong; 2: anything else.
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>

#include "absl/strings/str_cat.h"
#include "codegen.h"

namespace {

namespace emit = dovetail::emit;
using namespace tinyc;

struct Arguments {
  std::string package, like, output, source, goarch;
  bool goobj = false;
};

std::optional<Arguments> parse_arguments(int argc, char** argv) {
  Arguments a;
  for (int i = 1; i < argc; i++) {
    std::string_view word = argv[i];
    std::string* value = word == "-p"      ? &a.package
                         : word == "-like" ? &a.like
                         : word == "-o"    ? &a.output
                                           : nullptr;
    if (word == "-goobj") {
      a.goobj = true;
    } else if (word.starts_with("--goarch=")) {
      a.goarch = word.substr(9);
    } else if (value != nullptr && i + 1 < argc) {
      *value = argv[++i];
    } else if (!word.starts_with("-") && a.source.empty()) {
      a.source = word;
    } else {
      return {};
    }
  }
  if (a.package.empty() || a.like.empty() || a.output.empty() || a.source.empty()) return {};
  return a;
}

std::optional<std::string> read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return {};
  return std::string(std::istreambuf_iterator<char>(in), {});
}

// The names, and that each is there once.
absl::StatusOr<Callees> declare(emit::ObjectBuilder& object, std::string_view package,
                                const std::vector<FunctionSource>& functions) {
  Callees callees;
  for (const FunctionSource& f : functions) {
    if (f.parameters.size() > kMostParameters)
      return absl::InvalidArgumentError(absl::StrCat(f.line, ": more than ", kMostParameters, " parameters"));
    if (callees.contains(f.name))
      return absl::InvalidArgumentError(absl::StrCat(f.line, ": ", f.name, " is there twice"));
    std::string name = emit::escape_package_path(package) + "." + f.name;
    emit::SymbolId symbol = f.has_body ? object.declare(name, emit::Abi::kInternal, emit::Linkage::kNamed)
                                       : object.named(name, emit::Abi::kInternal);
    callees[f.name] = {f.parameters.size(), symbol};
  }
  return callees;
}

absl::StatusOr<std::vector<uint8_t>> compile(const Arguments& a, const emit::ObjectHeader& header,
                                             std::string_view text) {
  auto in_source = [&](const absl::Status& s) {
    return absl::InvalidArgumentError(absl::StrCat(a.source, ":", s.message()));
  };
  absl::StatusOr<std::vector<FunctionSource>> functions = parse(a.source, text);
  if (!functions.ok()) return functions.status();
  emit::ObjectOptions options;
  options.header = header.line;
  options.package = a.package;
  emit::ObjectBuilder object(std::move(options));
  uint32_t file = object.add_file(a.source);
  absl::StatusOr<Callees> callees = declare(object, a.package, *functions);
  if (!callees.ok()) return in_source(callees.status());
  // morestack saves no registers and so has the other ABI; the arguments are saved around it.
  Runtime runtime{object.named("runtime.morestack_noctxt", emit::Abi::kAbi0),
                  object.named("runtime.panicdivide", emit::Abi::kInternal), object.stack_maps({{}})};
  for (const FunctionSource& f : *functions) {
    if (!f.has_body) continue;
    std::unique_ptr<Machine> machine = make_machine(header.goarch);
    absl::StatusOr<emit::Function> code = generate(*machine, f, file, runtime, *callees);
    if (!code.ok()) return in_source(code.status());
    object.define_function(callees->at(f.name).symbol, *std::move(code));
  }
  return object.finish(a.goobj ? emit::ObjectFormat::kGoobj : emit::ObjectFormat::kDense,
                       emit::Container::kObject);
}

int fail(int status, std::string_view what) {
  std::fprintf(stderr, "%.*s\n", static_cast<int>(what.size()), what.data());
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  std::optional<Arguments> a = parse_arguments(argc, argv);
  if (!a) return fail(2, "usage: tinyc -p PACKAGE -like OBJECT [--goarch=GOARCH] [-goobj] -o FILE SOURCE");
  std::optional<std::string> like = read(a->like), text = read(a->source);
  if (!like) return fail(2, a->like + ": cannot be read");
  if (!text) return fail(2, a->source + ": cannot be read");
  absl::StatusOr<std::string> header =
      emit::header_line_of({reinterpret_cast<const uint8_t*>(like->data()), like->size()});
  if (!header.ok()) return fail(2, absl::StrCat(a->like, ": ", header.status().message()));
  absl::StatusOr<emit::ObjectHeader> parsed = emit::parse_object_header(*header);
  if (!parsed.ok()) return fail(2, absl::StrCat(a->like, ": ", parsed.status().message()));
  if (!make_machine(parsed->goarch) || (!a->goarch.empty() && a->goarch != parsed->goarch))
    return fail(2, absl::StrCat(a->like, ": is of ", parsed->goarch, a->goarch.empty() ? "" : ", not of ",
                                a->goarch));
  absl::StatusOr<std::vector<uint8_t>> bytes = compile(*a, *parsed, *text);
  if (!bytes.ok()) return fail(1, std::string(bytes.status().message()));
  std::ofstream out(a->output, std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes->data()), static_cast<std::streamsize>(bytes->size()));
  out.close();
  if (!out) return fail(2, a->output + ": cannot be written");
  return 0;
}
