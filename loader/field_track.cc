#include "loader/field_track.h"

namespace dovetail::loader {

bool tracks_fields(const Services& sv) {
  return sv.options.config.experiments.has(*sv.options.release, "fieldtrack");
}

std::string tracked_fields(Services& sv, const Inputs& in, const Resolution& res, const InitOrder& inits,
                           const DirectedSymbols& directed) {
  if (sv.options.field_track.empty() || res.lookup(sv.options.field_track, 0) == RawId::kNil) return {};
  constexpr uint32_t kDead = ~0u;
  SerialFlood flood(sv, in, res, inits, directed);
  // The first counts, also for a root, so that no chain comes back to where it was.
  std::vector<uint32_t> parent(flood.node_count(), kDead);
  flood.run([&](uint32_t from, uint32_t node) {
    if (parent[node] == kDead) parent[node] = from;
  });
  std::string text;
  for (uint32_t i = 1; i < in.raw_count; i++) {
    if (parent[i] == kDead) continue;
    std::string_view name = flood.name(i);
    if (!name.starts_with(kTrackPrefix)) continue;
    text += name.substr(kTrackPrefix.size());
    // What is live from its creation on has nobody who reached it.
    for (uint32_t p = parent[i]; p != 0 && p != kDead; p = parent[p]) {
      text += '\t';
      text += flood.name(p);
    }
    text += '\n';
  }
  return text;
}

}  // namespace dovetail::loader
