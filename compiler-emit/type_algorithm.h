// The functions that compare and hash values of Go types, as descriptions of types refer to them: function
// values (cmd/compile/internal/reflectdata/alg.go geneq and genhash, Go 1.26). The runtime has them for the
// basic kinds; for structs and arrays of these the Go compiler generates some, which are found by name.
#pragma once

#include <string_view>

#include "compiler-emit/object_builder.h"

namespace dovetail::emit {

enum class Algorithm : uint8_t {
  kMemory,  // all bytes count
  kString,
  kInterface,  // with methods
  kEmptyInterface,
  kFloat32,
  kFloat64,
  kComplex64,
  kComplex128,
};

// A function value that compares two values. The size matters to kMemory only.
SymbolId equal_function(ObjectBuilder& object, Algorithm algorithm, uint64_t size);
// One that hashes a key of a map.
SymbolId hash_function(ObjectBuilder& object, Algorithm algorithm, uint64_t size);

// Those of a type of any other kind, "type:.eq.LINK_NAME" and "type:.hash.LINK_NAME", ABIInternal: defined in
// this object with those names, or by the Go compiler in an object that it wrote.
SymbolId generated_equal(ObjectBuilder& object, std::string_view link_name);
SymbolId generated_hash(ObjectBuilder& object, std::string_view link_name);

// equal_function of kMemory.
SymbolId memory_equal(ObjectBuilder& object, uint64_t size);

}  // namespace dovetail::emit
