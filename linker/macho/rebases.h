// The addresses in the data of a movable image, as opcodes for the system's loader: segment, offset, "once", for each.
//
// They stand kind of data by kind in the order of the layout and each kind's symbols by their numbers, whatever order
// they are laid out in. An entry is as long as its offset needs, so the table's size is known when all addresses are:
// chunks of it are encoded in parallel and kept. cmd/link ld/macho.go machoDyldInfo, ld/data.go dynreloc, Go 1.26.
#pragma once

#include <vector>

#include "linker/address_scan.h"
#include "linker/place_data.h"

namespace dovetail::linker {

class MachoRebases {
 public:
  // REQUIRES: data are not sorted yet.
  MachoRebases(const Program& program, const DataBuckets& buckets, const AddressScan& scan);
  // REQUIRES: all addresses are final. `segment_number`: by SegmentId.
  void encode(base::ThreadPool& threads, const Image& image, const uint8_t* segment_number);
  uint64_t size() const { return size_; }
  void write(uint64_t offset, base::Sink sink) const;

 private:
  const Program& program_;
  const AddressScan& scan_;
  std::vector<SymId> holders_;  // of addresses
  std::vector<std::vector<uint8_t>> chunks_;
  uint64_t size_ = 0;
};

}  // namespace dovetail::linker
