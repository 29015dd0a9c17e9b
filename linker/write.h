// One sweep over all live symbols: every byte of code and data is copied and relocated once.
#pragma once

#include "base/file.h"
#include "linker/arch/cpu.h"
#include "linker/place_text.h"
#include "linker/relocate.h"
#include "loader/emit_job.h"

namespace dovetail::linker {

// Writes the segments' bytes. `jobs` make what passes make themselves.
void write_segments(Services& sv, CpuId cpu, const RelocContext& context, const TextPlan& text,
                    const loader::EmitJobs& jobs, base::Sink sink);

}  // namespace dovetail::linker
