// What instructions of a function in an object refer to.
//
// Nothing in an object has an address, so its code shows zeros where addresses will be. Here the function's relocations are
// applied as if it stood at 0 and every symbol that it names somewhere behind it; the instructions then say which they mean.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "inspect/dump.h"
#include "inspect/instructions.h"

namespace dovetail::inspect {

class ObjectTargets {
 public:
  // Definition `function` of the object, which outlives this; the reader is left wherever it is.
  ObjectTargets(const DumpObject& object, uint32_t function, InstructionReader& reader);

  // Of the instruction at `pc`; nothing if it refers to nothing. pcs ascend from one call to the next.
  std::optional<std::string> at(uint64_t pc);

 private:
  struct Range {
    uint64_t begin, end;
    std::string name;
  };
  struct Reference {
    uint64_t pc, address;
  };
  std::optional<std::string> describe(uint64_t address) const;

  std::vector<Range> ranges_;  // ascending; the function's first
  std::vector<Reference> references_;
  size_t next_ = 0;
};

}  // namespace dovetail::inspect
