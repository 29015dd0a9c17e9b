// The debug sections, in the order of the file.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace dovetail::dwarf {

enum class SectionId : uint8_t { kAbbrev, kLine, kFrame, kGdbScripts, kInfo, kLocs, kRanges, kAddresses, kCount };
inline constexpr size_t kSectionCount = static_cast<size_t>(SectionId::kCount);

// A place in each section, or a size.
using Extent = std::array<uint64_t, kSectionCount>;
// Where each section's bytes go.
using SectionBytes = std::array<uint8_t*, kSectionCount>;
inline uint64_t& at(Extent& e, SectionId id) { return e[static_cast<size_t>(id)]; }
inline uint64_t at(const Extent& e, SectionId id) { return e[static_cast<size_t>(id)]; }

}  // namespace dovetail::dwarf
