// The shapes of program that bench/scale_program generates, and what the objects of one program have in
// common.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/call_graph.h"
#include "compiler-emit/object_builder.h"

namespace dovetail::bench {

enum class Shape : uint8_t {
  kDeep,        // a chain of calls through all packages
  kWide,        // one function calls all others
  kPackages,    // many small packages
  kHuge,        // one package
  kDuplicates,  // the same functions and strings in each package
  kMethods,     // types that interfaces hold; half of their methods can be called
  kData,        // large variables
  kText,        // large functions
};

struct ShapeFacts {
  Shape shape;
  std::string_view name;
  Calls calls;
  uint32_t units_per_package;  // functions, or types for kMethods
  uint32_t unit_bytes;         // of kData and kText: what a unit adds to the image; else 0
};
// Null if no shape has this name.
const ShapeFacts* find_shape(std::string_view name);

struct Program {
  const ShapeFacts* facts = nullptr;
  uint32_t units = 1, live_units = 1;  // functions besides duplicates, or types
  std::string header, goarch;          // emit/object_header.h
  emit::ObjectFormat format = emit::ObjectFormat::kGoobj;
};

// Import path of a package, and what its importers write down of it.
std::string package_path(uint32_t package);
inline uint64_t package_fingerprint(uint32_t package) { return uint64_t{package} + 1; }

// The packages of any shape but kMethods.
class FunctionPackages {
 public:
  explicit FunctionPackages(const Program& program);
  uint32_t count() const { return graph_.packages(); }
  absl::StatusOr<std::vector<uint8_t>> archive(uint32_t package) const;
  // The object that joins the main package: `func count() int`, which calls the first function.
  absl::StatusOr<std::vector<uint8_t>> root() const;
  // What count returns: each function returns one more than the sum of what its callees return.
  uint64_t counts() const;

 private:
  const Program& program_;
  CallGraph graph_;
};

// The packages of kMethods.
class TypePackages {
 public:
  explicit TypePackages(const Program& program);
  uint32_t count() const { return graph_.packages(); }
  absl::StatusOr<std::vector<uint8_t>> archive(uint32_t package) const;
  // The object that joins the main package: scale.Table, the address of the addresses of the descriptions of
  // pointers to the live types.
  absl::StatusOr<std::vector<uint8_t>> root() const;
  uint64_t counts() const;
  // The main package's source: it calls the methods that are kept of all types in the table, through an
  // interface.
  std::string source() const;

 private:
  const Program& program_;
  CallGraph graph_;  // for what it says of packages and of what is live
};

// A function of tinyc's language, as a package of the program has it: it returns one more than what its
// callees do.
struct FunctionShape {
  std::string name;  // without the package
  uint32_t line = 1;
  std::vector<emit::SymbolId> callees;
  uint32_t parameters = 0;
  uint32_t statements = 0;  // that add and subtract, to make it larger
};
absl::StatusOr<emit::Function> make_function(emit::ObjectBuilder& object, const Program& program,
                                             uint32_t file, const FunctionShape& shape);

}  // namespace dovetail::bench
