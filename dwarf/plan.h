// The plan of all debug sections.
//
// A section is a sequence of items: symbols of the compiler, which are copied and relocated, and pieces that the linker
// makes. An item is a number of 32 bits, so that the plan of a section costs four bytes for each. Items are laid out
// without gaps; the plan keeps where each block of kBlockSize bytes begins, so that any thread can make any block.
#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/go_deflate.h"
#include "dwarf/dwarf.h"
#include "dwarf/type_dies.h"
#include "dwarf/units.h"

namespace dovetail::dwarf {

enum class SectionId : uint8_t { kAbbrev, kLine, kFrame, kGdbScripts, kInfo, kLocs, kRanges, kAddresses, kCount };
inline constexpr size_t kSectionCount = static_cast<size_t>(SectionId::kCount);

struct Item {
  enum Kind : uint32_t {
    kSymbol,       // number: SymId
    kFixed,        // bytes that are known already; number: in DwarfPlan::fixed
    kFrame,        // number: in DwarfPlan::functions
    kAddressTable, // number: unit
    kConsts,       // number: unit
    kType,         // number: DieId
    kZero,         // one zero byte
  };
  static constexpr uint32_t kNumberBits = 29;
  uint32_t bits = 0;
  Item() = default;
  Item(Kind kind, uint32_t number) : bits(kind << kNumberBits | number) {}
  Kind kind() const { return static_cast<Kind>(bits >> kNumberBits); }
  uint32_t number() const { return bits & ((1u << kNumberBits) - 1); }
};

// The item in which a block's first byte lies, and where that item begins.
struct BlockStart {
  uint32_t item = 0;
  uint64_t offset = 0;
};

struct SectionPlan {
  std::string_view name;
  bool present = true;
  uint64_t size = 0;
  std::vector<Item> items;
  std::vector<BlockStart> blocks;
};

// The compressor's, so that it can ask for any of its blocks.
inline constexpr uint64_t kBlockSize = base::kDeflateBlock;

struct DwarfPlan {
  Target target{};
  UnitScan scan;
  std::vector<uint32_t> unit_order;
  std::vector<SymId> functions;          // with function info, in address order
  std::vector<uint32_t> function_sizes;  // bytes of their code
  std::vector<uint32_t> unit_of_object;
  TypeDies types;
  uint32_t types_offset = 0;             // in .debug_info
  absl::flat_hash_map<uint32_t, DieId> dead_infos;  // by RawId of "go:info.T" that only constants mention; looked up
  std::vector<std::vector<uint8_t>> fixed;
  SectionPlan sections[kSectionCount];

  SectionPlan& section(SectionId id) { return sections[static_cast<size_t>(id)]; }
  const SectionPlan& section(SectionId id) const { return sections[static_cast<size_t>(id)]; }
};

}  // namespace dovetail::dwarf
