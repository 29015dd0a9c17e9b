// .edata: what a program exports by cgo_export_dynamic directives, in the order of its names.
// cmd/link ld/pe.go initdynexport, addexports, Go 1.26.
#pragma once

#include <string_view>
#include <vector>

#include "linker/cgo_directives.h"

namespace dovetail::linker {

struct PeExport {
  SymId symbol;  // kNil: undefined
  std::string_view name;
};

std::vector<PeExport> list_pe_exports(Services& sv, const loader::Program& program, const CgoDirectives& cgo);

// Bytes of the section; `image_name` is the value of -o. Nothing without exports.
uint64_t pe_exports_size(const std::vector<PeExport>& exports, std::string_view image_name);
// `address`: of the section, relative to the image.
std::vector<uint8_t> write_pe_exports(const loader::Program& program, const std::vector<PeExport>& exports,
                                      std::string_view image_name, uint32_t address, uint64_t image_base);

}  // namespace dovetail::linker
