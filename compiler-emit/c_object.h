// What stands behind the handles of emit.h, and how what C passes is read.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "compiler-emit/emit.h"
#include "compiler-emit/object_builder.h"

struct dovetail_object {
  dovetail::emit::ObjectBuilder builder;
  std::string error;         // of the interface; the builder has its own
  mutable std::string said;  // what dovetail_error gave
  std::vector<uint8_t> bytes;
};

namespace dovetail::emit {

inline std::string_view text_of(const char* s) {
  return s == nullptr ? std::string_view() : std::string_view(s);
}
// Handles are numbers from 1 on.
inline dovetail_symbol handle(SymbolId id) { return id == SymbolId::kNone ? 0 : base::index(id) + 1; }
inline SymbolId id_of(dovetail_symbol s) { return s == 0 ? SymbolId::kNone : static_cast<SymbolId>(s - 1); }

// Whether things can be added; else the first mistake stays.
inline bool is_open(dovetail_object* o) {
  return o != nullptr && o->error.empty() && o->builder.status().ok();
}
inline int fail(dovetail_object* o, const char* what) {
  if (o != nullptr && is_open(o)) o->error = what;
  return -1;
}
inline int outcome(const dovetail_object* o) { return o->builder.status().ok() && o->error.empty() ? 0 : -1; }

// Arrays as C passes them.
class Arrays {
 public:
  template <class T>
  std::span<const T> of(const T* first, size_t count) {
    if (first == nullptr && count != 0) ok_ = false;
    return first == nullptr ? std::span<const T>() : std::span<const T>(first, count);
  }
  std::vector<uint8_t> bytes(const uint8_t* first, size_t count) {
    std::span<const uint8_t> s = of(first, count);
    return {s.begin(), s.end()};
  }
  std::vector<Relocation> relocs(const dovetail_relocation* first, size_t count) {
    std::vector<Relocation> out;
    for (const dovetail_relocation& r : of(first, count)) {
      out.push_back(
          {r.offset, r.size, static_cast<objfmt::RelocKind>(r.kind), id_of(r.target), r.addend, r.weak != 0});
    }
    return out;
  }
  std::vector<SymbolId> symbols(const dovetail_symbol* first, size_t count) {
    std::vector<SymbolId> out;
    for (dovetail_symbol s : of(first, count)) out.push_back(id_of(s));
    return out;
  }
  std::vector<PcValue> pc_table(const dovetail_pc_table& t) {
    std::vector<PcValue> out;
    for (const dovetail_pc_value& v : of(t.rows, t.count)) out.push_back({v.pc, v.value});
    return out;
  }
  std::vector<CodeRange> ranges(const dovetail_range* first, size_t count) {
    std::vector<CodeRange> out;
    for (const dovetail_range& r : of(first, count)) out.push_back({r.begin, r.end});
    return out;
  }
  bool ok() const { return ok_; }

 private:
  bool ok_ = true;
};

}  // namespace dovetail::emit
