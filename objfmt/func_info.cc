#include "objfmt/object_view.h"

namespace dovetail::objfmt {

//  args u32, locals u32, funcID u8, funcFlag u8, 2 pad, startLine i32,
//  nfile u32, file u32 x nfile, ninl u32, node x ninl (24 bytes: parent, file,
//  line, func symref, parentPC)
FuncInfo::FuncInfo(base::Bytes blob) {
  if (blob.size() < 24) return;
  uint64_t files = base::load32(&blob[16]);
  uint64_t at = 20 + 4 * files;
  if (blob.size() < at + 4) return;
  uint64_t nodes = base::load32(&blob[at]);
  if (blob.size() < at + 4 + 24 * nodes) return;
  blob_ = blob;
  files_ = static_cast<uint32_t>(files);
  nodes_ = static_cast<uint32_t>(nodes);
}

InlineNode FuncInfo::inline_node(uint32_t i) const {
  const uint8_t* p = &blob_[24 + 4 * size_t{files_} + 24 * size_t{i}];
  return {static_cast<int32_t>(base::load32(p)), base::load32(p + 4), static_cast<int32_t>(base::load32(p + 8)),
          {base::load32(p + 12), base::load32(p + 16)}, static_cast<int32_t>(base::load32(p + 20))};
}

}  // namespace dovetail::objfmt
