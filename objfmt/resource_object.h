// Resource objects: what windres, llvm-rc and rsrc make of icons, manifests and version texts of a program for Windows.
//
// A COFF object whose only sections with content are .rsrc, or .rsrc$01 (directories) and .rsrc$02 (data). Its
// relocations want addresses of the section, relative to the image. Microsoft's "PE Format"; cmd/link
// loadpe/ldpe.go Load, Go 1.26.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/bytes.h"

namespace dovetail::objfmt {

struct ResourceReloc {
  uint32_t offset;
  uint32_t addend;  // to the address of the section
};

struct ResourceSection {
  std::string_view name;
  base::Bytes data;
  bool split = false;  // .rsrc$NN: what relocations refer to stands behind this section
  std::vector<ResourceReloc> relocs;
};

// Whether the machine's number, the first two bytes, is one that objects for Windows have.
bool is_coff(base::Bytes object);

// The sections, which point into `object`. An object that has more than resources is Unimplemented.
absl::StatusOr<std::vector<ResourceSection>> read_resource_object(base::Bytes object, bool arm64);

}  // namespace dovetail::objfmt
