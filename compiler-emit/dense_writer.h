// Writes a dense object: the exact inverse of objfmt/dense/view.h.
//
// Everything is added in its order (imports, packages, files, externals; symbols by local index), then
// finish() lays the blocks out. What is added is not copied: names and bytes have to live until then. The
// bytes that come out are a function of what was added, and of the version of zstd if blocks are compressed.
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "objfmt/dense/layout.h"
#include "objfmt/object_view.h"

namespace dovetail::emit {

// A symbol as the formats know it; only a definition has bytes, relocations and auxiliary symbols.
struct SymbolRecord {
  std::string_view name;
  uint8_t kind = 0;  // as goobj's kind byte
  uint16_t abi = 0, flags = 0;
  uint32_t size = 0, align = 0;
  base::Bytes data;
  base::Bytes hash;  // of hashed definitions: 8 or 16 bytes
  std::vector<objfmt::Reloc> relocs;
  std::vector<objfmt::Aux> auxs;
};

struct SymbolCounts {
  uint32_t package_defs = 0, hashed64 = 0, hashed = 0, named_defs = 0, named_refs = 0;
  uint32_t defs() const { return package_defs + hashed64 + hashed + named_defs; }
  uint32_t symbols() const { return defs() + named_refs; }
};

class DenseWriter {
 public:
  DenseWriter(const SymbolCounts& counts, uint32_t object_flags, uint64_t fingerprint)
      : counts_(counts), object_flags_(object_flags), fingerprint_(fingerprint) {}

  void add_import(std::string_view path, uint64_t fingerprint) { imports_.push_back({path, fingerprint}); }
  void add_package(std::string_view path) { packages_.push_back(path); }
  void add_file(std::string_view name) { files_.push_back(name); }
  // A reference to another package's definition whose name tools want to know.
  void add_named_external(objfmt::SymRef ref, std::string_view name);
  void add_ref_flags(objfmt::SymRef ref, uint16_t flags) { ref_flags_.push_back({ref, flags}); }
  void add_symbol(SymbolRecord symbol) { symbols_.push_back(std::move(symbol)); }
  void set_residue(std::vector<uint8_t> bytes) { residue_ = std::move(bytes); }

  // Fails if something does not fit the format: says what.
  absl::StatusOr<std::vector<uint8_t>> finish(bool compress_cold);

 private:
  struct Import {
    std::string_view path;
    uint64_t fingerprint;
  };
  struct RefFlags {
    objfmt::SymRef ref;
    uint16_t flags;
  };
  friend class DenseLayout;

  SymbolCounts counts_;
  uint32_t object_flags_;
  uint64_t fingerprint_;
  std::vector<Import> imports_;
  std::vector<std::string_view> packages_, files_;
  std::vector<objfmt::SymRef> externals_;
  std::vector<std::string_view> external_names_;
  std::vector<RefFlags> ref_flags_;
  std::vector<SymbolRecord> symbols_;
  std::vector<uint8_t> residue_;
};

}  // namespace dovetail::emit
