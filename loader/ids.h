// The two kinds of symbol number.
//
// RawId numbers every symbol slot of every object: first the package definitions
// of all objects in load order, then their content-addressed and named
// definitions, then their named references. That is the order in which cmd/link
// hands out its symbol indices (loader/loader.go LoadSyms, Go 1.26), so the RawId
// of a symbol's first slot *is* its order key; see docs/order.md. Nothing is
// counted up: a slot's RawId is its object's base plus its local index.
//
// SymId numbers what is live, in ascending order of the order key, followed by
// the symbols that the linker makes, in the order in which it makes them. Hence
// sorting or scanning by SymId is sorting or scanning as cmd/link does by index.
#pragma once

#include <cstdint>

#include "base/strong_id.h"

namespace dovetail::loader {

using base::index;

enum class RawId : uint32_t { kNil = 0 };
enum class SymId : uint32_t { kNil = 0 };

// A slot as its object counts it.
struct Slot {
  uint32_t object = 0;  // index into Inputs::objects
  uint32_t local = 0;   // local index there
  friend bool operator==(const Slot&, const Slot&) = default;
};

}  // namespace dovetail::loader
