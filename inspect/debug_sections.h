// The contents of a section of an image, decompressed if need be.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "objfmt/image_view.h"

namespace dovetail::inspect {

struct SectionContents {
  base::Bytes bytes;  // of the image, or of `storage`; as far as a compressed stream is sound
  std::unique_ptr<std::vector<uint8_t>> storage;
  std::string problem;  // "" if there is none
};
SectionContents section_contents(const objfmt::ImageSection& section);

}  // namespace dovetail::inspect
