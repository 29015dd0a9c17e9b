// The order in which packages are initialised.
//
// Each package that has anything to initialise has a record `P..inittask`, with an R_INITORDER
// relocation to the record of each package that it imports. The runtime runs a list of records
// that the linker makes: every import before its importer, and of those that may run next always
// the one whose symbol name is least in bytes. Records without functions (8 bytes or less) take
// part in ordering and are left out of the list. cmd/link ld/inittask.go, Go 1.26.
//
// This happens before reachability, on symbols as resolved: the lists are roots of it.
#pragma once

#include <vector>

#include "loader/resolve.h"

namespace dovetail::loader {

struct InitTasks {
  bool exists = false;       // the root record does; else no list is made
  std::vector<RawId> tasks;  // canonical, in order
};

struct InitOrder {
  InitTasks main;     // go:main.inittasks
  // go:runtime.inittasks; made only where something mentions `runtime_slice`.
  InitTasks runtime;
  RawId runtime_slice = RawId::kNil;  // runtime.runtime_inittasks, which gets the list's address and length
};

// Reports a cycle to sv.diag; its members are then missing from the lists.
InitOrder schedule_init_tasks(Services& sv, const Inputs& in, const Resolution& res);

}  // namespace dovetail::loader
