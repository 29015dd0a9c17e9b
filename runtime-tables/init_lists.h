// The lists of initialisation records that the runtime works through when it starts.
#pragma once

#include "loader/init_order.h"
#include "loader/symbols.h"

namespace dovetail::runtime_tables {

struct InitLists {
  loader::SymId main = loader::SymId::kNil;     // go:main.inittasks; moduledata points there
  loader::SymId runtime = loader::SymId::kNil;  // go:runtime.inittasks; runtime.runtime_inittasks points there
};

// REQUIRES: what is in `order` was among the roots of mark_live. cmd/link ld/inittask.go, Go 1.26.
InitLists make_init_lists(loader::Program& program, const loader::InitOrder& order);

}  // namespace dovetail::runtime_tables
