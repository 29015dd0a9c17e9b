// One sweep over all live symbols: every byte of code and data is copied and relocated once, straight in the output.
#pragma once

#include "linker/arch/cpu.h"
#include "linker/place_text.h"
#include "linker/relocate.h"
#include "loader/emit_job.h"

namespace dovetail::linker {

// Fills the segments' bytes in `file` (zero before). `jobs` write what passes write themselves.
void write_segments(Services& sv, CpuId cpu, const RelocContext& context, const TextPlan& text,
                    const std::vector<loader::EmitJob>& jobs, base::MutableBytes file);

}  // namespace dovetail::linker
