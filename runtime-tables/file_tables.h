// runtime.cutab and runtime.filetab: from a function's file number to a file name.
//
// Each unit (object) has a range of cutab, as long as the highest file number that its functions use; an entry
// is the offset of a name in filetab, or ~0 if no function of any unit uses that name. Units stand in the order
// of their first function, names in that of their first use, joined by their text in the object; filetab has
// them expanded. cmd/link ld/pcln.go generateFilenameTabs, Go 1.26.
#pragma once

#include <string>

#include "runtime-tables/func_walk.h"

namespace dovetail::runtime_tables {

struct FileTables {
  std::vector<uint32_t> cutab;
  std::vector<uint32_t> name_offset;  // in filetab, of each name
  std::string names;                  // filetab: copied, since the objects' names lie far apart and are few
};

// The slots of walk.units then hold where each begins in cutab.
FileTables plan_file_tables(Services& sv, FuncWalk& walk);

}  // namespace dovetail::runtime_tables
