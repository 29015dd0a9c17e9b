// One of the two images that `dovetail diff` compares, with the names of its addresses, and when an address in one
// means the same as an address in the other.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "inspect/named_image.h"

namespace dovetail::linker::diff {

using namespace inspect;

class Image : public NamedImage {
 public:
  // Both images must be named from the same source, or nothing would have the same name.
  Image(const objfmt::ImageView& view, std::string path, bool use_symtab)
      : NamedImage(view, use_symtab), path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  // Is the address in a section that both images lay out alike? There, two addresses are the same or not;
  // names do not make up for a difference.
  bool is_fixed(uint64_t address) const;

  // Finds the sections that both images lay out alike.
  static void mark_fixed_sections(Image& a, Image& b);

 private:
  std::string path_;
  std::vector<bool> fixed_;  // by section
};

// Do both addresses mean the same thing? The same offset in ranges of the same name; the same bytes, where
// parts have no names: in go:string.*, runtime.gcbits.*, and behind the end of a symbol.
bool same_target(const Image& a, uint64_t address_a, const Image& b, uint64_t address_b);

// "main.work+0x2a (0x49f42a)", with both names or both addresses if they differ.
std::string where(const Image& a, uint64_t address_a, const Image& b, uint64_t address_b);

}  // namespace dovetail::linker::diff
