// Hashes by which Go's linkers know equal content-addressed symbols of different objects: the compiler's own
// (cmd/internal/obj/objfile.go contentHash, contentHashSection and sym.go GCLocalsSym, Go 1.26), so that
// symbols made here merge with Go's.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "objfmt/object_view.h"

namespace dovetail::emit {

using ContentHash = std::array<uint8_t, 16>;

// Which part of the program a symbol has to stay in: symbols of different parts have different hashes. 0 if
// it does not matter. `is_pc_table`: it is a table of pcs and values, which has no name.
uint8_t content_section(std::string_view name, bool is_pc_table);

// Symbols of at most 8 bytes, without relocations and of section 0, are known by these bytes.
inline bool has_short_hash(uint64_t size, size_t relocs, uint8_t section) {
  return size <= 8 && relocs == 0 && section == 0;
}

// Where a relocation of a hashed symbol points, by what is the same in every object.
struct HashedTarget {
  enum class Kind : uint8_t { kHashed64, kHashed, kNamed, kBuiltin, kIndexed } kind = Kind::kNamed;
  base::Bytes hash;       // of kHashed64 (8 bytes) and kHashed (16)
  std::string_view text;  // the name of kNamed; the escaped package path of kIndexed
  uint32_t index = 0;     // of kBuiltin and kIndexed
};

class ContentHasher {
 public:
  // `bytes` may be fewer than `size`: the rest is zeros.
  ContentHasher(uint64_t size, uint8_t section, base::Bytes bytes);
  // In ascending order of offsets. Only `reloc.target` is not looked at.
  void add_reloc(const objfmt::Reloc& reloc, const HashedTarget& target);
  ContentHash finish() const;

 private:
  std::string text_;  // what is hashed
};

// The name of the stack map, or other metadata of a frame's words, with these bytes.
std::string gclocals_name(base::Bytes bytes);

// The name of a string constant's bytes (cmd/compile/internal/staticdata/data.go StringSym).
std::string string_symbol_name(std::string_view text);

// The hash in a type's description, of its name with whole package paths (cmd/compile/internal/types
// TypeHash).
uint32_t type_hash(std::string_view link_name);

// A package's path as it stands in names of symbols (cmd/internal/objabi/path.go PathToPrefix): dots behind
// the last slash, and bytes that are no printable ASCII, become %xx.
std::string escape_package_path(std::string_view path);

}  // namespace dovetail::emit
