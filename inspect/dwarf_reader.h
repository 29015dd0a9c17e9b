// libdwarf over sections that we have in memory (dwarf_object_init_b).
#pragma once

#include <libdwarf.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/bytes.h"

namespace dovetail::inspect {

struct DwarfSection {
  std::string name;
  uint64_t address;
  base::Bytes bytes;
};

class DwarfReader {
 public:
  // The bytes outlive the reader.
  static absl::StatusOr<std::unique_ptr<DwarfReader>> open(std::vector<DwarfSection> sections);
  DwarfReader(const DwarfReader&) = delete;
  DwarfReader& operator=(const DwarfReader&) = delete;
  ~DwarfReader();

  Dwarf_Debug debug() const { return debug_; }

 private:
  explicit DwarfReader(std::vector<DwarfSection> sections);

  std::vector<DwarfSection> sections_;
  Dwarf_Obj_Access_Interface access_;
  Dwarf_Debug debug_ = nullptr;
};

}  // namespace dovetail::inspect
