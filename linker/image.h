// The image: segments and sections with their addresses and places in the file.
// Shared by every file format; frozen after place_image.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "loader/symbols.h"

namespace dovetail::linker {

using loader::Program;
using loader::Services;
using loader::SymId;
using loader::SymKind;
using base::index;

// In the order in which addresses are given out (cmd/link ld/data.go address, Go 1.26).
enum class SegmentId : uint8_t { kText, kRodata, kRelrodata, kData, kPdata, kXdata, kDwarf, kCount };

// Unwind tables: each segment is one section.
inline constexpr SegmentId kSegmentsBehindData[] = {SegmentId::kPdata, SegmentId::kXdata};

struct Section {
  std::string name;
  SegmentId segment;
  uint8_t rwx = 0;          // r 4, w 2, x 1
  uint32_t align = 1;
  uint64_t address = 0;
  uint64_t size = 0;        // in memory; zero-filled beyond the segment's file size
  uint64_t file_offset = 0; // of the first byte; meaningless for bss
  bool compressed = false;  // ELF SHF_COMPRESSED
  std::vector<SymId> symbols;  // in address order; empty for text (see TextOrder) and DWARF
};

struct Segment {
  uint8_t rwx = 0;
  uint64_t address = 0, size = 0;        // in memory
  uint64_t file_offset = 0, file_size = 0;
  std::vector<uint32_t> sections;        // indices into Image::sections
};

struct Image {
  std::vector<Section> sections;   // index 0 is unused: Symbols::section 0 means none
  Segment segments[static_cast<int>(SegmentId::kCount)];
  uint64_t header_size = 4096;     // room for file headers and notes before the text (HEADR)
  uint64_t round = 4096;           // -R
  uint64_t file_round = 4096;      // of segments in the file
  uint64_t text_address = 0;       // -T
  const Segment& segment(SegmentId id) const { return segments[static_cast<int>(id)]; }
  Segment& segment(SegmentId id) { return segments[static_cast<int>(id)]; }
};

// Where the data of a segment begin: in the one of text, behind the functions.
inline uint64_t data_address(const Image& image, SegmentId id) {
  const Segment& segment = image.segment(id);
  if (id != SegmentId::kText || segment.sections.empty()) return segment.address;
  const Section& functions = image.sections[segment.sections[0]];
  return functions.address + functions.size;
}
// How long they are in the file.
inline uint64_t data_size(const Image& image, SegmentId id) {
  const Segment& segment = image.segment(id);
  return segment.file_size - std::min(segment.file_size, data_address(image, id) - segment.address);
}

}  // namespace dovetail::linker
