// std::string_view with Abseil. Debian's Abseil has a string_view of its own, so
// StrCat and the hash containers do not take the standard one.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "base/name_hash.h"

namespace dovetail::base {

inline absl::string_view to_absl(std::string_view s) { return {s.data(), s.size()}; }

template <class T>
decltype(auto) as_alpha_num(const T& v) {
  if constexpr (std::is_same_v<T, std::string_view>) {
    return to_absl(v);
  } else {
    return (v);
  }
}

// absl::StrCat, of std::string_view too.
template <class... T>
std::string concat(const T&... parts) {
  return absl::StrCat(as_alpha_num(parts)...);
}

// For absl hash containers with std::string_view keys (never iterated).
struct TextHash {
  size_t operator()(std::string_view s) const { return hash_name(s, 0).lo; }
};

}  // namespace dovetail::base
