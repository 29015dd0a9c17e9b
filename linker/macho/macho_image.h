// All of a Mach-O executable that is not the content of a section: header, load commands, and where the parts of
// __LINKEDIT stand.
//
//   0             header, load commands (Image::header_size)
//   ...           segments, __DWARF the last
//   __LINKEDIT    rebase opcodes, bind opcodes, symbols, indirect symbols of stubs and of .got, names, signature
//
// cmd/link ld/macho.go asmbMacho, machowrite, machoshbits, doMachoLink, Go 1.26.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diag.h"
#include "linker/image.h"
#include "linker/macho/macho_format.h"

namespace dovetail::linker {

struct MachoInputs {
  const MachoMachine* machine = nullptr;
  bool position_independent = false;
  bool debug = false;  // the file has a segment for debug information
  uint64_t entry = 0;
  base::Bytes uuid;    // of 16 bytes, or none
  std::span<const std::string_view> libraries;
  uint64_t rebase_size = 0, bind_size = 0;
  uint64_t local_symbols = 0, exported_symbols = 0, imported_symbols = 0;
  uint64_t stub_count = 0, got_count = 0;
  uint64_t names_size = 0;
};

struct MachoPlan {
  std::vector<uint8_t> section_number;  // in the file, of Image::sections; 0: none
  std::vector<uint8_t> headers;         // what the file begins with
  uint64_t rebase = 0, bind = 0, symbols = 0, stub_indices = 0, got_indices = 0, names = 0, signature = 0;  // offsets
  uint64_t text_size = 0;               // of __TEXT in the file
  uint64_t file_size = 0;
};

// Numbers of segments as rebase and bind opcodes have them, by SegmentId. REQUIRES: the image is placed.
std::vector<uint8_t> macho_segment_numbers(const Image& image);

// REQUIRES: `image` is final.
MachoPlan plan_macho(const Image& image, const MachoInputs& inputs, base::Diagnostics& diag);

}  // namespace dovetail::linker
