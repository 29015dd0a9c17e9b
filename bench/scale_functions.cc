// Packages of functions that call one another. The code generator is that of examples/tinyc, so they are
// functions as a compiler writes them: frames that grow the stack, stack maps, pc tables, lines, a variable
// for debuggers.
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/text.h"
#include "bench/scale_shape.h"
#include "examples/tinyc/codegen.h"

namespace dovetail::bench {
namespace {

using emit::Abi;
using emit::Linkage;
using emit::ObjectBuilder;
using emit::SymbolId;

constexpr uint32_t kDuplicateFunctions = 180, kDuplicateStrings = 200;  // in each package of kDuplicates
constexpr uint32_t kDuplicatesUsed = 4;                                 // of each sort, by each function
constexpr uint32_t kLinesPerFunction = 10;

tinyc::Expression number(int64_t value) {
  tinyc::Expression e;
  e.number = value;
  return e;
}
tinyc::Expression variable(std::string name) {
  tinyc::Expression e;
  e.kind = tinyc::Expression::Kind::kVariable;
  e.name = std::move(name);
  return e;
}
tinyc::Expression call(std::string name) {
  tinyc::Expression e;
  e.kind = tinyc::Expression::Kind::kCall;
  e.name = std::move(name);
  return e;
}
tinyc::Expression binary(tinyc::Op op, tinyc::Expression a, tinyc::Expression b) {
  tinyc::Expression e;
  e.kind = tinyc::Expression::Kind::kBinary;
  e.op = op;
  e.operands = {std::move(a), std::move(b)};
  return e;
}
tinyc::Statement statement(tinyc::Statement::Kind kind, uint32_t line, tinyc::Expression value) {
  tinyc::Statement s;
  s.kind = kind;
  s.line = line;
  s.name = "sum";
  s.value = std::move(value);
  return s;
}

std::string function_name(uint32_t package, uint32_t function) {
  return absl::StrCat(package_path(package), ".F", function);
}

std::vector<uint8_t> noise(uint32_t seed, size_t size) {
  std::vector<uint8_t> out(size);
  uint64_t state = seed;
  for (uint8_t& byte : out) {
    state = state * 6364136223846793005 + 1442695040888963407;
    byte = static_cast<uint8_t>(state >> 56);
  }
  return out;
}

emit::ObjectOptions package_options(const Program& program, uint32_t package) {
  emit::ObjectOptions o;
  o.header = program.header;
  o.package = package_path(package);
  o.fingerprint = package_fingerprint(package);
  o.owns_numbers = true;
  return o;
}

// One package's object while it is made.
class Package {
 public:
  Package(const Program& program, const CallGraph& graph, uint32_t package)
      : program_(program), graph_(graph), package_(package), object_(package_options(program, package)) {}

  absl::StatusOr<std::vector<uint8_t>> archive() {
    uint32_t first = graph_.first_of(package_), end = graph_.end_of(package_);
    for (uint32_t f = first; f < end; f++)
      own_.push_back(object_.declare(function_name(package_, f), Abi::kInternal, Linkage::kPackage));
    file_ = object_.add_file(absl::StrCat("/", package_path(package_), "/functions.x"));
    if (program_.facts->shape == Shape::kDuplicates) {
      if (absl::Status s = add_duplicates(); !s.ok()) return s;
    }
    for (uint32_t f = first; f < end; f++) {
      if (absl::Status s = add_function(f); !s.ok()) return s;
    }
    // Importers have been told that a package's functions are numbered from 0.
    for (uint32_t f = first; f < end; f++) {
      absl::StatusOr<uint32_t> index = object_.package_index(own_[f - first]);
      if (!index.ok()) return index.status();
      if (*index != f - first)
        return absl::InternalError(
            absl::StrCat(function_name(package_, f), ": number ", *index, ", not ", f - first));
    }
    return object_.finish(program_.format, emit::Container::kArchive);
  }

 private:
  absl::Status add_function(uint32_t f) {
    FunctionShape shape;
    shape.name = absl::StrCat("F", f);
    shape.line = 1 + (f - graph_.first_of(package_)) * kLinesPerFunction;
    for (uint32_t callee : graph_.callees_of(f)) shape.callees.push_back(function(callee));
    for (uint32_t i = 0; i < kDuplicatesUsed && !duplicates_.empty(); i++)
      shape.callees.push_back(duplicates_[(f * kDuplicatesUsed + i) % duplicates_.size()]);
    if (program_.facts->shape == Shape::kText)
      shape.statements = program_.facts->unit_bytes / statement_bytes();
    absl::StatusOr<emit::Function> code = make_function(object_, program_, file_, shape);
    if (!code.ok()) return code.status();
    auto keep = [&](SymbolId what) {
      code->relocs.push_back({0, 0, objfmt::RelocKind::kKeep, what, 0, false});
    };
    for (uint32_t i = 0; i < kDuplicatesUsed && !strings_.empty(); i++)
      keep(strings_[(f * kDuplicatesUsed + i) % strings_.size()]);
    if (program_.facts->shape == Shape::kData) keep(large_variable(f));
    object_.define_function(own_[f - graph_.first_of(package_)], *std::move(code));
    return object_.status();
  }

  // What `sum = sum + N` takes.
  uint32_t statement_bytes() const { return program_.goarch == "arm64" ? 28 : 49; }

  SymbolId function(uint32_t f) {
    uint32_t package = graph_.package_of(f);
    if (package == package_) return own_[f - graph_.first_of(package)];
    if (imported_.insert(package).second)
      object_.add_import(package_path(package), package_fingerprint(package));
    return object_.indexed(package_path(package), f - graph_.first_of(package), function_name(package, f));
  }

  SymbolId large_variable(uint32_t f) {
    SymbolId id =
        object_.declare(absl::StrCat(package_path(package_), ".V", f), Abi::kAbi0, Linkage::kPackage);
    emit::Data data;
    data.kind = emit::DataKind::kNoptrdata;
    data.bytes = noise(f, program_.facts->unit_bytes);
    data.go_type = object_.named("type:int");
    object_.define_data(id, std::move(data));
    return id;
  }

  // As instances of generic functions are: the same name, code and lines wherever they are.
  absl::Status add_duplicates() {
    uint32_t file = object_.add_file("/scale/same/functions.x");
    for (uint32_t i = 0; i < kDuplicateFunctions; i++) {
      FunctionShape shape;
      shape.name = absl::StrCat("Same", i);
      shape.line = 1 + i * kLinesPerFunction;
      shape.statements = i % 16;
      absl::StatusOr<emit::Function> code = make_function(object_, program_, file, shape);
      if (!code.ok()) return code.status();
      code->dupok = true;
      duplicates_.push_back(
          object_.declare(absl::StrCat("scale/same.Same", i), Abi::kInternal, Linkage::kNamed));
      object_.define_function(duplicates_.back(), *std::move(code));
    }
    for (uint32_t i = 0; i < kDuplicateStrings; i++)
      strings_.push_back(
          object_.string_bytes(absl::StrFormat("string number %d, which all packages have", i)));
    return object_.status();
  }

  const Program& program_;
  const CallGraph& graph_;
  uint32_t package_, file_ = 0;
  ObjectBuilder object_;
  std::vector<SymbolId> own_, duplicates_, strings_;
  std::set<uint32_t> imported_;
};

}  // namespace

std::string package_path(uint32_t package) { return absl::StrFormat("scale/p%06d", package); }

absl::StatusOr<emit::Function> make_function(ObjectBuilder& object, const Program& program, uint32_t file,
                                             const FunctionShape& shape) {
  tinyc::FunctionSource source;
  source.name = shape.name;
  source.line = shape.line;
  for (uint32_t i = 0; i < shape.parameters; i++) source.parameters.push_back(absl::StrCat("p", i));
  tinyc::Callees callees;
  uint32_t line = shape.line + 1;
  using Kind = tinyc::Statement::Kind;
  auto add = [&](tinyc::Op op, tinyc::Expression operand) {
    source.body.push_back(statement(Kind::kAssign, line++, binary(op, variable("sum"), std::move(operand))));
  };
  source.body.push_back(statement(Kind::kVar, line++, number(1)));
  for (size_t i = 0; i < shape.callees.size(); i++) {
    std::string name = absl::StrCat("f", i);
    callees.emplace(name, tinyc::Callee{0, shape.callees[i]});
    add(tinyc::Op::kAdd, call(std::move(name)));
  }
  for (uint32_t i = 0; i < shape.statements / 2 * 2; i++)
    add(i % 2 == 0 ? tinyc::Op::kAdd : tinyc::Op::kSub, number(shape.line + i / 2));
  source.body.push_back(statement(Kind::kReturn, line, variable("sum")));
  source.end_line = line + 1;
  tinyc::Runtime runtime{object.named("runtime.morestack_noctxt", Abi::kAbi0),
                         object.named("runtime.panicdivide", Abi::kInternal), object.stack_maps({{}})};
  std::unique_ptr<tinyc::Machine> machine = tinyc::make_machine(program.goarch);
  if (machine == nullptr) return absl::UnimplementedError("no code generator for " + program.goarch);
  return tinyc::generate(*machine, source, file, runtime, callees);
}

FunctionPackages::FunctionPackages(const Program& program)
    : program_(program),
      graph_(program.facts->calls, program.units, program.live_units, program.facts->units_per_package) {}

absl::StatusOr<std::vector<uint8_t>> FunctionPackages::archive(uint32_t package) const {
  return Package(program_, graph_, package).archive();
}

absl::StatusOr<std::vector<uint8_t>> FunctionPackages::root() const {
  emit::ObjectOptions options;
  options.header = program_.header;
  options.package = "main";
  ObjectBuilder object(std::move(options));
  object.add_import(package_path(0), package_fingerprint(0));
  SymbolId first = object.indexed(package_path(0), 0, function_name(0, 0));
  absl::StatusOr<emit::Function> code =
      make_function(object, program_, object.add_file("/scale/main/count.x"), {"count", 1, {first}});
  if (!code.ok()) return code.status();
  object.define_function(object.declare("main.count", Abi::kInternal, Linkage::kNamed), *std::move(code));
  return object.finish(program_.format, emit::Container::kObject);
}

uint64_t FunctionPackages::counts() const {
  std::vector<uint64_t> returns(graph_.functions());
  uint64_t own = program_.facts->shape == Shape::kDuplicates ? 1 + kDuplicatesUsed : 1;
  for (uint32_t f = graph_.functions(); f-- > 0;) {
    returns[f] = own;
    for (uint32_t callee : graph_.callees_of(f)) returns[f] += returns[callee];
  }
  return 1 + returns[0];
}

}  // namespace dovetail::bench
