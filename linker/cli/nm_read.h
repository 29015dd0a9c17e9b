// The symbols of an object or an image, as `dovetail nm` and go tool nm see them. Text and JSON are made of the same
// table (nm.cc).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "base/text_arena.h"
#include "inspect/members.h"

namespace dovetail::linker {

struct NmSymbol {
  std::string_view name;
  uint64_t address = 0;  // in an object: where its data lies, counted from the goobj's magic
  int64_t size = 0;
  char code = '?';               // the letter that nm prints
  const char* kind = "none";     // what the object or the symbol table calls it
  std::string_view section = {};  // of an image
};

// The symbols of one member, in the order in which go tool nm sorts them by address before anything else.
struct NmTable {
  std::vector<NmSymbol> symbols;
  std::vector<uint8_t> goobj;  // what a dense object was made from; names lie in it
  base::TextArena names;       // and here those that are put together
};
absl::StatusOr<NmTable> read_nm_table(const inspect::Member& member);

}  // namespace dovetail::linker
