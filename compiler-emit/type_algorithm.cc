#include "compiler-emit/type_algorithm.h"

#include "base/text.h"
#include "compiler-emit/byte_sink.h"

namespace dovetail::emit {
namespace {

SymbolId runtime_function(ObjectBuilder& object, std::string_view name) {
  return object.named(base::concat("runtime.", name), Abi::kInternal);
}

// The runtime's names for the kinds are "strequal", "strhash" and so on.
std::string_view prefix_of(Algorithm a) {
  switch (a) {
    case Algorithm::kMemory:
      return "mem";
    case Algorithm::kString:
      return "str";
    case Algorithm::kInterface:
      return "inter";
    case Algorithm::kEmptyInterface:
      return "nilinter";
    case Algorithm::kFloat32:
      return "f32";
    case Algorithm::kFloat64:
      return "f64";
    case Algorithm::kComplex64:
      return "c64";
    case Algorithm::kComplex128:
      return "c128";
  }
  return {};
}

// `verb`: "equal" or "hash". `closure`: the prefix of function values that hold a size.
SymbolId function_of(ObjectBuilder& object, Algorithm algorithm, uint64_t size, std::string_view verb,
                     std::string_view closure) {
  std::string_view prefix = prefix_of(algorithm);
  if (prefix.empty()) return object.reject(verb, "no such algorithm"), SymbolId::kNone;
  std::string name = base::concat(prefix, verb);
  if (algorithm != Algorithm::kMemory) return object.function_value(runtime_function(object, name));
  for (uint64_t s : {0, 1, 2, 4, 8, 16}) {
    if (size == s) return object.function_value(runtime_function(object, base::concat(name, s * 8)));
  }
  std::vector<uint8_t> bytes;  // the function, and what it captured
  put(bytes, uint64_t{0});
  put(bytes, size);
  return object.closure(base::concat(closure, size), runtime_function(object, base::concat(name, "_varlen")),
                        std::move(bytes));
}

SymbolId generated(ObjectBuilder& object, std::string_view link_name, std::string_view function,
                   std::string_view closure) {
  if (link_name.empty()) return object.reject(closure, "of a type without a name"), SymbolId::kNone;
  SymbolId code = object.named(base::concat(function, link_name), Abi::kInternal);
  return object.closure(base::concat(closure, link_name), code, std::vector<uint8_t>(8));
}

}  // namespace

SymbolId equal_function(ObjectBuilder& object, Algorithm algorithm, uint64_t size) {
  return function_of(object, algorithm, size, "equal", "type:.eqfunc");
}

SymbolId hash_function(ObjectBuilder& object, Algorithm algorithm, uint64_t size) {
  return function_of(object, algorithm, size, "hash", "type:.hashfunc");
}

SymbolId generated_equal(ObjectBuilder& object, std::string_view link_name) {
  return generated(object, link_name, "type:.eq.", "type:.eqfunc.");
}

SymbolId generated_hash(ObjectBuilder& object, std::string_view link_name) {
  return generated(object, link_name, "type:.hash.", "type:.hashfunc.");
}

SymbolId memory_equal(ObjectBuilder& object, uint64_t size) {
  return equal_function(object, Algorithm::kMemory, size);
}

}  // namespace dovetail::emit
