#include "loader/text_order.h"

#include <algorithm>

#include "base/text.h"

namespace dovetail::loader {
namespace {

// Live functions of one object in the order of its definitions: those that are its own, and those that other
// objects may define as well (dupok), among them ones whose official copy lies elsewhere. An initialiser with
// pruned calls counts among the latter: cmd/link has made a copy of it that no object holds.
struct ObjectText {
  std::vector<SymId> own, shared;
};

// Of no object is anything read: that a definition is a function was noted when its record was (resolve_symbols).
ObjectText text_of(const Program& p, uint32_t o) {
  ObjectText text;
  const Object& object = p.in.objects[o];
  const Symbols& s = p.syms;
  auto add = [&](RawId raw, uint32_t local) {
    RawId canonical = p.res.canonical(raw);
    if (!p.is_live(canonical)) return;
    SymId id = p.id(canonical);
    bool here = s.object[index(id)] == o && s.local[index(id)] == local;
    uint32_t flags = s.flags[index(id)];  // of this definition, if it is the one that counts
    bool pruned = here && (flags & objfmt::SymFlags::kPkgInit) &&
                  std::binary_search(p.live.pruned_initialisers.begin(), p.live.pruned_initialisers.end(), canonical);
    (here && !pruned && !(flags & objfmt::SymFlags::kDupok) ? text.own : text.shared).push_back(id);
  };
  uint32_t local = 0;
  for (Object::RawRange range : object.raw_ranges()) {
    p.res.for_text(range.first, range.first + range.count,
                   [&](RawId raw) { add(raw, local + (index(raw) - range.first)); });
    local += range.count;
  }
  return text;
}

}  // namespace

bool is_runtime_package(const Services& sv, std::string_view path) {
  const auto& known = sv.options.release->runtime_packages;
  return std::find(known.begin(), known.end(), path) != known.end();
}

TextOrder order_text(Services& sv, const Program& p) {
  const Inputs& in = p.in;
  std::vector<ObjectText> texts(in.objects.size());
  sv.threads.for_each(in.objects.size(), [&](uint64_t o) { texts[o] = text_of(p, static_cast<uint32_t>(o)); });

  base::Bitmap placed(p.syms.count());
  TextOrder order;
  auto append = [&](const std::vector<SymId>& list, uint32_t library) {
    for (SymId s : list) {
      if (placed.set(index(s))) order.functions.push_back(s), order.libraries.push_back(library);
    }
  };
  std::vector<bool> of_runtime;
  for (const Library& lib : in.libraries) of_runtime.push_back(is_runtime_package(sv, lib.path));
  for (bool runtime : {true, false}) {
    for (uint32_t l : in.postorder) {
      const Library& lib = in.libraries[l];
      if (of_runtime[l] != runtime) continue;
      uint32_t end = lib.first_object + lib.object_count;
      for (uint32_t o = lib.first_object; o < end; o++) append(texts[o].own, l);
      for (uint32_t o = lib.first_object; o < end; o++) append(texts[o].shared, l);
    }
  }

  // By unit, stable: a counting sort over the winner's object.
  order.unit_begin.assign(in.objects.size() + 1, 0);
  for (SymId s : order.functions) order.unit_begin[p.syms.object[index(s)] + 1]++;
  for (size_t o = 0; o < in.objects.size(); o++) order.unit_begin[o + 1] += order.unit_begin[o];
  order.unit_functions.resize(order.functions.size());
  std::vector<uint32_t> next(order.unit_begin.begin(), order.unit_begin.end() - 1);
  for (SymId s : order.functions) order.unit_functions[next[p.syms.object[index(s)]]++] = s;
  return order;
}

}  // namespace dovetail::loader
