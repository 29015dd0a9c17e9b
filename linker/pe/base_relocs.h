// .reloc: where an image that may be moved holds addresses.
//
// A block for each page of memory that holds any, ascending: address of the page relative to the image, bytes of the
// block, then for each address a word of kind and offset in the page, and a word of zeros if their number is odd. In a
// block, those of code come first, then those of data by the kind of the symbol that holds them, then by address, then
// in the order of the symbol's relocations; they are not sorted. cmd/link ld/pe.go addPEBaseReloc, Go 1.26.
//
// Scanning an object lists its relocations, eight bytes each; when addresses are known they are dealt to pages.
#pragma once

#include <vector>

#include "base/file.h"
#include "linker/image.h"

namespace dovetail::linker {

class PeBaseRelocs {
 public:
  PeBaseRelocs(Services& sv, const Program& program, const Image& image) : sv_(sv), p_(program), image_(image) {}

  void begin() { found_.resize(p_.in.objects.size()); }
  // Each object once, on any thread. REQUIRES: kinds tell code from data from what has no address.
  void scan_object(uint32_t object);
  // REQUIRES: all objects are scanned, all addresses are given.
  void plan();
  uint64_t size() const { return size_; }
  void write(uint64_t offset, base::Sink sink) const;

 private:
  struct Address {
    SymId symbol;
    uint32_t offset : 31;
    uint32_t wide : 1;  // 8 bytes, not 4
  };
  using List = std::vector<Address>;

  void scan(SymId s, List& list) const;
  uint64_t place(const Address& a) const {
    return p_.syms.value[index(a.symbol)] + a.offset - sv_.options.platform->image_base;
  }
  bool placed(SymId s) const;
  uint32_t rank(SymId s) const;
  void deal();

  Services& sv_;
  const Program& p_;
  const Image& image_;
  std::vector<List> found_;     // by object; the last of symbols that the linker made
  std::vector<uint32_t> pages_; // in addresses_, by page: where its own begin
  List addresses_;
  std::vector<uint64_t> blocks_; // by page: where its block begins
  uint64_t size_ = 0;
};

}  // namespace dovetail::linker
