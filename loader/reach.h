// Reachability: the set of live symbols, a fixpoint that does not depend on the
// order of visits (cmd/link ld/deadcode.go, Go 1.26), so threads may flood together.
#pragma once

#include <vector>

#include "base/bitmap.h"
#include "loader/resolve.h"

namespace dovetail::loader {

struct LiveSet {
  base::Bitmap live;           // by canonical RawId
  base::Bitmap used_in_iface;  // by canonical RawId
  // By RawId of the content: functions that call runtime.deferreturn. Reach sees every relocation anyway; the tables
  // of functions then need not read them again to find those few.
  base::Bitmap defers;
  // By canonical RawId: live, but their index ranges have not been read yet.
  base::Bitmap leaves;
  bool reflect_seen = false;
  // Package initialisers, ascending, of which a weak call goes to runtime.mapinitnoop because its target is dead.
  std::vector<RawId> pruned_initialisers;
};

// A symbol to which the linker adds content before reachability, and what that mentions. (For cmd/link it then
// has no auxiliary symbols to follow, loader/loader.go NAux, Go 1.26. It is a variable: they are its DIE, which
// is in the image all the same and leads to nothing else.)
struct NewContent {
  RawId symbol = RawId::kNil;
  std::vector<RawId> mentions;
};

// `roots` are marked first: the entry symbol, initialisation records, symbols that are exported.
LiveSet mark_live(Services& sv, const Inputs& in, Resolution& res, const std::vector<RawId>& roots,
                  const NewContent& changed = {});

}  // namespace dovetail::loader
