// What the loader asks of an object, whatever its format: a closed list of
// questions, written down in docs/object-view.md.
//
// Symbols of one object are numbered densely, in five spaces laid end to end
// (the "local index"): package definitions, 64-bit-hashed definitions, hashed
// definitions, named definitions, named references. Everything that is asked of
// a symbol takes that index; references out of an object are opaque `SymRef`s
// that the loader alone turns into ids.
#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "objfmt/reloc_kind.h"
#include "objfmt/sym_kind.h"

namespace dovetail::objfmt {

// A reference as the object spells it: a package slot (or a special one) and an
// index there. Compare and resolve only within one object.
struct SymRef {
  uint32_t pkg = 0;
  uint32_t sym = 0;
  bool is_nil() const { return pkg == 0; }
  friend bool operator==(const SymRef&, const SymRef&) = default;
};

enum class RefSpace : uint8_t { kNil, kPackage, kSelf, kHashed64, kHashed, kNamed, kBuiltin };

// One relocation, in the order in which the compiler wrote it.
struct Reloc {
  int32_t offset;
  uint8_t size;
  RelocKind kind;  // without the weak bit
  bool weak;
  int64_t addend;
  SymRef target;
  bool is_direct_call() const { return objfmt::is_direct_call(kind); }
};

enum class AuxKind : uint8_t {
  kGotype, kFuncInfo, kFuncdata, kDwarfInfo, kDwarfLoc, kDwarfRanges, kDwarfLines, kPcsp, kPcfile, kPcline,
  kPcinline, kPcdata, kWasmImport, kWasmType, kSehUnwindInfo,
};

struct Aux {
  AuxKind kind;
  SymRef target;
};

// An alignment as a link has it, 0: none. What is negative as an int32 counts as none; what else is no power of two makes
// cmd/link panic. cmd/link loader/loader.go preloadSyms, SetSymAlign, Go 1.26.
inline uint32_t alignment_in_link(uint32_t align) { return align >> 31 ? 0 : align; }
inline bool alignment_ok(uint32_t align) { return (alignment_in_link(align) & (align - 1)) == 0; }

// A symbol's fixed properties.
struct SymFlags {
  static constexpr uint16_t kDupok = 1, kLocal = 2, kTypelink = 4, kLeaf = 8, kNosplit = 16, kReflectMethod = 32,
                            kGotype = 64;
  static constexpr uint16_t kUsedInIface = 1 << 8, kItab = 2 << 8, kDict = 4 << 8, kPkgInit = 8 << 8,
                            kLinkname = 16 << 8, kAbiWrapper = 32 << 8;
};

// Function metadata (goobj.FuncInfo, Go 1.26).
struct InlineNode {
  int32_t parent;
  uint32_t file;  // index into the object's file table
  int32_t line;
  SymRef func;
  int32_t parent_pc;
};

class FuncInfo {
 public:
  FuncInfo() = default;
  explicit FuncInfo(base::Bytes blob);  // invalid if truncated
  bool valid() const { return !blob_.empty(); }
  uint32_t args() const { return base::load32(&blob_[0]); }
  uint32_t locals() const { return base::load32(&blob_[4]); }
  uint8_t func_id() const { return blob_[8]; }
  uint8_t flags() const { return blob_[9]; }
  int32_t start_line() const { return static_cast<int32_t>(base::load32(&blob_[12])); }
  bool top_frame() const { return flags() & 1; }
  uint32_t file_count() const { return files_; }
  uint32_t file(uint32_t i) const { return base::load32(&blob_[20 + 4 * size_t{i}]); }
  uint32_t inline_count() const { return nodes_; }
  InlineNode inline_node(uint32_t i) const;

 private:
  base::Bytes blob_;
  uint32_t files_ = 0, nodes_ = 0;
};

template <class V>
concept ObjectView = requires(const V& v, uint32_t i, SymRef ref) {
  { v.pkgdef_count() } -> std::same_as<uint32_t>;
  { v.hashed64_count() } -> std::same_as<uint32_t>;
  { v.hashed_count() } -> std::same_as<uint32_t>;
  { v.nameddef_count() } -> std::same_as<uint32_t>;
  { v.namedref_count() } -> std::same_as<uint32_t>;
  { v.kind(i) } -> std::same_as<SymKind>;
  { v.flags(i) } -> std::same_as<uint16_t>;
  { v.abi(i) } -> std::same_as<uint16_t>;
  { v.size(i) } -> std::same_as<uint32_t>;
  { v.align(i) } -> std::same_as<uint32_t>;
  { v.name(i) } -> std::same_as<std::string_view>;
  { v.hash64(i) } -> std::same_as<uint64_t>;
  { v.hash(i) } -> std::same_as<const uint8_t*>;
  { v.data(i) } -> std::same_as<base::Bytes>;
  { *v.relocs(i).begin() } -> std::same_as<Reloc>;
  { *v.auxs(i).begin() } -> std::same_as<Aux>;
  { v.package_count() } -> std::same_as<uint32_t>;
  { v.package(i) } -> std::same_as<std::string_view>;
  { v.file_count() } -> std::same_as<uint32_t>;
  { v.file(i) } -> std::same_as<std::string_view>;
  { v.space(ref) } -> std::same_as<RefSpace>;
};

}  // namespace dovetail::objfmt
