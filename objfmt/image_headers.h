// Headers of Mach-O and PE images as their formats have them, field by field: what ImageView's terms have no room for.
// Names are those of <mach-o/loader.h> and <winnt.h>.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "objfmt/image_view.h"

namespace dovetail::objfmt {

struct HeaderField {
  std::string_view name;
  uint64_t value = 0;
  std::string text = {};  // of a field that is no number
};

struct HeaderRecord {
  std::string name;  // "optional header", "data directory import", "section .text", "LC_SEGMENT_64 __TEXT"
  uint64_t offset = 0, size = 0;  // in the file
  std::vector<HeaderField> fields;
};

// In the file's order, as far as it holds them; none of ELF.
std::vector<HeaderRecord> read_headers(const ImageView& view);

// The load commands of a Mach-O file: calls visit(offset, bytes) for each, of at least 8 bytes. Returns what is wrong with
// the one at which it stopped, or "".
template <class Visit>
std::string for_each_load_command(base::Bytes image, Visit&& visit) {
  constexpr uint64_t kHeader = 32;
  constexpr uint32_t kMost = 1 << 16;  // no linker comes near
  uint64_t at = kHeader;
  uint32_t count = image.size() < kHeader ? 0 : base::load32(image.data() + 16);
  for (uint32_t i = 0; i < count; i++) {
    uint64_t rest = at < image.size() ? image.size() - at : 0;
    uint32_t size = rest < 8 ? 0 : base::load32(image.data() + at + 4);
    if (size < 8 || size > rest || i == kMost) {
      return "load command " + std::to_string(i) + " at " + std::to_string(at) + ": size " + std::to_string(size);
    }
    visit(at, image.subspan(at, size));
    at += size;
  }
  return "";
}

}  // namespace dovetail::objfmt
