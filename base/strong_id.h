// Ids that cannot be mixed up: a scoped enumeration over uint32_t, with `index`
// to go to a column and back.
#pragma once

#include <cstdint>
#include <type_traits>

namespace dovetail::base {

template <class Id>
  requires std::is_enum_v<Id>
constexpr uint32_t index(Id id) {
  return static_cast<uint32_t>(id);
}

}  // namespace dovetail::base
