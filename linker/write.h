// One sweep over all live symbols: every byte of code and data is copied and relocated once.
#pragma once

#include <array>

#include "base/column.h"
#include "base/file.h"
#include "linker/arch/cpu.h"
#include "linker/place_text.h"
#include "linker/relocate.h"
#include "loader/emit_job.h"

namespace dovetail::linker {

// The text segment: what stands in it behind the functions.
inline constexpr SegmentId kDataSegments[] = {SegmentId::kText, SegmentId::kRodata, SegmentId::kRelrodata, SegmentId::kData, SegmentId::kPdata,
                                              SegmentId::kXdata};
// Their bytes, by SegmentId.
using DataBytes = std::array<base::Column<uint8_t>, static_cast<size_t>(SegmentId::kCount)>;

// Writes the functions, makes the data. `jobs` make what passes make themselves.
DataBytes write_functions(Services& sv, CpuId cpu, const RelocContext& context, const TextPlan& text,
                          const loader::EmitJobs& jobs, base::Sink sink);
// On the calling thread: a file takes one write at a time.
void write_data(const Image& image, const DataBytes& data, base::Sink sink);

}  // namespace dovetail::linker
